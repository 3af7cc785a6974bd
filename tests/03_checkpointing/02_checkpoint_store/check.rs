//! A position never goes back, whoever saves it, and is there when it is loaded.

use super::answer::{self, Saved};
use lab::Fault::*;
use lab::world::Item;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Budget, Check, Dice, Entry, Scenario, Version};
use std::collections::BTreeMap;

#[test]
fn a_position_never_goes_back_and_is_never_forgotten() {
    let shards = shards();
    let ids = event_ids(&shards);
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    Check::new(
        lab::exercise!(),
        "checkpoint",
        "never back, never forgotten",
        scenario(&shards),
    )
    .under(&[
        CrashBefore,
        CrashAfter,
        LostResponse,
        Throttled,
        ThrottledOut,
        NoAnswer,
        ServerError,
        Conflict,
        Zombie,
        Redelivered,
        TwoWorkers,
    ])
    .under_if_met(&[ThrottledInside, TokenExpired, StaleRead, Unprocessed])
    // What was processed after the last checkpoint is processed again. That is what a checkpoint is for: no more.
    .permits(&[AnomalyKind::Duplicate])
    .tells_what_crashes_do(&ids)
    .also([31, 32].map(|seed| scenario(&drawn(seed))))
    .also_under(&[Denied], [scenario(&drawn(33))])
    .budget(Budget {
        per: "load or save",
        // Each save; a load of each shard at both ends; two stragglers; two saves at once, and perhaps one again.
        count: ids.len() as u32 + 2 * shards.len() as u32 + 5,
        calls: 3,
        capacity_units: 6,
    })
    .facts(|aftermath| {
        let told = |word: &str| {
            let notes = aftermath.notes.iter().map(|(_, note)| note.as_str());
            let told: Vec<_> = notes.filter_map(|note| note.strip_prefix(word)).collect();
            told.join(", ")
        };
        vec![
            ("loaded".into(), told("loaded ")),
            ("behind".into(), told("behind ")),
        ]
    })
    .judge();
}

/// How long a sequence number may be.
const MOST_DIGITS: usize = 129;

/// A shard, and the sequence numbers of its events.
type Shard = (&'static str, Vec<String>);

/// Positions of one digit, of 129, and two that differ in the last of 56. Kinesis gives numbers of 56 digits today, and
/// promises no more than that there are at most 129.
fn shards() -> Vec<Shard> {
    let long = "49590338271490256608559692538361571095921575989136588898";
    vec![
        (
            "shardId-000000000000",
            vec![
                "9".to_owned(),
                "10".to_owned(),
                long.to_owned(),
                long.replace("8898", "8899"),
                "9".repeat(128),
                "7".repeat(MOST_DIGITS),
            ],
        ),
        (
            "shardId-000000000001",
            vec!["99".to_owned(), "100".to_owned()],
        ),
    ]
}

/// Positions drawn from a seed, in ascending order.
fn drawn(seed: u64) -> Vec<Shard> {
    let mut dice = Dice::new(seed);
    ["shardId-000000000002", "shardId-000000000003"]
        .map(|shard| {
            let mut digits = 1 + dice.below(3) as usize;
            let positions = (0..4).map(|_| {
                let number: String = (0..digits)
                    .map(|at| char::from(b'0' + (dice.below(9) + u64::from(at == 0)) as u8 % 10))
                    .collect();
                digits += 1 + dice.below(20) as usize;
                number
            });
            (shard, positions.collect())
        })
        .to_vec()
}

fn event_ids(shards: &[Shard]) -> Vec<String> {
    let ids = |(shard, (_, positions)): (usize, &Shard)| {
        (1..=positions.len())
            .map(|event| event_id(shard, event))
            .collect::<Vec<_>>()
    };
    shards.iter().enumerate().flat_map(ids).collect()
}

/// `b2`: the second event of the second shard.
fn event_id(shard: usize, event: usize) -> String {
    format!("{}{event}", char::from(b'a' + shard as u8))
}

fn scenario(shards: &[Shard]) -> Scenario {
    let (worked, audited) = (shards.to_vec(), shards.to_vec());
    Scenario::new(move |aws| worker(worked.clone(), aws))
        .watched_table("checkpoints", "shardId", Vec::new())
        .audit(move |aftermath| audit(&audited, aftermath))
}

/// Processes the shards side by side, an event of each in turns, and saves after each event.
async fn worker(shards: Vec<Shard>, aws: Aws) -> Result<(), answer::Error> {
    let table = aws.name("checkpoints");
    let mut next = Vec::new();
    for shard in 0..shards.len() {
        next.push(load(&shards, shard, &table, &aws).await?);
    }
    let longest = shards.iter().map(|(_, positions)| positions.len()).max();
    for _ in 0..longest.unwrap_or_default() {
        for (shard, (shard_id, positions)) in shards.iter().enumerate() {
            let Some(position) = positions.get(next[shard]) else {
                continue;
            };
            next[shard] += 1;
            let event = event_id(shard, next[shard]);
            aws.note(format!("processed {event}"));
            match answer::save(&aws.dynamodb, &table, shard_id, position).await? {
                Saved::Yes => aws.note(format!("saved {event}")),
                Saved::Behind => {
                    // Somebody else is at work on this shard. Let them.
                    aws.note(format!("behind {event}"));
                    next[shard] = positions.len();
                    continue;
                }
            }
            if event == NEIGHBOUR {
                straggler(&shards, next[shard] - 1, &table, &aws).await?;
            }
        }
    }
    straggler(&shards, 1, &table, &aws).await?;
    if aws.life == 1 {
        save_two_at_once(&table, &aws).await?;
    }
    for shard in 0..shards.len() {
        load(&shards, shard, &table, &aws).await?;
    }
    Ok(())
}

/// The event whose position differs from the one before it in the last digit only.
const NEIGHBOUR: &str = "a4";

/// A worker that has processed an event of the first shard long ago, and only now saves it.
async fn straggler(
    shards: &[Shard],
    event: usize,
    table: &str,
    aws: &Aws,
) -> Result<(), answer::Error> {
    let (shard_id, positions) = &shards[0];
    let id = event_id(0, event);
    match answer::save(&aws.dynamodb, table, shard_id, &positions[event - 1]).await? {
        Saved::Yes => aws.note(format!("saved {id}")),
        Saved::Behind => aws.note(format!("behind {id}")),
    }
    Ok(())
}

/// The shard that two save at once: 5 and 6.
const SHARED: &str = "shardId-000000000009";

/// Two saves of one shard at once, as two workers make them: the earlier position may come there between any two calls of
/// the save of the later one, which is no reason to call it behind.
async fn save_two_at_once(table: &str, aws: &Aws) -> Result<(), answer::Error> {
    let save = |position| answer::save(&aws.dynamodb, table, SHARED, position);
    let (_, mut later) = tokio::join!(save("5"), save("6"));
    if later.is_err() {
        // To give up because somebody else was there is no mistake. The next one has to succeed.
        later = save("6").await;
    }
    aws.note(match later? {
        Saved::Yes => "holds 6",
        Saved::Behind => "refused 6",
    });
    Ok(())
}

/// Loads a position: how many events of the shard are done.
async fn load(
    shards: &[Shard],
    shard: usize,
    table: &str,
    aws: &Aws,
) -> Result<usize, answer::Error> {
    let (shard_id, positions) = &shards[shard];
    let Some(loaded) = answer::load(&aws.dynamodb, table, shard_id).await? else {
        aws.note(format!("loaded nothing of {}", event_id(shard, 1)));
        return Ok(0);
    };
    match positions.iter().position(|position| *position == loaded) {
        Some(at) => {
            aws.note(format!("loaded {}", event_id(shard, at + 1)));
            Ok(at + 1)
        }
        None => {
            aws.note(format!("unknown {loaded} of {shard_id}"));
            Ok(0)
        }
    }
}

fn audit(shards: &[Shard], aftermath: &Aftermath) -> Vec<Anomaly> {
    let mut anomalies = Vec::from_iter(moved_back(aftermath));
    anomalies.extend(wrong_answer(shards, aftermath));
    anomalies.extend(wrong_of_two(aftermath));
    for (shard, (shard_id, positions)) in shards.iter().enumerate() {
        for event in 1..=positions.len() {
            anomalies.extend(times_processed(&event_id(shard, event), aftermath));
        }
        let item = aftermath
            .items("checkpoints")
            .iter()
            .find(|item| Aftermath::text(item, "shardId") == Some(shard_id));
        let stored = item.and_then(|item| Aftermath::text(item, "sequenceNumber"));
        if stored != positions.last().map(String::as_str) {
            let what = format!(
                "all of {shard_id} was saved, and the table has its sequenceNumber at {}",
                stored.map_or("nothing".to_owned(), |stored| event_of(shards, stored))
            );
            anomalies.push(swallowed(
                aftermath,
                Anomaly::new(AnomalyKind::Corrupt, what),
            ));
        }
    }
    anomalies
}

fn has_note(aftermath: &Aftermath, note: &str) -> bool {
    aftermath.notes.iter().any(|(_, noted)| noted == note)
}

fn moved_back(aftermath: &Aftermath) -> Option<Anomaly> {
    let moved = aftermath.checkpoint_moved_back("checkpoints")?;
    Some(match takes_neighbours(aftermath) {
        true => moved.because(NEIGHBOURS),
        false => moved,
    })
}

/// Whether nothing failed, and an earlier position is refused unless it is the neighbour.
fn takes_neighbours(aftermath: &Aftermath) -> bool {
    aftermath.is_plain() && has_note(aftermath, "behind a1")
}

const NEIGHBOURS: &str = "the two positions differ in the last of 56 digits: their length alone, a float or a number of \
                          DynamoDB take them for the same";

/// What is wrong with the two saves at once.
fn wrong_of_two(aftermath: &Aftermath) -> Option<Anomaly> {
    let saved: Vec<_> = aftermath
        .versions
        .iter()
        .flat_map(|version| version.items.iter())
        .filter(|item| Aftermath::text(item, "shardId") == Some(SHARED))
        .filter_map(|item| Aftermath::text(item, "sequenceNumber"))
        .collect();
    if has_note(aftermath, "refused 6") {
        let what = "two saved at once, 5 and 6, and save said that the table holds a later position than 6";
        return Some(Anomaly::new(AnomalyKind::Lost, what).because(
            "somebody else was there, and not further: only a later position that is in the table means behind",
        ));
    }
    (has_note(aftermath, "holds 6") && saved.last() != Some(&"6")).then(|| {
        let what = format!(
            "two saved at once, 5 and 6, and the table holds {}",
            saved.last().unwrap_or(&"nothing")
        );
        Anomaly::new(AnomalyKind::Corrupt, what)
    })
}

/// The same, with its reason if a call was refused as a whole.
fn swallowed(aftermath: &Aftermath, anomaly: Anomaly) -> Anomaly {
    let failed =
        |entry: &Entry| matches!(entry.struck, Some(ThrottledOut | NoAnswer | ServerError));
    match aftermath.trace.iter().any(failed) {
        true => anomaly.because(
            "an error was swallowed: what could not be read is not \"none\", and what could not be written is not saved",
        ),
        false => anomaly,
    }
}

fn times_processed(event: &str, aftermath: &Aftermath) -> Option<Anomaly> {
    let processed = format!("processed {event}");
    let times = aftermath
        .notes
        .iter()
        .filter(|(_, note)| *note == processed);
    match times.count() {
        0 => Some(Anomaly::of_event(
            AnomalyKind::Lost,
            event,
            format!("{event} was never processed: a worker began after it, or stopped before it"),
        )),
        1 => None,
        times => Some(Anomaly::of_event(
            AnomalyKind::Duplicate,
            event,
            format!("{event} was processed {times} times"),
        )),
    }
}

/// The first answer that cannot be true, in the order in which they were given.
fn wrong_answer(shards: &[Shard], aftermath: &Aftermath) -> Option<Anomaly> {
    let mut saved: BTreeMap<usize, usize> = BTreeMap::new();
    aftermath.notes.iter().find_map(|(_, note)| {
        let (word, rest) = note.split_once(' ')?;
        let known = |shard: usize| saved.get(&shard).copied().unwrap_or_default();
        match word {
            "saved" => {
                let (shard, event) = place(rest)?;
                let furthest = known(shard).max(event);
                let was = saved.insert(shard, furthest).unwrap_or_default();
                (event < was).then(|| {
                    let what = format!(
                        "save said that the table holds {rest}, when {} had been saved before",
                        event_id(shard, was)
                    );
                    let corrupt = Anomaly::new(AnomalyKind::Corrupt, what);
                    match aftermath.is_plain() {
                        true if takes_neighbours(aftermath) => corrupt.because(NEIGHBOURS),
                        true => corrupt.because(
                            "a later position has taken its place: that is `Behind`, however well the call went",
                        ),
                        false => corrupt,
                    }
                })
            }
            "behind" => {
                let (shard, event) = place(rest)?;
                (!ever_beyond(shards, aftermath, shard, event)).then(|| {
                    let positions = &shards[shard].1;
                    let (position, last) = (&positions[event - 1], known(shard).checked_sub(1));
                    let last_saved = match last {
                        Some(at) => format!(
                            "the last one saved is {}, {}",
                            event_id(shard, at + 1),
                            digits(&positions[at])
                        ),
                        None => "none was saved".to_owned(),
                    };
                    let what = format!(
                        "save refused {rest}, {}, as if a later position were in the table, and {last_saved}: its worker stops",
                        digits(position)
                    );
                    let lost = Anomaly::of_event(AnomalyKind::Lost, rest, what);
                    match aftermath.is_plain() {
                        true => {
                            let last = last.map(|at| positions[at].as_str());
                            lost.because(why_refused(shards[shard].0, aftermath, last, position))
                        }
                        false => lost,
                    }
                })
            }
            "loaded" => {
                let (shard, event) = match rest.strip_prefix("nothing of ") {
                    Some(first) => (place(first)?.0, 0),
                    None => place(rest)?,
                };
                (event < known(shard)).then(|| {
                    let what = format!(
                        "load gave {rest}, when {} had been saved before",
                        event_id(shard, known(shard))
                    );
                    if event == 0 && was_gone(shards[shard].0, aftermath) {
                        return Anomaly::new(AnomalyKind::Regressed, what).because(
                            "between two writes there was no position at all: replace the old one in a single write",
                        );
                    }
                    swallowed(aftermath, Anomaly::new(AnomalyKind::Corrupt, what))
                })
            }
            "unknown" => Some(Anomaly::new(
                AnomalyKind::Corrupt,
                format!("load gave {rest}, which nobody ever saved"),
            )),
            _ => None,
        }
    })
}

/// Why the first save, or one after `last`, was refused, where nothing failed.
fn why_refused(
    shard_id: &str,
    aftermath: &Aftermath,
    last: Option<&str>,
    position: &str,
) -> &'static str {
    let keys = |version: &Version| {
        let mut keys = version.items.iter();
        keys.any(|item| Aftermath::text(item, "shardId") == Some(shard_id))
    };
    match last {
        Some(_) if !aftermath.versions.iter().any(keys) => {
            "the position of another shard was there: the key of an item is its shard"
        }
        None => {
            "the condition has no case for the first save: there is no item then, and no attribute to compare"
        }
        Some(_) if position.len() == MOST_DIGITS => {
            "a number may have 129 digits: whoever puts zeros in front needs as many"
        }
        // Whoever has come so far does not compare the numbers as texts.
        Some(last) if last.len() < position.len() && last.len() > 9 => {
            "a length may have three digits: in front of the number it needs as many, since 128 comes before 56 as a text, and \
             after 056"
        }
        Some(last) if last.len() < position.len() => {
            "of two numbers without zeros in front the longer one is the larger: compared as texts, 10 comes before 9"
        }
        Some(_) => {
            "no float and no number type holds all the digits: to them two neighbours are the same"
        }
    }
}

/// Whether the position of a shard was in the table, and then was not.
fn was_gone(shard_id: &str, aftermath: &Aftermath) -> bool {
    let is_there = |items: &[Item]| {
        let mut shards = items.iter().map(|item| Aftermath::text(item, "shardId"));
        shards.any(|shard| shard == Some(shard_id))
    };
    let versions = &aftermath.versions;
    versions
        .windows(2)
        .any(|pair| is_there(&pair[0].items) && !is_there(&pair[1].items))
}

/// A position, as far as a line has room for it.
fn digits(position: &str) -> String {
    match position.len() {
        0..=12 => format!("which is {position}"),
        long => format!("a number of {long} digits"),
    }
}

/// Shard and number of an event.
fn place(event: &str) -> Option<(usize, usize)> {
    let shard = usize::from(event.bytes().next()?.checked_sub(b'a')?);
    Some((shard, event.get(1..)?.parse().ok()?))
}

/// Whether any version of the table had a later position of the shard.
fn ever_beyond(shards: &[Shard], aftermath: &Aftermath, shard: usize, event: usize) -> bool {
    let (shard_id, positions) = &shards[shard];
    let later = &positions[event..];
    let items = aftermath
        .versions
        .iter()
        .flat_map(|version| version.items.iter());
    items
        .filter(|item| Aftermath::text(item, "shardId") == Some(shard_id))
        .filter_map(|item| Aftermath::text(item, "sequenceNumber"))
        .any(|stored| later.iter().any(|position| position == stored))
}

fn event_of(shards: &[Shard], position: &str) -> String {
    shards
        .iter()
        .enumerate()
        .find_map(|(shard, (_, positions))| {
            let at = positions.iter().position(|known| known == position)?;
            Some(event_id(shard, at + 1))
        })
        .unwrap_or_else(|| position.to_owned())
}
