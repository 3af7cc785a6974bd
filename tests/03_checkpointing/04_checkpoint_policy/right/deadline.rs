//! Keeps the moment at which a save falls due, in place of the age.

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
    left: u32,
    deadline: Option<u64>,
}

impl Policy {
    pub fn new(interval: Interval) -> Self {
        Policy {
            interval,
            left: interval.events,
            deadline: None,
        }
    }

    pub fn saves(&mut self, moment: Moment, now_seconds: u64) -> bool {
        if moment == Moment::Processed {
            self.left = self.left.saturating_sub(1);
            self.deadline
                .get_or_insert(now_seconds.saturating_add(self.interval.seconds));
        }
        let Some(deadline) = self.deadline else {
            return false;
        };
        if self.left > 0 && now_seconds < deadline && moment != Moment::Shutdown {
            return false;
        }
        *self = Policy::new(self.interval);
        true
    }
}
