//! The AWS SDK for DynamoDB: all of it, under its own name.
//!
//! rustc compiles the body of an async function in each crate that awaits it. So a learner's crate would compile the SDK's
//! way to send a request: nine tenths of what there is to compile after an edit, and not optimised. What a crate that it
//! depends on has compiled already, it takes from there. This is that crate.

#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod calls;

pub use sdk::*;
