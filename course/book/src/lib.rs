//! The course's book: builds it with mdBook's own libraries, serves it and checks its links.
//!
//! Whatever mdBook would only log (a file that is not there, a tag left open) fails the build here,
//! with the file, the line and the reason.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod build;
mod crashes;
mod diagram;
mod directive;
mod exercise;
mod expand;
mod hints;
mod html;
mod include;
pub mod links;
mod markdown;
mod page;
mod path;
pub mod preprocessor;
mod problem;
mod progress;
mod quiz;
mod readme;
pub mod root;
pub mod serve;
mod snapshot;
mod warnings;
pub mod watch;

pub use problem::{Problem, Problems};
