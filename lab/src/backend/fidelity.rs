//! What the lab repairs so that every backend answers as AWS does.
//!
//! | behaviour of AWS | repaired on |
//! |---|---|
//! | `MillisBehindLatest` is above 0 while records are still to come | embedded |
//! | the end of a closed shard: no next iterator, and its `ChildShards` | embedded, LocalStack |
//! | `ListShards` filters shards, | embedded, LocalStack |
//! | and goes on from a `NextToken` alone | embedded |
//! | a shard is split or merged once | embedded; LocalStack gives another error |
//! | `PutRecords` takes 1 to 500 records | LocalStack |
//! | an iterator that is no iterator is an `InvalidArgumentException` | LocalStack |
//! | so is a sequence number of another shard | LocalStack |
//! | an iterator begins at or after its record, if that is the first one of its shard too | LocalStack |
//! | changing a key inside a transaction cancels it with `ValidationError` | embedded; LocalStack misplaces the reason |
//! | so does an update that does not fit the item: `ADD` to a string, `missing + :one` | LocalStack |
//! | `EXISTS` is the condition check of a PartiQL transaction | embedded |
//! | an `INSERT` of an item that is there is a `DuplicateItemException` | LocalStack |
//! | the message of an `IdempotentParameterMismatchException` can be read | embedded, LocalStack |
//! | a table's time to live is switched on once | embedded, LocalStack |
//! | numbers have no trailing zeros | LocalStack |
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

/// The repairs of one backend.
#[derive(Default)]
pub(crate) struct Fidelity {
    shards: kinesis::Shards,
}

impl Fidelity {
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
            Service::DynamoDb => dynamodb::answer(backend, request).await,
        }
    }
}
