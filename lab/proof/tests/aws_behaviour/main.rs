//! What lessons lean on: each behaviour of AWS, as code under test meets it through the SDK.
//!
//! Runs on the backend that `LAB_BACKEND` names. Where an emulator differs from what AWS documents, the lab
//! repairs it, or a test here is red.

mod batches;
mod conditions;
mod harness;
mod partiql;
mod reads;
mod shards;
mod stream_faults;
mod streams;
mod table_faults;
mod transactions;
mod values;
