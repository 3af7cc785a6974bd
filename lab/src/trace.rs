//! The record of a run: every attempt, and what came of it.

use crate::backend::NoAnswer;
use crate::fault::Fault;
use crate::request::Response;
use std::borrow::Cow;

/// One attempt to reach AWS, as the wire saw it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// 1 for the first worker, 2 for its successor, and so on.
    pub life: u32,
    /// `PutItem`
    pub operation: String,
    /// The tables or the stream: `account-balances`.
    pub resources: Vec<String>,
    /// The keys of the items that it names in each of [`Entry::resources`], `evt_1`; the partition keys of what it puts on a
    /// stream.
    pub keys: Vec<Vec<String>>,
    /// 1 for the first attempt of a call; the SDK's retries are 2 and more.
    pub attempt: u32,
    /// How many attempts the SDK will make at most.
    pub max_attempts: u32,
    /// Whether it reads without asking for consistency.
    pub may_be_stale: bool,
    /// Whether AWS may do only a part of it and hand back the rest, in an answer that is no error.
    pub may_be_in_part: bool,
    /// The fault that struck it.
    pub struck: Option<Fault>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It never arrived.
    NeverSent,
    /// Nobody has answered yet.
    Unanswered,
    /// It was applied, and the answer was lost.
    Lost,
    /// It succeeded.
    Ok,
    /// It succeeded, and more items follow in further pages.
    Page,
    /// It succeeded but for so many of its records or items: they were left undone, in an answer that is no error.
    InPart(usize),
    /// AWS refused: the error's code, and a cancelled transaction's reasons.
    Error(String),
}

impl Outcome {
    pub(crate) fn of_attempt(back: &Result<Response, NoAnswer>) -> Self {
        match back {
            Ok(response) => Outcome::of(response),
            Err(_) => Outcome::Lost,
        }
    }

    fn of(response: &Response) -> Self {
        match response.error_code() {
            None => match response.undone() {
                0 if response.is_followed() => Outcome::Page,
                0 => Outcome::Ok,
                undone => Outcome::InPart(undone),
            },
            Some(code) => match response.cancellation_codes() {
                // What is refused as it stands says why in its message only.
                _ if matches!(code, "ValidationException" | "ResourceNotFoundException") => {
                    Outcome::Error(format!("{code}: {}", shortened(response.error_message())))
                }
                reasons if reasons.is_empty() => Outcome::Error(code.to_owned()),
                reasons => Outcome::Error(format!("{code} [{}]", reasons.join(", "))),
            },
        }
    }
}

/// A text without its middle, where it is long: AWS repeats whole requests in some messages, and says what is wrong in the end.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    const SHORT: usize = 400;
    const FIRST: usize = 80;
    const LAST: usize = 160;
    let length = text.chars().count();
    if length <= SHORT {
        return text.into();
    }
    let first: String = text.chars().take(FIRST).collect();
    let last: String = text.chars().skip(length - LAST).collect();
    format!("{first} … {last}").into()
}

/// Whether a fault struck an attempt of these.
pub(crate) fn has_struck(trace: &[Entry], fault: Fault) -> bool {
    trace.iter().any(|entry| entry.struck == Some(fault))
}

impl Entry {
    /// The call without its fate: `PutItem processed-events evt_1`.
    pub fn call(&self) -> String {
        /// A request may name a hundred items.
        const MOST: usize = 3;
        let mut call = self.operation.clone();
        for (i, (name, keys)) in self.resources.iter().zip(&self.keys).enumerate() {
            call.push_str(if i == 0 { " " } else { " + " });
            call.push_str(name);
            match keys.as_slice() {
                [] => {}
                keys if keys.len() <= MOST => call.push_str(&format!(" {}", keys.join(", "))),
                keys => {
                    let what = if self.operation == "PutRecords" {
                        "records"
                    } else {
                        "items"
                    };
                    call.push_str(&format!(" ({} {what})", keys.len()));
                }
            }
        }
        if self.attempt > 1 {
            call.push_str(&format!(
                " (attempt {} of {})",
                self.attempt, self.max_attempts
            ));
        }
        call
    }

    /// What happened to it: `ok`, or the error, and the fault behind it.
    pub fn fate(&self) -> String {
        let fate = match &self.outcome {
            Outcome::NeverSent if self.struck == Some(Fault::NoAnswer) => {
                "lost on the way: nothing was applied".to_owned()
            }
            Outcome::NeverSent => "never sent: the worker died first".to_owned(),
            Outcome::Unanswered => "no answer".to_owned(),
            Outcome::Lost => "applied, and the answer lost".to_owned(),
            Outcome::Ok => "ok".to_owned(),
            Outcome::Page => "ok, more pages follow".to_owned(),
            Outcome::InPart(undone) => format!("ok, but {undone} left undone"),
            Outcome::Error(code) => code.clone(),
        };
        match self.struck {
            Some(Fault::CrashAfter | Fault::TokenExpired) => {
                format!("{fate}, then the worker died")
            }
            Some(Fault::Zombie) => format!("{fate}, after the worker had stalled"),
            Some(Fault::StaleRead) => format!("{fate}, but stale"),
            _ => fate,
        }
    }
}
