//! expect: STUCK after no-fault
//!
//! Keeps both times in 32 bits: when these begin again, the newer one is the smaller one, and the worker ends.

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
    oldest: u32,
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
        let now = now_seconds as u32;
        if moment == Moment::Processed {
            if self.unsaved == 0 {
                self.oldest = now;
            }
            self.unsaved += 1;
        }
        let due = self.unsaved > 0
            && (moment == Moment::Shutdown
                || self.unsaved >= self.interval.events
                || u64::from(now - self.oldest) >= self.interval.seconds);
        if due {
            self.unsaved = 0;
        }
        due
    }
}
