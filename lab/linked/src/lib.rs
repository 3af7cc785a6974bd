//! The lab as a check links it. Where there is a shared library of it, that is what the linker takes.

#![forbid(unsafe_code)]

pub use lab::*;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
use lab_dylib as _;
