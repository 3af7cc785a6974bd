//! expect: OVER BUDGET after no-fault
//!
//! Does not begin to count anew after a save: from the first one on, every event is saved.

/// When to save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    pub events: u32,
    pub seconds: u64,
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Processed,
    Tick,
    Shutdown,
}

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
        let saves = moment != Moment::Tick && is_due;
        if saves {
            self.oldest_seconds = now_seconds;
        }
        saves
    }
}
