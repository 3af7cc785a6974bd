//! expect: STUCK after no-fault
//!
//! Adds the seconds to the time: with "however long ago" the sum has no room.

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
    deadline: u64,
}

impl Policy {
    pub fn new(interval: Interval) -> Self {
        Self {
            interval,
            unsaved: 0,
            deadline: 0,
        }
    }

    pub fn saves(&mut self, moment: Moment, now_seconds: u64) -> bool {
        if moment == Moment::Processed {
            if self.unsaved == 0 {
                self.deadline = now_seconds + self.interval.seconds;
            }
            self.unsaved += 1;
        }
        let due = self.unsaved > 0
            && (moment == Moment::Shutdown
                || self.unsaved >= self.interval.events
                || now_seconds >= self.deadline);
        if due {
            self.unsaved = 0;
        }
        due
    }
}
