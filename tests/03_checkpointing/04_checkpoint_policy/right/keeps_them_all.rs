//! Keeps the time of each event that is not saved. More than is needed, and right.

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

#[derive(Clone, Debug)]
pub struct Policy {
    interval: Interval,
    unsaved: Vec<u64>,
}

impl Policy {
    pub fn new(interval: Interval) -> Self {
        Policy {
            interval,
            unsaved: Vec::new(),
        }
    }

    pub fn saves(&mut self, moment: Moment, now_seconds: u64) -> bool {
        if moment == Moment::Processed {
            self.unsaved.push(now_seconds);
        }
        let saves = match (moment, self.unsaved.first()) {
            (_, None) => false,
            (Moment::Shutdown, _) => true,
            (_, Some(oldest)) => {
                self.unsaved.len() >= self.interval.events as usize
                    || now_seconds.saturating_sub(*oldest) >= self.interval.seconds
            }
        };
        if saves {
            self.unsaved.clear();
        }
        saves
    }
}
