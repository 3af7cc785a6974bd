//! Each way in which a transaction is refused, and what it means for the payment.

use super::answer::{self, Decision};
use lab::{AnomalyKind, Blame, Cases, Refused, transaction_error};

#[test]
fn each_refusal_is_read_for_what_it_means() {
    let mut cases = Cases::new(
        lab::exercise!(),
        "decide",
        "what each refusal means for the payment",
        |decision| format!("{decision:?}"),
        blame,
    );
    for (codes, expected) in cancellations() {
        let name = format!("[{}, {}]", short(codes[0]), short(codes[1]));
        let given = format!("a transaction cancelled with [{}]", codes.join(", "));
        cases = cases.case(&name, given, expected, move || {
            answer::decide(&transaction_error(Refused::Cancelled(&codes)))
        });
    }
    for (status, code, expected) in errors() {
        cases = cases.case(
            code,
            format!("HTTP {status}, {code}"),
            expected,
            move || answer::decide(&transaction_error(Refused::With(status, code))),
        );
    }
    cases
        .case(
            "no answer",
            "the connection broke each time",
            Decision::TryAgain,
            || answer::decide(&transaction_error(Refused::NoAnswer)),
        )
        .judge();
}

/// Reasons for the id's action and the balance's.
fn cancellations() -> Vec<([&'static str; 2], Decision)> {
    const NONE: &str = "None";
    const FAILED: &str = "ConditionalCheckFailed";
    const CONFLICT: &str = "TransactionConflict";
    const THROTTLED: &str = "ThrottlingError";
    const PROVISIONED: &str = "ProvisionedThroughputExceeded";
    const INVALID: &str = "ValidationError";
    const TOO_LARGE: &str = "ItemCollectionSizeLimitExceeded";
    use Decision::*;
    vec![
        ([FAILED, NONE], Duplicate),
        ([NONE, FAILED], Overdraft),
        ([FAILED, FAILED], Duplicate),
        ([NONE, CONFLICT], TryAgain),
        ([CONFLICT, NONE], TryAgain),
        ([CONFLICT, CONFLICT], TryAgain),
        ([FAILED, CONFLICT], Duplicate),
        ([CONFLICT, FAILED], TryAgain),
        ([NONE, THROTTLED], TryAgain),
        ([THROTTLED, NONE], TryAgain),
        ([THROTTLED, FAILED], TryAgain),
        ([FAILED, THROTTLED], Duplicate),
        ([NONE, PROVISIONED], TryAgain),
        ([PROVISIONED, FAILED], TryAgain),
        ([NONE, INVALID], OursToFix),
        ([INVALID, NONE], OursToFix),
        ([INVALID, FAILED], OursToFix),
        ([CONFLICT, INVALID], OursToFix),
        ([FAILED, INVALID], Duplicate),
        ([NONE, TOO_LARGE], OursToFix),
    ]
}

/// The other errors, by their HTTP status and their code.
fn errors() -> Vec<(u16, &'static str, Decision)> {
    use Decision::*;
    vec![
        (400, "TransactionInProgressException", TryAgain),
        (400, "ProvisionedThroughputExceededException", TryAgain),
        (400, "ThrottlingException", TryAgain),
        (400, "RequestLimitExceeded", TryAgain),
        (500, "InternalServerError", TryAgain),
        (503, "ServiceUnavailable", TryAgain),
        (400, "IdempotentParameterMismatchException", OursToFix),
        (400, "ResourceNotFoundException", OursToFix),
        (400, "ValidationException", OursToFix),
    ]
}

/// Long codes, as short as a table wants them.
fn short(code: &str) -> &str {
    match code {
        "ConditionalCheckFailed" => "CheckFailed",
        "TransactionConflict" => "Conflict",
        "ProvisionedThroughputExceeded" => "Throughput",
        "ThrottlingError" => "Throttling",
        "ValidationError" => "Validation",
        "ItemCollectionSizeLimitExceeded" => "CollectionSize",
        code => code,
    }
}

fn blame(expected: &Decision, got: &Decision) -> Blame {
    use Decision::*;
    match (expected, got) {
        (TryAgain | OursToFix, Duplicate) => (
            AnomalyKind::Lost,
            "nothing was applied, and the event is passed over as if it had been",
        ),
        (TryAgain | OursToFix, Overdraft) => (
            AnomalyKind::Lost,
            "nobody has looked whether the event is new, or whether the account can pay: the rejection is made up",
        ),
        (Overdraft, Duplicate) => (
            AnomalyKind::Lost,
            "nobody has decided this event before: its rejection is never told and never stored",
        ),
        (Duplicate, Overdraft) => (
            AnomalyKind::Corrupt,
            "the event was decided before, perhaps applied; now the payer hears that it was rejected",
        ),
        (_, TryAgain) => (
            AnomalyKind::Stuck,
            "the same transaction is sent for ever: it is refused for a reason that stays",
        ),
        (_, _) => (
            AnomalyKind::Stuck,
            "somebody is woken at night for what was decided long ago, or would have passed",
        ),
    }
}
