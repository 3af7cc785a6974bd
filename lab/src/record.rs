//! What a run records: its attempts, what they cost, and the versions of watched tables.

use crate::cost::Cost;
use crate::scenario::Version;
use crate::trace::Entry;

/// The record of a run, or of a part of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) trace: Vec<Entry>,
    pub(crate) cost: Cost,
    pub(crate) versions: Vec<Version>,
}

/// How far a record has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    attempts: usize,
    cost: Cost,
    versions: usize,
    moment: u32,
}

impl Record {
    /// The moment of the last write that changed a watched table.
    pub(crate) fn moment(&self) -> u32 {
        self.versions.last().map_or(0, |version| version.moment)
    }

    /// How far it has come.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            attempts: self.trace.len(),
            cost: self.cost,
            versions: self.versions.len(),
            moment: self.moment(),
        }
    }

    /// What came after `mark`, as if it had begun there.
    pub(crate) fn since(&self, mark: Mark) -> Record {
        let versions = self.versions[mark.versions..].iter().cloned();
        Record {
            trace: self.trace[mark.attempts..].to_vec(),
            cost: self.cost - mark.cost,
            versions: versions
                .map(|version| Version {
                    moment: version.moment - mark.moment,
                    attempts: version.attempts - mark.attempts,
                    ..version
                })
                .collect(),
        }
    }

    /// Goes on as `next` does.
    pub(crate) fn append(&mut self, next: &Record) {
        let mark = self.mark();
        self.trace.extend_from_slice(&next.trace);
        self.cost = self.cost + next.cost;
        let versions = next.versions.iter().cloned();
        self.versions.extend(versions.map(|version| Version {
            moment: version.moment + mark.moment,
            attempts: version.attempts + mark.attempts,
            ..version
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Outcome;

    fn attempt(record: &mut Record, operation: &str) {
        record.trace.push(Entry {
            life: 1,
            operation: operation.to_owned(),
            resources: Vec::new(),
            keys: Vec::new(),
            attempt: 1,
            max_attempts: 3,
            may_be_stale: false,
            may_be_in_part: false,
            struck: None,
            outcome: Outcome::Ok,
        });
        record.cost.attempts += 1;
        record.versions.push(Version {
            moment: record.moment() + 1,
            attempts: record.trace.len(),
            table: operation.to_owned(),
            items: [].into(),
        });
    }

    #[test]
    fn what_came_after_a_mark_is_counted_from_there_wherever_it_is_appended() {
        let mut whole = Record::default();
        attempt(&mut whole, "first");
        let mark = whole.mark();
        attempt(&mut whole, "second");
        attempt(&mut whole, "third");

        let mut again = Record::default();
        attempt(&mut again, "another");
        attempt(&mut again, "and another");
        again.append(&whole.since(mark));

        assert_eq!(again.cost.attempts, 4);
        let told = again.versions.iter();
        let told: Vec<_> = told
            .map(|version| (version.table.as_str(), version.moment, version.attempts))
            .collect();
        assert_eq!(
            told,
            [
                ("another", 1, 1),
                ("and another", 2, 2),
                ("second", 3, 3),
                ("third", 4, 4)
            ]
        );
    }
}
