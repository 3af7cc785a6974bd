//! Decide when to save: the reference.

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

// ANCHOR: policy
/// What a worker remembers in order to decide.
#[derive(Clone, Debug)]
pub struct Policy {
    interval: Interval,
    /// Events processed since the last save.
    unsaved: u32,
    /// When the first of them was processed.
    oldest_seconds: u64,
}

impl Policy {
    /// The policy of a worker that begins: everything before it is saved.
    pub fn new(interval: Interval) -> Self {
        Policy {
            interval,
            unsaved: 0,
            oldest_seconds: 0,
        }
    }

    /// Whether to save now.
    pub fn saves(&mut self, moment: Moment, now_seconds: u64) -> bool {
        if moment == Moment::Processed {
            if self.unsaved == 0 {
                self.oldest_seconds = now_seconds;
            }
            self.unsaved += 1;
        }
        let age_seconds = now_seconds - self.oldest_seconds;
        let is_due = moment == Moment::Shutdown
            || self.unsaved >= self.interval.events
            || age_seconds >= self.interval.seconds;
        let saves = self.unsaved > 0 && is_due;
        if saves {
            self.unsaved = 0;
        }
        saves
    }
}
// ANCHOR_END: policy
