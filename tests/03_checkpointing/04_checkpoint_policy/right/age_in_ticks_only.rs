//! Looks at the age in ticks only: each second begins with one, so no event sees an age that no tick has seen.

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
            if self.unsaved == 0 {
                self.oldest = now_seconds;
            }
            self.unsaved += 1;
        }
        let save = self.unsaved > 0
            && (moment == Moment::Shutdown
                || self.unsaved >= self.interval.events
                || (moment == Moment::Tick && now_seconds - self.oldest >= self.interval.seconds));
        if save {
            self.unsaved = 0;
        }
        save
    }
}
