//! What can be wrong with a result, by name.

use std::fmt;

/// The kinds of anomaly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnomalyKind {
    /// An event had no effect.
    Lost,
    /// An event had its effect more than once.
    Duplicate,
    /// The result is wrong in a way that no loss and no repeat explains.
    Corrupt,
    /// The work never comes to its end.
    Stuck,
    /// A checkpoint moved backwards.
    Regressed,
    /// The result is right, and cost more than it has to.
    OverBudget,
}

impl fmt::Display for AnomalyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            AnomalyKind::Lost => "LOST",
            AnomalyKind::Duplicate => "DUPLICATE",
            AnomalyKind::Corrupt => "CORRUPT",
            AnomalyKind::Stuck => "STUCK",
            AnomalyKind::Regressed => "REGRESSED",
            AnomalyKind::OverBudget => "OVER BUDGET",
        })
    }
}

/// Something that is wrong with a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anomaly {
    /// Its name.
    pub kind: AnomalyKind,
    /// What happened to whom: `evt_2 was applied 2 times: bob has 250.00, expected 220.00`.
    pub what: String,
    /// The event that was lost or repeated.
    pub event_id: Option<String>,
    /// The likely reason, where the check knows it better than the fault tells.
    pub why: Option<&'static str>,
}

impl Anomaly {
    /// An anomaly that concerns no single event.
    pub fn new(kind: AnomalyKind, what: impl Into<String>) -> Self {
        Anomaly {
            kind,
            what: what.into(),
            event_id: None,
            why: None,
        }
    }

    /// An anomaly of one event.
    pub fn of_event(kind: AnomalyKind, event_id: &str, what: impl Into<String>) -> Self {
        Anomaly {
            kind,
            what: what.into(),
            event_id: Some(event_id.to_owned()),
            why: None,
        }
    }

    /// The same, with the likely reason in one sentence.
    pub fn because(mut self, why: &'static str) -> Self {
        self.why = Some(why);
        self
    }
}
