//! expect: STUCK after no-fault
//!
//! Counts in 8 bits: the 256th event that is not saved ends the worker.

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
    unsaved: u8,
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
        let now = now_seconds;
        if moment == Moment::Processed {
            if self.unsaved == 0 {
                self.oldest = now;
            }
            self.unsaved += 1;
        }
        let due = self.unsaved > 0
            && (moment == Moment::Shutdown
                || u32::from(self.unsaved) >= self.interval.events
                || now - self.oldest >= self.interval.seconds);
        if due {
            self.unsaved = 0;
        }
        due
    }
}
