//! Holds what a check says against what it should say.

use super::answer::{Answer, Expectation, Role};

/// Words with which a check's report begins.
const ANOMALIES: [&str; 11] = [
    "LOST",
    "DUPLICATE",
    "CORRUPT",
    "STUCK",
    "REGRESSED",
    "UNPROVEN",
    "OVER BUDGET",
    "DIFFERENT",
    "SURVIVED",
    "TOO LONG",
    "FORBIDDEN",
];

/// How much of a report stands behind a failure.
const LINES: usize = 30;

/// What came of an answer.
pub enum Finding {
    /// Its check said what it should: in a few words.
    AsExpected(String),
    /// Something else, and why that is wrong.
    Failed(String),
}

impl Finding {
    /// `ok` or `FAILED`.
    pub fn word(&self) -> &'static str {
        match self {
            Finding::AsExpected(_) => "ok",
            Finding::Failed(_) => "FAILED",
        }
    }

    /// One line.
    pub fn summary(&self) -> &str {
        let (Finding::AsExpected(text) | Finding::Failed(text)) = self;
        text.lines().next().unwrap_or_default()
    }
}

/// Judges what the check of `answer` has said.
pub fn judge(answer: &Answer, warnings: &[String], green: bool, report: &str) -> Finding {
    let failed = |reason: String| Finding::Failed(format!("{reason}\n{}", head(body(report))));
    match &answer.role {
        Role::Stub if !warnings.is_empty() => Finding::Failed(format!(
            "it compiles with warnings\n{}",
            warnings.join("\n")
        )),
        Role::Stub if green => failed("it is green although nobody has solved it".to_owned()),
        Role::Stub if !report.contains("is still todo!()") => {
            failed("it does not say that it is unsolved".to_owned())
        }
        Role::Stub => Finding::AsExpected("red, and says that it is still todo!()".to_owned()),
        Role::Right if !green => failed("it is right, and was refused".to_owned()),
        Role::Right => Finding::AsExpected("accepted".to_owned()),
        Role::Wrong(expected) if green => failed(format!(
            "it is wrong, and was accepted; expected {expected}"
        )),
        Role::Wrong(expected) => match verdict(report) {
            Some(verdict) if expected.is_met_by(&verdict) => {
                Finding::AsExpected(verdict.to_string())
            }
            Some(verdict) => failed(format!("expected {expected}, the check says {verdict}")),
            None => failed(format!("expected {expected}, the check names no anomaly")),
        },
    }
}

impl Expectation {
    fn is_met_by(&self, said: &Expectation) -> bool {
        self.anomaly == said.anomaly && (self.fault.is_none() || self.fault == said.fault)
    }
}

/// The first anomaly that a report names, and the fault behind it: that of the command that repeats the run.
fn verdict(report: &str) -> Option<Expectation> {
    let mut lines = report.lines();
    let anomaly = lines.find_map(|line| {
        ANOMALIES
            .into_iter()
            .find(|anomaly| begins_with(line, anomaly))
    })?;
    let again = lines.find_map(|line| line.trim().strip_prefix("again ").map(str::trim));
    let fault = match again.map(|command| command.split_once(" --fault ")) {
        Some(Some((_, plan))) => plan
            .split('+')
            .map(|strike| strike.split(':').next().unwrap_or(strike))
            .collect::<Vec<_>>()
            .join("+"),
        // Without a fault there is no run to repeat with one.
        Some(None) | None => "no-fault".to_owned(),
    };
    Some(Expectation {
        anomaly: anomaly.to_owned(),
        fault: Some(fault),
    })
}

fn begins_with(line: &str, anomaly: &str) -> bool {
    line.strip_prefix(anomaly)
        .is_some_and(|rest| rest.starts_with(' '))
}

/// A report without what the test harness says before it.
pub fn body(report: &str) -> &str {
    report
        .find("\nfailures:\n")
        .map_or(report, |at| &report[at..])
        .trim()
}

fn head(text: &str) -> String {
    text.lines().take(LINES).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(report: &str) -> Option<String> {
        verdict(report).map(|verdict| verdict.to_string())
    }

    #[test]
    fn the_first_anomaly_counts_and_the_fault_of_its_repeat() {
        let report = "---- check::a stdout ----\nDUPLICATE   evt_2 was applied 2 times\n  why       because\n  \
                      again     cargo course check atomic-apply --fault lost-response:3\n\nLOST        evt_3\n";
        assert_eq!(
            said(report).as_deref(),
            Some("DUPLICATE after lost-response")
        );
    }

    #[test]
    fn two_faults_are_both_named() {
        let report = "LOST        evt_2\n  again     cargo course check a --fault crash-after:3+conflict:12\n";
        assert_eq!(
            said(report).as_deref(),
            Some("LOST after crash-after+conflict")
        );
    }

    #[test]
    fn a_report_without_a_repeat_is_about_a_run_without_a_fault() {
        assert_eq!(
            said("OVER BUDGET a run makes 400 calls\n").as_deref(),
            Some("OVER BUDGET after no-fault")
        );
        assert_eq!(
            said("LOST        evt_1\n  again     cargo course check a\n").as_deref(),
            Some("LOST after no-fault")
        );
        assert_eq!(said("test result: ok\n"), None);
    }
}
