//! expect: DUPLICATE after no-fault
//!
//! Takes a time of 0 for "none yet". A clock counts from anywhere, and an event at 0 does not count as the oldest.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    pub events: u32,
    pub seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Processed,
    Tick,
    Shutdown,
}

#[derive(Clone, Debug)]
pub struct Policy {
    interval: Interval,
    unsaved: u32,
    oldest: u64,
}

impl Policy {
    pub fn new(interval: Interval) -> Self {
        Self {
            interval,
            unsaved: 0,
            oldest: 0,
        }
    }

    pub fn saves(&mut self, moment: Moment, now_seconds: u64) -> bool {
        if moment == Moment::Processed {
            if self.oldest == 0 {
                self.oldest = now_seconds;
            }
            self.unsaved += 1;
        }
        let due = self.unsaved > 0
            && (moment == Moment::Shutdown
                || self.unsaved >= self.interval.events
                || now_seconds - self.oldest >= self.interval.seconds);
        if due {
            self.unsaved = 0;
            self.oldest = 0;
        }
        due
    }
}
