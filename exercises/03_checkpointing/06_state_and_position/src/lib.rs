//! Save counts with their position.
//!
//! A worker counts page views in windows of a minute. Views come out of order. A window stays open for a while, and then it
//! closes, its count is final, and views that come later still are not counted. The worker may crash between any two calls,
//! and may be replaced while it only stalls. Its counts and its position survive together: at every moment the tables hold
//! exactly what the records up to the position come to.
//!
//! Three tables, each with a string as its key. Add the attributes that you need.
//!
//! - `windows`: `windowStart`, the second at which the window begins, as a text; and `count`, a number. The windows that are
//!   open and have a view. One item for each, since an item holds no more than 400 KB. Whoever scans or queries them may get
//!   them in several pages, however few they are.
//! - `results`: the same attributes. The windows that have closed and had a view.
//! - `checkpoints`: `shardId`, and `sequenceNumber`, a text: that of the last record that is done, as Kinesis gave it.

mod source;

pub use source::{Error, Record, SHARD, Source};

use aws_sdk_dynamodb::Client;

/// How long a window is. The window of a view begins at its time, rounded down to a multiple of this.
pub const WINDOW_SECONDS: i64 = 60;

/// How long a window stays open after its end. Whether a view is late is decided by its window, and not by its own time.
pub const LATENESS_SECONDS: i64 = 30;

/// The full names of the tables: on a shared account they carry a prefix.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The table `windows`.
    pub windows: String,
    /// The table `results`.
    pub results: String,
    /// The table `checkpoints`.
    pub checkpoints: String,
}

/// Counts the views that come after the shard's position, up to the present end of the shard.
///
/// For each record, one after the other:
///
/// - The *watermark* is the latest `at_seconds` of all records so far, this one included, less [`LATENESS_SECONDS`].
/// - A window is closed as soon as the watermark has reached its end, `windowStart` + [`WINDOW_SECONDS`]. Then its count moves
///   from `windows` to `results`.
/// - A view whose window is closed is not counted. It moves the position all the same.
///
/// Several records may share a transaction. It takes no more than 100 actions, no two of them on the same item, and the shard
/// may hold more than that.
///
/// The position moves only from where this worker knows it to be. If it is elsewhere, another worker has moved it: end with
/// an error. Who returns `Ok` is not started again before more records have arrived.
///
/// # Errors
///
/// Whatever keeps a record from being counted. The worker ends with it, and another one calls this function again.
pub async fn count(source: &Source, dynamodb: &Client, tables: &Tables) -> Result<(), Error> {
    todo!(
        "load position and state, count each record, and move both in one transaction: \
         {}, {tables:?}, client {dynamodb:p}",
        source.page_views
    )
}
