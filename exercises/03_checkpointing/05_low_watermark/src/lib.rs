//! Save behind work that finishes out of order.
//!
//! To handle a record takes seconds, most of them spent waiting. So a worker handles up to four at a time, and they
//! finish in any order. The saved position is still one number: whoever reads next begins after it. The worker may
//! crash between any two calls, and nothing may be lost.
//!
//! Of the crates for asynchronous code, `tokio` and `futures_util` are there.

mod worker;

pub use worker::{Error, Record, Worker};

/// How many records may be in flight at one time.
pub const IN_FLIGHT: usize = 4;

/// Handles what [`Worker::read`] gives, and saves the position behind it. Read once; nothing new arrives meanwhile.
///
/// - Up to [`IN_FLIGHT`] records are being handled at one time, never more. Begin them in their order. All in all they
///   take at most two thirds of the time that they would take one after another.
/// - A saved position covers only records that are handled, each of them and each before it. It never goes back. In the
///   end it is the last record.
/// - Save as the work proceeds. One save each time the position can move is enough, however far it moves. Fewer are enough
///   too, if there is at least one for every 5 records of the shard. More saves than records are too many. So the budget is
///   2 calls and 2 capacity units for each record, and as much for the read. You may await a save before anything else
///   goes on.
///
/// # Errors
///
/// What [`Worker::handle`] or [`Worker::save`] said. A record that cannot be handled stops the shard there: those before
/// it are handled and saved, it and those after it are not saved, and its error is returned. Of several it is the first in
/// the order of the shard, whichever you hear of first. Records after it that are in flight may finish or not, and so may
/// any that you begin before you hear of it.
pub async fn process(worker: &Worker) -> Result<(), Error> {
    todo!(
        "handle up to four records at a time, and save the end of the prefix without a gap: {worker:p}"
    )
}
