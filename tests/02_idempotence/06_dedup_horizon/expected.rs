//! What must be in the tables, and what else is there.

use super::{Delivery, EXPIRY, START};
use lab::world::Item;
use lab::{Aftermath, Anomaly, AnomalyKind};
use std::cmp::Ordering;

const PROLONGED: &str =
    "a repeat has prolonged it: only a delivery that is applied remembers the event";

const FORGOTTEN: &str =
    "remembered before expiresAtEpochSeconds, forgotten from that second on, deleted or not";

/// What the deliveries of one event come to.
pub(super) struct Expected {
    pub(super) event: &'static str,
    pub(super) times: i64,
    /// Epoch seconds.
    expires: i64,
    /// When it comes, and when it expires if it is applied then.
    deliveries: Vec<(&'static str, i64)>,
}

impl Expected {
    pub(super) fn of(deliveries: &[Delivery], horizon_seconds: i64) -> Vec<Expected> {
        let mut all: Vec<Expected> = Vec::new();
        for &(when, seconds, event) in deliveries {
            let now = START + seconds;
            let expires = now + horizon_seconds;
            match all.iter_mut().find(|known| known.event == event) {
                None => all.push(Expected {
                    event,
                    times: 1,
                    expires,
                    deliveries: vec![(when, expires)],
                }),
                Some(known) => {
                    known.deliveries.push((when, expires));
                    if known.expires <= now {
                        known.times += 1;
                        known.expires = expires;
                    }
                }
            }
        }
        all
    }

    /// What was told of its deliveries: when, and what.
    fn told<'a>(&self, aftermath: &'a Aftermath) -> Vec<(&'a str, &'a str)> {
        let notes = aftermath.notes.iter();
        let told = notes.filter_map(|(_, note)| note.split_once(": "));
        told.filter_map(|(when, what)| Some((when, what.strip_prefix(self.event)?.trim_start())))
            .collect()
    }

    /// How often it had its effect.
    fn found_times(&self, aftermath: &Aftermath) -> i64 {
        let item = item_of(aftermath, "effects", self.event);
        let found = item.and_then(|item| Aftermath::number(item, "times"));
        found.unwrap_or(0)
    }

    /// The delivery with which it was applied last: when, and when it expires after that. Nobody knows where more or fewer
    /// were told as applied than had an effect.
    fn last_applied(&self, aftermath: &Aftermath) -> Option<(&'static str, i64)> {
        let mut applied = self.told(aftermath);
        applied.retain(|(_, what)| *what == "applied");
        let is_known = applied.len() as i64 == self.found_times(aftermath);
        let (last, _) = applied.pop().filter(|_| is_known)?;
        self.delivery(last)
    }

    fn delivery(&self, name: &str) -> Option<(&'static str, i64)> {
        let mut deliveries = self.deliveries.iter().copied();
        deliveries.find(|(when, _)| *when == name)
    }

    /// When it expires after the delivery with which it was applied last; after the one that should be the last where nobody
    /// knows that.
    fn due(&self, aftermath: &Aftermath) -> i64 {
        let applied = self.last_applied(aftermath);
        applied.map_or(self.expires, |(_, expires)| expires)
    }

    /// When it expires after its first delivery.
    fn first(&self) -> i64 {
        self.deliveries[0].1
    }

    /// When it would expire if its last delivery, a repeat, had prolonged it.
    fn prolonged(&self, aftermath: &Aftermath) -> Option<i64> {
        let (last, _) = self
            .told(aftermath)
            .pop()
            .filter(|(_, what)| *what == "duplicate")?;
        self.delivery(last).map(|(_, expires)| expires)
    }

    pub(super) fn wrong_effect(&self, aftermath: &Aftermath) -> Option<Anomaly> {
        let Expected { event, times, .. } = self;
        let found = self.found_times(aftermath);
        let kind = match found.cmp(times) {
            Ordering::Less => AnomalyKind::Lost,
            Ordering::Greater => AnomalyKind::Duplicate,
            Ordering::Equal => return None,
        };
        let told = self.told(aftermath);
        let applied = told.iter().filter(|(_, what)| *what == "applied").count() as i64;
        let told: Vec<_> = told
            .into_iter()
            .map(|(when, what)| format!("{when} {what}"))
            .collect();
        let what = format!(
            "{event} had its effect {found} times, expected {times} ({})",
            told.join(", ")
        );
        let anomaly = Anomaly::of_event(kind, event, what);
        Some(if found < *times && applied >= *times {
            anomaly.because(
                "`apply` said `applied` often enough, and `times` is less: it grows by 1 each time, and is never set",
            )
        } else if aftermath.is_plain() && found < *times && self.wrong_expiry(aftermath).is_none() {
            // It expires as it should after the last delivery, which was not applied.
            anomaly.because(PROLONGED)
        } else if aftermath.is_plain() {
            anomaly.because(FORGOTTEN)
        } else {
            anomaly
        })
    }

    /// What is wrong with its expiry; and whether that is where things go wrong, and not what comes of it.
    pub(super) fn wrong_expiry(&self, aftermath: &Aftermath) -> Option<(Anomaly, bool)> {
        let Expected { event, expires, .. } = self;
        let item = item_of(aftermath, "processed-events", event);
        let found = item.and_then(|item| Aftermath::number(item, EXPIRY));
        if found == Some(*expires) {
            return None;
        }
        let due = self.due(aftermath);
        let (what, why) = match (found, item) {
            (Some(found), _) => self.wrong_second(found, aftermath),
            (None, Some(item)) if item.contains_key(EXPIRY) => (
                format!(
                    "{EXPIRY} of {event} is {}, expected the number {due}",
                    with_type(item, EXPIRY)
                ),
                "time to live looks at whole numbers only, as seconds since 1970: what is none never expires",
            ),
            (None, Some(_)) => (
                format!("{event} has no {EXPIRY}, expected {due}"),
                "time to live deletes no item that lacks its attribute",
            ),
            (None, None) => (
                format!("{event} is not in processed-events"),
                "what was applied has to be remembered until its horizon ends",
            ),
        };
        let comes_of_it = found.is_some_and(|found| [self.first(), due].contains(&found));
        let is_cause = item.is_some() && !comes_of_it;
        Some((
            Anomaly::of_event(AnomalyKind::Corrupt, event, what).because(why),
            is_cause,
        ))
    }

    /// What is wrong with the second that was found, and the likely reason.
    fn wrong_second(&self, found: i64, aftermath: &Aftermath) -> (String, &'static str) {
        let Expected { event, expires, .. } = self;
        let due = self.due(aftermath);
        // What was applied otherwise than it should be expires otherwise, too.
        if let Some((when, due)) = self.last_applied(aftermath)
            && found == due
        {
            let how = difference(found - expires);
            let what = format!(
                "{event} was applied {when}, and expires at the second {found}, expected {expires}: {how}"
            );
            return (what, FORGOTTEN);
        }
        let mut how = difference(found - due);
        let why = if [due, self.first()].contains(&(found / 1000)) {
            how = "in milliseconds".to_owned();
            "time to live counts in seconds: milliseconds name a time in fifty thousand years"
        } else if self.prolonged(aftermath) == Some(found) {
            PROLONGED
        } else if found == self.first() {
            "that is the expiry of its first delivery: it was applied anew, and not remembered anew"
        } else {
            "it is now_epoch_seconds + horizon_seconds of the delivery that is applied: no other clock, no older expiry, not rounded"
        };
        let what = format!("{event} expires at the second {found}, expected {due}: {how}");
        (what, why)
    }
}

/// A value that is no whole number, with its type in words.
fn with_type(item: &Item, attribute: &str) -> String {
    let value = item.get(attribute);
    match value.and_then(|value| value.as_object()?.iter().next()) {
        Some((kind, value)) if kind == "N" => {
            format!("the number {}", value.as_str().unwrap_or_default())
        }
        Some((kind, value)) if kind == "S" => format!("the text {value}"),
        Some((kind, value)) => format!("{value} of the type {kind}"),
        None => "missing".to_owned(),
    }
}

/// By how much it is too early or too late.
fn difference(seconds: i64) -> String {
    let by = match seconds.abs() {
        few if few < 2 * 24 * 3600 => format!("{few} s"),
        many => format!("{} days", many / (24 * 3600)),
    };
    format!("{by} too {}", if seconds < 0 { "early" } else { "late" })
}

fn item_of<'a>(aftermath: &'a Aftermath, table: &str, event: &str) -> Option<&'a Item> {
    let items = aftermath.items(table).iter();
    items
        .into_iter()
        .find(|item| Aftermath::text(item, "eventId") == Some(event))
}
