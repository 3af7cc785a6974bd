//! expect: OVER BUDGET after no-fault
//!
//! A save because of the time leaves the count as it is: the next one comes too early.

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
    count: u32,
    oldest: Option<u64>,
}

impl Policy {
    pub fn new(interval: Interval) -> Self {
        Self {
            interval,
            count: 0,
            oldest: None,
        }
    }

    pub fn saves(&mut self, moment: Moment, now_seconds: u64) -> bool {
        if moment == Moment::Processed {
            self.oldest.get_or_insert(now_seconds);
            self.count += 1;
        }
        let Some(oldest) = self.oldest else {
            return false;
        };
        if self.count >= self.interval.events {
            self.count = 0;
            self.oldest = None;
            return true;
        }
        if moment == Moment::Shutdown || now_seconds - oldest >= self.interval.seconds {
            self.oldest = None;
            return true;
        }
        false
    }
}
