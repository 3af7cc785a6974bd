//! Decide when to save.
//!
//! A worker processes events, and saves its position now and then. A save is a write, which costs money. What was
//! processed after the last save is processed again after a crash.

/// When to save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// At the latest when so many events are not saved yet; at least 1.
    pub events: u32,
    /// At the latest when the oldest event that is not saved was processed so many seconds ago; at least 1.
    /// `u64::MAX` stands for "however long ago": then the events decide alone.
    pub seconds: u64,
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// An event has just been processed.
    Processed,
    /// Time has passed, perhaps without any event. Each second begins with a tick, and may bring more of them.
    Tick,
    /// The worker is about to end, as planned. Nothing comes after it.
    Shutdown,
}

/// What a worker remembers in order to decide. The fields are yours.
#[derive(Clone, Debug)]
pub struct Policy {}

impl Policy {
    /// The policy of a worker that begins: everything before it is saved.
    pub fn new(interval: Interval) -> Self {
        todo!("remember what is needed to keep the interval: {interval:?}")
    }

    /// Whether to save now. The worker does so at once where the answer is yes, and then everything is saved.
    ///
    /// Save at the first moment at which the interval asks for it, and at a shutdown; but never where nothing has been
    /// processed since the last save: an idle stream costs no writes. And never before it is needed.
    ///
    /// `now_seconds` is the time of this moment. It never goes back, and counts from anywhere: 0 and 2^40 are times, too.
    pub fn saves(&mut self, moment: Moment, now_seconds: u64) -> bool {
        todo!("decide whether to save: {self:?}, {moment:?}, {now_seconds}")
    }
}
