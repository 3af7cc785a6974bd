//! Each moment asks its own question.

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
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Clean,
    Dirty { events: u32, since: u64 },
}

impl Policy {
    pub fn new(interval: Interval) -> Self {
        Policy {
            interval,
            state: State::Clean,
        }
    }

    pub fn saves(&mut self, moment: Moment, now_seconds: u64) -> bool {
        if let Moment::Processed = moment {
            self.state = match self.state {
                State::Clean => State::Dirty {
                    events: 1,
                    since: now_seconds,
                },
                State::Dirty { events, since } => State::Dirty {
                    events: events + 1,
                    since,
                },
            };
        }
        let State::Dirty { events, since } = self.state else {
            return false;
        };
        let saves = match moment {
            Moment::Processed | Moment::Tick => {
                events >= self.interval.events || now_seconds - since >= self.interval.seconds
            }
            Moment::Shutdown => true,
        };
        if saves {
            self.state = State::Clean;
        }
        saves
    }
}
