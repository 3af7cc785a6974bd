//! The lab, the AWS SDK and the embedded backend as one shared library.
//!
//! A check that links them statically takes half a second for that, after each edit. A check that finds them here takes a
//! tenth of it. Nobody but `lab-linked` names this crate.

#![forbid(unsafe_code)]

use lab as _;
