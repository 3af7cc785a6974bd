//! What must be in the tables, and what else is there.

use super::{Delivery, EXPIRY, START};
use lab::world::Item;
use lab::{Aftermath, Anomaly, AnomalyKind};
use std::cmp::Ordering;

/// What the deliveries of one event come to.
pub(super) struct Expected {
    pub(super) event: &'static str,
    pub(super) times: i64,
    /// Epoch seconds, as for the two below.
    expires: i64,
    /// When it would have expired after its first delivery.
    expired_first: i64,
    /// When it would expire if a repeat prolonged it.
    prolonged: Vec<i64>,
}

impl Expected {
    pub(super) fn of(deliveries: &[Delivery], horizon_seconds: i64) -> Vec<Expected> {
        let mut all: Vec<Expected> = Vec::new();
        for &(_, seconds, event) in deliveries {
            let now = START + seconds;
            let expires = now + horizon_seconds;
            match all.iter_mut().find(|known| known.event == event) {
                None => all.push(Expected {
                    event,
                    times: 1,
                    expires,
                    expired_first: expires,
                    prolonged: Vec::new(),
                }),
                Some(known) if known.expires <= now => {
                    known.times += 1;
                    known.expires = expires;
                }
                Some(known) => known.prolonged.push(expires),
            }
        }
        all
    }

    pub(super) fn wrong_effect(&self, aftermath: &Aftermath) -> Option<Anomaly> {
        let Expected { event, times, .. } = self;
        let item = item_of(aftermath, "effects", event);
        let found = item.and_then(|item| Aftermath::number(item, "times"));
        let found = found.unwrap_or(0);
        let kind = match found.cmp(times) {
            Ordering::Less => AnomalyKind::Lost,
            Ordering::Greater => AnomalyKind::Duplicate,
            Ordering::Equal => return None,
        };
        let told: Vec<_> = aftermath
            .notes
            .iter()
            .filter_map(|(_, note)| note.split_once(": "))
            .filter(|(_, what)| what.starts_with(event))
            .map(|(when, what)| format!("{when} {}", &what[event.len() + 1..]))
            .collect();
        let applied = told.iter().filter(|told| told.ends_with("applied")).count() as i64;
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
            anomaly.because(
                "a repeat has prolonged it: only a delivery that is applied remembers the event",
            )
        } else if aftermath.is_plain() {
            anomaly.because(
                "remembered before expiresAtEpochSeconds, forgotten from that second on, deleted or not",
            )
        } else {
            anomaly
        })
    }

    /// What is wrong with its expiry; and whether that is where things go wrong, and not what comes of it.
    pub(super) fn wrong_expiry(&self, aftermath: &Aftermath) -> Option<(Anomaly, bool)> {
        let Expected {
            event,
            expires: expected,
            ..
        } = self;
        let value = item_of(aftermath, "processed-events", event).map(|item| item.get(EXPIRY));
        let found = value
            .flatten()
            .and_then(|value| value["N"].as_str()?.parse::<i64>().ok());
        let (what, why) = match (found, value) {
            (Some(found), _) if found == *expected => return None,
            (Some(found), _) => {
                let mut how = difference(found - expected);
                let why = if [*expected, self.expired_first].contains(&(found / 1000)) {
                    how = "in milliseconds".to_owned();
                    "time to live counts in seconds: milliseconds name a time in fifty thousand years"
                } else if self.prolonged.contains(&found) {
                    "a repeat has prolonged it: only a delivery that is applied remembers the event"
                } else if found == self.expired_first {
                    "that is the expiry of its first delivery: it was applied anew, and not remembered anew"
                } else {
                    "it is now_epoch_seconds + horizon_seconds of the delivery that is applied: no other clock, no older expiry, not rounded"
                };
                let what =
                    format!("{event} expires at the second {found}, expected {expected}: {how}");
                (what, why)
            }
            (None, Some(Some(value))) => (
                format!("{EXPIRY} of {event} is {value}, expected {{\"N\":\"{expected}\"}}"),
                "time to live looks at whole numbers only, as seconds since 1970: what is none never expires",
            ),
            (None, Some(None)) => (
                format!("{event} has no {EXPIRY}, expected {expected}"),
                "time to live deletes no item that lacks its attribute",
            ),
            (None, None) => (
                format!("{event} is not in processed-events"),
                "what was applied has to be remembered until its horizon ends",
            ),
        };
        let is_cause = found != Some(self.expired_first) && value.is_some();
        Some((
            Anomaly::of_event(AnomalyKind::Corrupt, event, what).because(why),
            is_cause,
        ))
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
