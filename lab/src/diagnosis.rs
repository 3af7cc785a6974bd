//! Why an anomaly came about, in one sentence, as far as the fault behind it tells.

use crate::audit::AnomalyKind::{self, Corrupt, Duplicate, Lost, Regressed, Stuck};
use crate::fault::Fault::{self, *};

/// The likely reason for an anomaly of `kind` after `fault`; without a fault the code alone is to blame.
pub(crate) fn why(kind: AnomalyKind, fault: Option<Fault>) -> &'static str {
    let Some(fault) = fault else {
        return match kind {
            Lost => {
                "nothing failed here: the event was read, and its effect never reached the table"
            }
            Duplicate => {
                "nothing failed here: the event arrived twice, and each delivery had its effect"
            }
            Corrupt => {
                "nothing failed here: compare what is stored and returned with what the doc comment asks for"
            }
            Stuck => {
                "nothing failed here: an ordinary answer from AWS was taken for an error, or a loop never ends"
            }
            Regressed => "nothing failed here: an older position was written over a newer one",
        };
    };
    match (kind, fault) {
        (Duplicate, CrashBefore | CrashAfter | Redelivered) => {
            "the effect was in the table, and nothing that outlives a crash said so"
        }
        (Lost, CrashBefore | CrashAfter | Redelivered) => {
            "the event was marked as done before its effect was in the table"
        }
        (Corrupt, CrashBefore | CrashAfter | Redelivered) => {
            "the next life decided differently: a decision must be remembered as well as an effect"
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
            "a conflict is no duplicate: nothing was applied, and the event was taken for done"
        }
        (_, Throttled | ThrottledOut | ThrottledInside) => {
            "a throttled call has done nothing; what came after it went on as if it had"
        }
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
        (_, TwoWorkers) => "between one worker's read and its write, the other one wrote",
        (_, EmptyPage) => "an empty page is not the end of a shard",
        (_, ExpiredIterator) => {
            "an expired iterator was not replaced by a new one after the last record read"
        }
        (_, PartialPut) => {
            "PutRecords succeeds in part: each entry of its answer has to be looked at"
        }
        (Stuck, Redelivered) => {
            "a repeat at a later time was refused: the same ClientRequestToken must carry the same parameters"
        }
        (Stuck, _) => "after the fault every new life ended with an error, or never ended",
        (Regressed, _) => "an older position was written over a newer one",
    }
}
