//! Read a shard to its end.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::Record;

/// Whatever went wrong: the worker ends with it, and another one begins at the position that was saved last.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Where a reader has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The shard is open, and there is nothing more in it at present.
    CaughtUp,
    /// The shard is closed, and will never hold more. Its records go on in these shards.
    Closed {
        /// The ids of the shards that follow it.
        children: Vec<String>,
    },
}

/// Hands each record of a shard to `handle`: those after `position`, which is a sequence number, or all of them if there is
/// none; oldest first, each once.
///
/// - The position is younger than the stream's retention. What an older one does is not documented: a caller compares the
///   ages first.
/// - A page may hold fewer records than there are, and none at all, although more are to come.
/// - A shard iterator lives for five minutes. One that has expired is refused with an `ExpiredIteratorException`: get
///   another one, and go on after the last record that was handled. That is no reason to end, at however many pages it
///   happens: a slow `handle` may meet one at each. Where new ones are refused again and again, with no page in between,
///   you may give up.
/// - A closed shard ends where a page comes without a `NextShardIterator`, whatever else it says. That page names the
///   `ChildShards`.
/// - An open shard never ends. You have caught up where there is a next iterator and `MillisBehindLatest` is 0. If that
///   page held records, you may look once more.
///
/// # Errors
///
/// Whatever else keeps a record from being read, at once or after a few more tries. What was handled before stays handled.
pub async fn drain(
    kinesis: &Client,
    stream: &str,
    shard_id: &str,
    position: Option<&str>,
    handle: &mut dyn FnMut(&Record),
) -> Result<End, Error> {
    let _ = handle;
    todo!(
        "get an iterator, and read page after page: \
         {shard_id} of {stream} after {position:?}, client {kinesis:p}"
    )
}
