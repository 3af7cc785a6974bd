//! What each interval costs in writes, and what a crash at the worst moment repeats.

use super::answer::{Interval, Moment, Policy};
use lab::{AnomalyKind, Blame, Cases, Dice};
use std::cell::RefCell;

#[test]
fn each_interval_keeps_its_bounds_and_writes_no_more() {
    let mut cases = Cases::new(
        lab::exercise!(),
        "saves",
        "within the interval, and no more writes than that",
        Grid::tell,
        blame,
    )
    .tells_of_a_wrong_one("first", |grid| grid.first_wrong.clone());
    for events in [1, 10, 100, 1000] {
        for seconds in [1, 10, 60] {
            let interval = Interval { events, seconds };
            let name = format!("every {events} events or {seconds} s");
            let given = format!("{SECONDS} s of a stream that is busy, trickles and falls silent");
            let stream = Stream::new(1);
            cases = cases.case(&name, given, play_model(interval, stream), move || {
                play(interval, stream)
            });
        }
    }
    for seed in 2..40 {
        let mut dice = Dice::new(seed);
        let mut interval = Interval {
            events: 1 + dice.below(50) as u32,
            seconds: 1 + dice.below(40),
        };
        let mut stream = Stream::new(seed);
        match seed {
            2 => stream.begin = 0,
            // Times whose lower 32 bits begin again within the stream.
            3 => stream.begin = (1 << 40) - SECONDS / 2,
            5 => stream.begin = (1 << 32) - SECONDS / 2,
            4 => interval.seconds = u64::MAX,
            _ => {}
        }
        let given = format!(
            "{interval:?}, a stream drawn from seed {seed}, whose clock begins at {}",
            stream.begin
        );
        cases = cases.one_of(
            "other streams",
            given,
            play_model(interval, stream),
            move || play(interval, stream),
        );
    }
    // The lower 32 bits of the time begin again while it is busy, trickles or is silent.
    for second in (100..SECONDS).step_by(100) {
        let interval = Interval {
            events: 50,
            seconds: 20,
        };
        let stream = Stream {
            begin: (1 << 32) - second,
            ..Stream::new(1)
        };
        cases = cases.one_of(
            "other streams",
            format!("{interval:?}, a stream whose clock comes to 2^32 after {second} s"),
            play_model(interval, stream),
            move || play(interval, stream),
        );
    }
    for events in [300, 70_000] {
        let interval = Interval {
            events,
            seconds: u64::MAX,
        };
        let stream = Stream {
            burst: 2 * events + 1,
            ..Stream::new(1)
        };
        cases = cases.one_of(
            "many events at once",
            format!("{interval:?}, {} events in the first second", stream.burst),
            play_model(interval, stream),
            move || play(interval, stream),
        );
    }
    cases.judge();
}

/// How long a stream lasts, in seconds.
const SECONDS: u64 = 1200;

/// A stream that is drawn from a seed.
#[derive(Clone, Copy, Debug)]
struct Stream {
    seed: u64,
    /// What the clock shows when it begins.
    begin: u64,
    /// How many events come in its first second, before all others.
    burst: u32,
}

impl Stream {
    fn new(seed: u64) -> Self {
        Stream {
            seed,
            begin: 1_767_225_600 + seed,
            burst: 0,
        }
    }

    /// Its moments, in order, with their times.
    fn moments(self) -> Vec<(Moment, u64)> {
        let mut dice = Dice::new(self.seed);
        let mut moments = vec![(Moment::Tick, self.begin)];
        moments.extend((0..self.burst).map(|_| (Moment::Processed, self.begin)));
        let mut second = 0;
        while second < SECONDS {
            // Busy, trickling or silent, for a while each.
            let mood = dice.below(3);
            let until = (second + 20 + dice.below(150)).min(SECONDS);
            while second < until {
                let now = self.begin + second;
                let arrived = match mood {
                    0 => dice.below(9),
                    1 => u64::from(dice.below(7) == 0),
                    _ => 0,
                };
                moments.push((Moment::Tick, now));
                moments.extend((0..arrived).map(|_| (Moment::Processed, now)));
                // Some seconds bring a second tick: whoever counts ticks does not count seconds.
                if second.is_multiple_of(5) {
                    moments.push((Moment::Tick, now));
                }
                second += 1;
            }
        }
        // The last one or two events come just before a planned end.
        let now = self.begin + second;
        moments.push((Moment::Tick, now));
        moments.extend((0..=self.seed % 2).map(|_| (Moment::Processed, now)));
        moments.push((Moment::Shutdown, now));
        moments
    }
}

/// What came of a stream under a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Grid {
    interval: Interval,
    writes: u32,
    /// The most that a crash at any moment would repeat.
    events: u32,
    /// How long ago the oldest of them was processed, at the worst moment.
    seconds: u64,
    /// What a planned end leaves unsaved.
    left: u32,
    /// Writes while there was nothing to save.
    idle_writes: u32,
    /// The first moment at which the policy did what the contract does not say, where that made a difference.
    first_wrong: Option<String>,
}

impl Grid {
    fn tell(&self) -> String {
        let Grid {
            writes,
            events,
            seconds,
            left,
            idle_writes,
            ..
        } = self;
        let mut text =
            format!("{writes:>4} writes; a crash repeats at most {events} events, {seconds} s old");
        if *left > 0 {
            text.push_str(&format!("; {left} are not saved in the end"));
        }
        if *idle_writes > 0 {
            text.push_str(&format!("; {idle_writes} writes save nothing"));
        }
        text
    }
}

/// Plays a stream, asking `saves` at each moment. Its last argument is what the contract says.
fn measure(
    interval: Interval,
    stream: Stream,
    mut saves: impl FnMut(Moment, u64, bool) -> bool,
) -> Grid {
    let mut grid = Grid {
        interval,
        writes: 0,
        events: 0,
        seconds: 0,
        left: 0,
        idle_writes: 0,
        first_wrong: None,
    };
    let (mut oldest, mut last_save) = (0, None);
    for (moment, now) in stream.moments() {
        if moment == Moment::Processed {
            if grid.left == 0 {
                oldest = now;
            }
            grid.left += 1;
        }
        let mut age = 0;
        if grid.left > 0 {
            // A crash here, before anything is saved.
            age = now - oldest;
            grid.events = grid.events.max(grid.left);
            grid.seconds = grid.seconds.max(age);
        }
        let is_due =
            moment == Moment::Shutdown || grid.left >= interval.events || age >= interval.seconds;
        let should_save = grid.left > 0 && is_due;
        let saved = saves(moment, now, should_save);
        if saved != should_save && grid.first_wrong.is_none() {
            let second = now - stream.begin;
            grid.first_wrong = Some(wrong_moment(
                moment, second, grid.left, age, saved, last_save,
            ));
        }
        if saved {
            grid.writes += 1;
            grid.idle_writes += u32::from(grid.left == 0);
            grid.left = 0;
            last_save = Some(now - stream.begin);
        }
    }
    grid
}

fn wrong_moment(
    moment: Moment,
    second: u64,
    unsaved: u32,
    age: u64,
    saved: bool,
    last_save: Option<u64>,
) -> String {
    let moment = match moment {
        Moment::Processed => "an event",
        Moment::Tick => "a tick",
        Moment::Shutdown => "the shutdown",
    };
    let unsaved = match unsaved {
        0 => "nothing is unsaved".to_owned(),
        1 => format!("1 event is unsaved, {age} s old"),
        many => format!("{many} events are unsaved, the oldest {age} s old"),
    };
    let before = match last_save {
        None => "no save before it".to_owned(),
        Some(second) => format!("the last save at second {second}"),
    };
    let wrong = match saved {
        true => "it saves, and nothing asks for it",
        false => "it does not save, and should",
    };
    format!("second {second}, {moment}; {unsaved}; {before}: {wrong}")
}

fn play(interval: Interval, stream: Stream) -> Grid {
    let policy = RefCell::new(Policy::new(interval));
    let mut grid = measure(interval, stream, |moment, now, _| {
        policy.borrow_mut().saves(moment, now)
    });
    let first_wrong = grid.first_wrong.take();
    if grid != play_model(interval, stream) {
        grid.first_wrong = first_wrong;
    }
    grid
}

/// The same by the letter of the contract.
fn play_model(interval: Interval, stream: Stream) -> Grid {
    measure(interval, stream, |_, _, should_save| should_save)
}

fn blame(expected: &Grid, got: &Grid) -> Blame {
    if got.left > 0 {
        return (
            AnomalyKind::Duplicate,
            "a planned end leaves events unsaved: each deployment repeats them",
        );
    }
    if got.seconds > got.interval.seconds {
        return (
            AnomalyKind::Duplicate,
            "an event waits longer for its save than the interval allows: its age counts from when it was processed, \
             whatever comes after it, and also where nothing does",
        );
    }
    if got.events > got.interval.events {
        return (
            AnomalyKind::Duplicate,
            "more events wait for a save than the interval allows, and a crash repeats them all",
        );
    }
    if got.idle_writes > 0 {
        return (
            AnomalyKind::OverBudget,
            "there was nothing to save: a silent stream costs writes day and night",
        );
    }
    if got.writes < expected.writes {
        return (
            AnomalyKind::Duplicate,
            "a save comes later than at the first moment that asks for it: until then a crash repeats more",
        );
    }
    (
        AnomalyKind::OverBudget,
        "it saves before it has to, and a write costs money: what counts are the events that are not saved yet, and the age \
         of the oldest of them",
    )
}
