//! Read a shard.
//!
//! Kinesis hands out a shard page by page. A page may be empty though records lie ahead, the iterator may expire between
//! two pages, and a shard may come to its end for ever. Whatever happens, each record is read once, in order.

use aws_sdk_kinesis::Client;

/// Whatever went wrong: the reader ends with it, and another one begins at the same position.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A record of the shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place in the shard: 56 digits or so.
    pub sequence_number: String,
    /// What the producer put there.
    pub data: Vec<u8>,
}

/// How far a reader came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The shard is open, and there is nothing more to read at present.
    CaughtUp,
    /// The shard was split or merged, and its last record is read: nothing will ever come after it.
    Closed,
}

/// Reads the records of a shard up to its present end, oldest first, each once.
///
/// It begins after the record whose sequence number is `position`, which belongs to this shard; without a position it
/// begins at the oldest record there is.
///
/// A page may hold fewer records than asked for, or none, while more lie ahead. A page is the last one
///
/// - where it has no `NextShardIterator`: then the shard is closed, [`End::Closed`];
/// - where it has one and its `MillisBehindLatest` is 0: then the reader has caught up, [`End::CaughtUp`].
///
/// An iterator lives for five minutes. An `ExpiredIteratorException` is no reason to end: go on with a new iterator.
/// The client repeats what was throttled or got no answer, two more times.
///
/// # Errors
///
/// Whatever else AWS refuses. Records that have been read by then are not returned: another reader begins at `position`.
pub async fn read(
    kinesis: &Client,
    stream: &str,
    shard_id: &str,
    position: Option<&str>,
) -> Result<(Vec<Record>, End), Error> {
    todo!(
        "read page after page, and go on with a new iterator where one has expired: \
         {shard_id} of {stream} after {position:?}, client {kinesis:p}"
    )
}
