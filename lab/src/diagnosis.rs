//! Why an anomaly came about, in one sentence, as far as the run tells.

use crate::audit::AnomalyKind::{self, Corrupt, Duplicate, Lost, OverBudget, Regressed, Stuck};
use crate::fault::Fault::{self, *};
use crate::trace::{Entry, Outcome, has_struck};
use crate::verdict::Violation;

/// The likely reason for a violation; `plain` is the trace of a run without faults.
pub(crate) fn why(violation: &Violation, plain: &[Entry]) -> &'static str {
    let mut faults = violation.plan.iter().map(|strike| strike.fault);
    // What was read, or not read, after another fault says more than that one.
    let fault = faults
        .clone()
        .find(|fault| matches!(fault, StaleRead | Unprocessed))
        .or(faults.next());
    telling(violation, plain)
        .or(violation.anomaly.why)
        .unwrap_or_else(|| usual(violation.anomaly.kind, fault))
}

/// A reason of which the run itself has left a trace.
fn telling(violation: &Violation, plain: &[Entry]) -> Option<&'static str> {
    let Violation {
        plan,
        anomaly,
        aftermath,
        ..
    } = violation;
    let trace = &aftermath.trace;
    let refused = |code| {
        trace
            .iter()
            .any(|entry| matches!(&entry.outcome, Outcome::Error(text) if text.starts_with(code)))
    };
    if trace.is_empty() && !plain.is_empty() {
        return Some(
            "no call was made: this process remembers an earlier run, in a static or a thread-local; a new worker does not",
        );
    }
    let was_stale = has_struck(trace, StaleRead);
    if anomaly.kind == Stuck && anomaly.what.contains("worker panicked") {
        if was_stale {
            return Some(
                "a read without ConsistentRead may miss the last write; what it did not find made the code panic",
            );
        }
        if has_struck(trace, EmptyPage) {
            return Some("a page may hold no records: what took one from it panicked");
        }
        return Some("a panic ends the worker, whatever its reason: return the error, with `?`");
    }
    if anomaly.kind == Stuck && anomaly.what.contains("number too large to fit") {
        return Some(
            "the number does not fit its type: a sequence number has up to 129 digits, and fits none",
        );
    }
    let ended_with = |code| {
        let last = trace.last().map(|entry| &entry.outcome);
        matches!(last, Some(Outcome::Error(text)) if text.starts_with(code))
    };
    let ended_with_reason = |code| {
        let last = trace.last().map(|entry| &entry.outcome);
        matches!(last, Some(Outcome::Error(text)) if text.starts_with("TransactionCanceled") && text.contains(code))
    };
    if anomaly.kind == Stuck
        && (ended_with("ValidationException") || ended_with("ResourceNotFoundException"))
    {
        return Some(
            "AWS refuses this call as it stands, and will refuse it from the next worker too: its message says why",
        );
    }
    if anomaly.kind == Stuck && ended_with_reason("ValidationError") {
        return Some(
            "DynamoDB can never carry out an action of this transaction as it stands: adding to an attribute that is not there is one",
        );
    }
    let never_ends = ["the worker ended with an error in", "the worker made"]
        .iter()
        .any(|beginning| anomaly.what.starts_with(beginning));
    if anomaly.kind == Stuck && never_ends && ended_with_reason("ConditionalCheckFailed") {
        match plan.first().map(|strike| strike.fault) {
            None => {
                return Some(
                    "nobody else is at work: each new worker finds the same, and fails at the same condition",
                );
            }
            Some(Zombie | TwoWorkers) => {
                return Some(
                    "a condition refused it, and it tried again: what another worker has written does not go away",
                );
            }
            _ => {}
        }
    }
    let last_succeeded = |operation| {
        let is_it = |last: &Entry| last.operation == operation && last.outcome == Outcome::Ok;
        trace.last().is_some_and(is_it)
    };
    if anomaly.kind == Stuck
        && anomaly.what.contains("ended with an error")
        && last_succeeded("DescribeTimeToLive")
    {
        return Some(
            "time to live is ENABLING for up to an hour after it was switched on, and ENABLED only then: both are on",
        );
    }
    if anomaly.kind == Stuck && refused("IdempotentParameterMismatch") {
        return Some(
            "the same ClientRequestToken must carry the same parameters: another time, position or amount makes another request of it",
        );
    }
    if anomaly.kind != Stuck && retry_was_refused(trace) {
        return Some(
            "a retry met the worker's own earlier write, of which it had heard nothing, and took it for somebody else's",
        );
    }
    if matches!(anomaly.kind, Duplicate | Corrupt) && sent_again_by_the_code(trace) {
        return Some(
            "AWS had applied the call, only its answer was lost; your code made the call again, and it was applied again",
        );
    }
    if anomaly.kind == Corrupt && anomaly.what.contains(" rounded") {
        return Some(
            "a float has no exact tenth, and no odd number above 2^53: compute in whole cents, and store them",
        );
    }
    if plan.is_empty()
        && anomaly.kind == Corrupt
        && anomaly.why.is_none()
        && anomaly.what.contains(" returned ")
    {
        return Some(
            match anomaly.what.contains(" duplicate`") && anomaly.what.contains(" applied`, ") {
                true if refused("TransactionCanceledException [ConditionalCheckFailed") => {
                    "the repeat was refused and changed nothing: what its first delivery came to is told once, by that one"
                }
                true => {
                    "the repeat changed nothing and succeeded: so does each one under a ClientRequestToken that DynamoDB still knows"
                }
                false => {
                    "the balances are right, and what was returned is not: look at the answer to each call of that event"
                }
            },
        );
    }
    None
}

/// Whether the SDK sent a call again whose answer was lost, and a condition refused it.
fn retry_was_refused(trace: &[Entry]) -> bool {
    trace.windows(2).any(|pair| {
        let refused = matches!(&pair[1].outcome, Outcome::Error(code) if code.contains("ConditionalCheckFailed"));
        pair[0].struck == Some(LostResponse) && pair[1].attempt > 1 && refused
    })
}

/// Whether an answer was lost after which the SDK did not try again: the next attempt is the first one of another call.
fn sent_again_by_the_code(trace: &[Entry]) -> bool {
    trace.windows(2).any(|pair| {
        pair[0].struck == Some(LostResponse) && pair[0].life == pair[1].life && pair[1].attempt == 1
    })
}

/// The reason that is the most likely one for an anomaly of `kind` after `fault`; without a fault the code alone is
/// to blame.
fn usual(kind: AnomalyKind, fault: Option<Fault>) -> &'static str {
    let Some(fault) = fault else {
        return match kind {
            Lost => {
                "nothing failed here: the event was read, and its effect never reached the table"
            }
            Duplicate => {
                "nothing failed here: an event had its effect again, and no condition on what the first one wrote held the second one back"
            }
            Corrupt => {
                "nothing failed here: compare what is stored and returned with what the doc comment asks for"
            }
            Stuck => {
                "nothing failed here: an ordinary answer from AWS was taken for an error, or a loop never ends"
            }
            Regressed => "nothing failed here: an older position was written over a newer one",
            OverBudget => {
                "nothing failed here: you pay for each call, and some of them decide nothing"
            }
        };
    };
    match (kind, fault) {
        (Duplicate, CrashBefore | CrashAfter | Redelivered) => {
            "the effect was in the table, and nothing that outlives a worker said so"
        }
        (Lost, CrashBefore | CrashAfter | Redelivered) => {
            "the event was marked as done before its effect was in the table"
        }
        (Corrupt, CrashBefore | CrashAfter | Redelivered) => {
            "the next life decided differently: a decision must be remembered as well as an effect"
        }
        (Lost, NoAnswer | ServerError) => {
            "the call did nothing, and was taken for done: without a good answer nobody knows"
        }
        (_, NoAnswer | ServerError) => {
            "the call did nothing; what came after it went on as if it had"
        }
        (Duplicate | Corrupt, LostResponse) => {
            "AWS had applied the call, only its answer was lost; the SDK sent it again, and it was applied again"
        }
        (Lost, LostResponse) => {
            "a retry met the worker's own earlier write, and took it for somebody else's"
        }
        (Stuck, LostResponse) => {
            "a retry met the worker's own earlier write, and took it for an error"
        }
        (Lost, Throttled | ThrottledOut | ThrottledInside) => {
            "a throttled call has done nothing; its error was swallowed, and the event taken for done"
        }
        (Lost, Conflict) => {
            "a conflict decides nothing: nothing was applied, and the event was taken for done"
        }
        (_, Throttled | ThrottledOut | ThrottledInside) => {
            "a throttled call has done nothing; what came after it went on as if it had"
        }
        (Stuck, Denied) => {
            "a refusal that stays was tried again and again: only what may pass is worth another try"
        }
        (_, Denied) => "AWS refused the call, and what came after it went on as if it had not",
        (_, Conflict) => {
            "a conflict means: nothing was applied, try again; it was taken for something else"
        }
        (Duplicate | Corrupt, TokenExpired) => {
            "DynamoDB remembers a ClientRequestToken for 10 minutes; after that only a condition recognises a repeat"
        }
        (_, TokenExpired) => "the transaction had been applied, and its successor could not tell",
        (_, StaleRead) => {
            "a read without ConsistentRead may miss the last write, and something was built on it"
        }
        (_, Zombie) => {
            "the stalled worker went on from what it had read before, and nothing stopped it"
        }
        (_, TwoWorkers) => {
            "between two calls of one worker came those of the other, and no condition noticed"
        }
        (_, EmptyPage) => "an empty page is not the end of a shard",
        (_, ExpiredIterator) => {
            "an expired iterator was not replaced by a new one after the last record read"
        }
        (_, PartialPut) => {
            "PutRecords succeeds in part: each entry of its answer has to be looked at"
        }
        (_, Unprocessed) => {
            "a batch may do only a part: what comes back as unprocessed has to be sent again"
        }
        (Stuck, _) => "after the fault every new life ended with an error, or never ended",
        (Regressed, _) => "an older position was written over a newer one",
        (OverBudget, _) => "after the fault it did more than the work asks for",
    }
}
