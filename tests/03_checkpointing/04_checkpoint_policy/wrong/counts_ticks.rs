//! expect: DUPLICATE after no-fault
//!
//! Counts ticks and takes them for seconds. There may be two in a second.

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
    ticks: u64,
}

impl Policy {
    pub fn new(interval: Interval) -> Self {
        Self {
            interval,
            unsaved: 0,
            ticks: 0,
        }
    }

    pub fn saves(&mut self, moment: Moment, now_seconds: u64) -> bool {
        let _ = now_seconds;
        if moment == Moment::Processed {
            self.unsaved += 1;
        }
        if self.unsaved == 0 {
            return false;
        }
        let due = moment == Moment::Shutdown
            || self.unsaved >= self.interval.events
            || self.ticks >= self.interval.seconds;
        if moment == Moment::Tick {
            self.ticks += 1;
        }
        if due {
            self.unsaved = 0;
            self.ticks = 0;
        }
        due
    }
}
