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
    );
    for events in [1, 10, 100, 1000] {
        for seconds in [1, 10, 60] {
            let interval = Interval { events, seconds };
            let name = format!("every {events} events or {seconds} s");
            let given = format!("{SECONDS} s of a stream that is busy, trickles and falls silent");
            cases = cases.case(&name, given, play_model(interval, 1), move || {
                play(interval, 1)
            });
        }
    }
    for seed in 2..40 {
        let mut dice = Dice::new(seed);
        let interval = Interval {
            events: 1 + dice.below(50) as u32,
            seconds: 1 + dice.below(40),
        };
        let given = format!("{interval:?}, a stream drawn from seed {seed}");
        cases = cases.one_of(
            "other streams",
            given,
            play_model(interval, seed),
            move || play(interval, seed),
        );
    }
    cases.judge();
}

/// How long a stream lasts, in seconds.
const SECONDS: u64 = 1200;

/// What came of a stream under a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Grid {
    writes: u32,
    /// The most that a crash at any moment would repeat.
    events: u32,
    /// How long ago the oldest of them was processed, at the worst moment.
    seconds: u64,
    /// What a planned end leaves unsaved.
    left: u32,
    /// Writes while there was nothing to save.
    idle_writes: u32,
}

impl Grid {
    fn tell(&self) -> String {
        let Grid {
            writes,
            events,
            seconds,
            left,
            idle_writes,
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

/// The moments of a stream, from the seed, in order, with their times.
fn moments(seed: u64) -> Vec<(Moment, u64)> {
    let mut dice = Dice::new(seed);
    let begin = 1_767_225_600 + seed;
    let mut moments = Vec::new();
    let mut second = 0;
    while second < SECONDS {
        // Busy, trickling or silent, for a while each.
        let mood = dice.below(3);
        let until = (second + 20 + dice.below(150)).min(SECONDS);
        while second < until {
            let arrived = match mood {
                0 => dice.below(9),
                1 => u64::from(dice.below(7) == 0),
                _ => 0,
            };
            moments.extend((0..arrived).map(|_| (Moment::Processed, begin + second)));
            moments.push((Moment::Tick, begin + second));
            second += 1;
        }
    }
    // The last events come just before a planned end.
    moments.extend([(Moment::Processed, begin + second); 2]);
    moments.push((Moment::Shutdown, begin + second));
    moments
}

/// Plays a stream, asking `saves` at each moment.
fn measure(seed: u64, mut saves: impl FnMut(Moment, u64) -> bool) -> Grid {
    let mut grid = Grid {
        writes: 0,
        events: 0,
        seconds: 0,
        left: 0,
        idle_writes: 0,
    };
    let mut oldest = 0;
    for (moment, now) in moments(seed) {
        if moment == Moment::Processed {
            if grid.left == 0 {
                oldest = now;
            }
            grid.left += 1;
        }
        if grid.left > 0 {
            // A crash here, before anything is saved.
            grid.events = grid.events.max(grid.left);
            grid.seconds = grid.seconds.max(now - oldest);
        }
        if saves(moment, now) {
            grid.writes += 1;
            grid.idle_writes += u32::from(grid.left == 0);
            grid.left = 0;
        }
    }
    grid
}

fn play(interval: Interval, seed: u64) -> Grid {
    let policy = RefCell::new(Policy::new(interval));
    measure(seed, |moment, now| policy.borrow_mut().saves(moment, now))
}

/// The same by the letter of the contract.
fn play_model(interval: Interval, seed: u64) -> Grid {
    let mut unsaved: Vec<u64> = Vec::new();
    measure(seed, |moment, now| {
        if moment == Moment::Processed {
            unsaved.push(now);
        }
        let is_old = |oldest: &u64| now - oldest >= interval.seconds;
        let is_due = moment == Moment::Shutdown
            || unsaved.len() as u64 >= u64::from(interval.events)
            || unsaved.first().is_some_and(is_old);
        let saves = is_due && !unsaved.is_empty();
        if saves {
            unsaved.clear();
        }
        saves
    })
}

fn blame(expected: &Grid, got: &Grid) -> Blame {
    if got.left > expected.left {
        return (
            AnomalyKind::Duplicate,
            "a planned end leaves events unsaved: each deployment repeats them",
        );
    }
    if got.events > expected.events {
        return (
            AnomalyKind::Duplicate,
            "more events wait for a save than the interval allows, and a crash repeats them all",
        );
    }
    if got.seconds > expected.seconds {
        return (
            AnomalyKind::Duplicate,
            "an event waits longer for its save than the interval allows: look at a stream that falls silent",
        );
    }
    if got.idle_writes > 0 {
        return (
            AnomalyKind::Corrupt,
            "there was nothing to save: a silent stream costs writes day and night",
        );
    }
    (
        AnomalyKind::Corrupt,
        "it saves before it has to: writes that cost money and shorten no bound",
    )
}
