//! What the lab repairs so that every backend answers as AWS does.
//!
#![doc = include_str!("fidelity.md")]
//!
//! Neither emulator has conflicts between transactions or stale reads: those are faults, see [`crate::fault`].
//!
//! What still differs, since no lesson leans on it: the words of error messages; capacity units in answers (the lab
//! counts its own); LocalStack's `EndingSequenceNumber` of a closed shard, and the point at which it cuts the hash
//! keys of two shards. And neither takes its time: on AWS a stream is `UPDATING` for a while after a split, here it
//! is `ACTIVE` at once.

mod dynamodb;
mod kinesis;
mod transactions;

use super::{Backend, Kind, NoAnswer};
use crate::request::{Request, Response, Service};
use serde_json::Value;

/// The repairs of one backend.
#[derive(Default)]
pub(crate) struct Fidelity {
    shards: kinesis::Shards,
    tables: dynamodb::Tables,
}

impl Fidelity {
    /// Whether nothing is under way that would end after some more requests.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.tables.is_at_rest()
    }

    /// What `backend` holds against each action of a transaction, which is not carried out.
    pub(crate) async fn reasons(
        &self,
        backend: &Backend,
        request: &Request,
    ) -> Result<Vec<Value>, NoAnswer> {
        transactions::reasons(backend, request).await
    }

    /// Answers `request` from `backend` as AWS would.
    pub(crate) async fn answer(
        &self,
        backend: &Backend,
        request: &Request,
    ) -> Result<Response, NoAnswer> {
        if backend.kind() == Kind::Aws {
            return backend.answer(request).await;
        }
        match request.service {
            Service::Kinesis => self.shards.answer(backend, request).await,
            Service::DynamoDb => self.tables.answer(backend, request).await,
        }
    }
}
