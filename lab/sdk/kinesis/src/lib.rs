//! The AWS SDK for Kinesis, all of it, under its own name, for the reason that `lab-sdk-dynamodb` gives.

#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod calls;

pub use sdk::*;
