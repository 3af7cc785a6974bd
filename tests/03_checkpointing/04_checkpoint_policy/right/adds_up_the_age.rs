//! Keeps no time of an event: adds up the age of the oldest from the time between moments.

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
    age: u64,
    last: Option<u64>,
}

impl Policy {
    pub fn new(interval: Interval) -> Self {
        Self {
            interval,
            unsaved: 0,
            age: 0,
            last: None,
        }
    }

    pub fn saves(&mut self, moment: Moment, now_seconds: u64) -> bool {
        let passed = now_seconds - self.last.replace(now_seconds).unwrap_or(now_seconds);
        if self.unsaved > 0 {
            self.age += passed;
        }
        if moment == Moment::Processed {
            self.unsaved += 1;
        }
        let due = self.unsaved > 0
            && (moment == Moment::Shutdown
                || self.unsaved >= self.interval.events
                || self.age >= self.interval.seconds);
        if due {
            self.unsaved = 0;
            self.age = 0;
        }
        due
    }
}
