//! Each way in which a transaction is refused, and what it means for the payment.

use super::answer::{self, Decision};
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ConnectorError, ErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason};
use lab::{AnomalyKind, Blame, Cases, Refused, transaction_error};

const NONE: &str = "None";
const FAILED: &str = "ConditionalCheckFailed";
const CONFLICT: &str = "TransactionConflict";
const THROTTLED: &str = "ThrottlingError";
const PROVISIONED: &str = "ProvisionedThroughputExceeded";
const INVALID: &str = "ValidationError";
const TOO_LARGE: &str = "ItemCollectionSizeLimitExceeded";

const UNKNOWN: &str = "SomethingNew";

const PAIR: &str = "two reasons";
const NEW_CODE: &str = "a code that AWS may add one day";
const OTHER_TEXTS: &str = "other messages and items";
const MISSING: &str = "a missing reason, or code";
const NO_ANSWER: &str = "no answer";
const UNREADABLE: &str = "an answer that cannot be read";
const NOT_BUILT: &str = "a request that cannot be built";
const OF_THE_SERVER: &str = "another failure of the server";

#[test]
fn each_refusal_is_read_for_what_it_means() {
    let mut cases = Cases::new(
        lab::exercise!(),
        "decide",
        "what each refusal means for the payment",
        Reading::tell,
        blame,
    );
    let shown = shown_pairs();
    for codes in shown {
        let name = format!("[{}, {}]", short(codes[0]), short(codes[1]));
        cases = cases.case(&name, given(codes), Reading::of(PAIR, meaning(codes)), {
            move || Reading::of(PAIR, decide_pair(codes))
        });
    }
    let others = all_pairs().filter(|codes| !shown.contains(codes));
    let others = others.map(|codes| ("any other two of these codes", codes));
    let decided = pairs_that_another_code_does_not_change().map(|codes| (NEW_CODE, codes));
    for (row, codes) in others.chain(decided) {
        let expected = Reading::of(PAIR, meaning(codes));
        cases = cases.one_of(row, given(codes), expected, {
            move || Reading::of(PAIR, decide_pair(codes))
        });
    }
    for codes in pairs_with_an_unknown_code() {
        cases = cases.one_of(
            NEW_CODE,
            given(codes),
            Reading::of_unknown(UNKNOWN, Decision::TryAgain),
            move || Reading::of_unknown(UNKNOWN, decide_pair(codes)),
        );
    }
    for codes in [
        [FAILED, NONE],
        [NONE, FAILED],
        [NONE, CONFLICT],
        [CONFLICT, FAILED],
        [NONE, INVALID],
        [FAILED, INVALID],
    ] {
        for texts in [None, Some(FAILED), Some(INVALID), Some("[None, None]")] {
            let given = match texts {
                None => format!("{}, without any message", given(codes)),
                Some(text) => format!("{}, all messages and items hold `{text}`", given(codes)),
            };
            let expected = Reading::of(OTHER_TEXTS, meaning(codes));
            cases = cases.one_of(OTHER_TEXTS, given, expected, move || {
                let error = cancelled(texts, &codes.map(Some));
                Reading::of(OTHER_TEXTS, answer::decide(&error))
            });
        }
    }
    for (status, code, expected) in errors() {
        cases = cases.case(
            code,
            format!("HTTP {status}, {code}"),
            Reading::of(code, expected),
            move || {
                let error = transaction_error(Refused::With(status, code));
                Reading::of(code, answer::decide(&error))
            },
        );
    }
    // The SDK knows these by their status alone.
    for (status, code) in [
        (500, "InternalFailure"),
        (502, "BadGateway"),
        (504, "GatewayTimeout"),
    ] {
        cases = cases.one_of(
            OF_THE_SERVER,
            format!("HTTP {status}, {code}"),
            Reading::of(OF_THE_SERVER, Decision::TryAgain),
            move || {
                let error = transaction_error(Refused::With(status, code));
                Reading::of(OF_THE_SERVER, answer::decide(&error))
            },
        );
    }
    for codes in reasons_that_say_too_little() {
        let expected = Reading::of_unknown(MISSING, Decision::TryAgain);
        cases = cases.one_of(MISSING, given_reasons(codes), expected, || {
            Reading::of_unknown(MISSING, answer::decide(&cancelled(None, codes)))
        });
    }
    for (codes, decision) in reasons_that_say_enough() {
        let expected = Reading::of(PAIR, decision);
        cases = cases.one_of(MISSING, given_reasons(codes), expected, || {
            Reading::of(PAIR, answer::decide(&cancelled(None, codes)))
        });
    }
    cases
        .case(
            NOT_BUILT,
            "a parameter without a value, SdkError::ConstructionFailure",
            Reading::of(NOT_BUILT, Decision::OursToFix),
            || {
                let error = SdkError::construction_failure("transact_items is missing");
                Reading::of(NOT_BUILT, answer::decide(&error))
            },
        )
        .one_of(
            UNREADABLE,
            "half an answer, SdkError::ResponseError",
            Reading::of_unknown(UNREADABLE, Decision::TryAgain),
            || {
                let error = transaction_error(Refused::Unreadable);
                Reading::of_unknown(UNREADABLE, answer::decide(&error))
            },
        )
        .case(
            NO_ANSWER,
            "the connection broke each time",
            Reading::of(NO_ANSWER, Decision::TryAgain),
            || {
                let error = transaction_error(Refused::NoAnswer);
                Reading::of(NO_ANSWER, answer::decide(&error))
            },
        )
        .one_of(
            NO_ANSWER,
            "a time-out of the SDK, SdkError::TimeoutError",
            Reading::of(NO_ANSWER, Decision::TryAgain),
            || {
                let error = SdkError::timeout_error("no answer within 5 s");
                Reading::of(NO_ANSWER, answer::decide(&error))
            },
        )
        .one_of(
            NO_ANSWER,
            "a time-out of the connection, SdkError::DispatchFailure",
            Reading::of(NO_ANSWER, Decision::TryAgain),
            || {
                let late = ConnectorError::timeout("no connection within 3 s".into());
                let error = SdkError::dispatch_failure(late);
                Reading::of(NO_ANSWER, answer::decide(&error))
            },
        )
        .judge();
}

/// A decision, and what it is about.
#[derive(PartialEq)]
struct Reading {
    about: &'static str,
    /// `None` stands for both decisions that say nothing about the event, where one is as right as the other.
    decision: Option<Decision>,
}

impl Reading {
    fn of(about: &'static str, decision: Decision) -> Self {
        Reading {
            about,
            decision: Some(decision),
        }
    }

    fn of_unknown(about: &'static str, decision: Decision) -> Self {
        let decides = matches!(decision, Decision::Duplicate | Decision::Overdraft);
        Reading {
            about,
            decision: decides.then_some(decision),
        }
    }

    fn tell(&self) -> String {
        match self.decision {
            Some(decision) => format!("{decision:?}"),
            None => "TryAgain or OursToFix".to_owned(),
        }
    }
}

fn decide_pair(codes: [&'static str; 2]) -> Decision {
    answer::decide(&transaction_error(Refused::Cancelled(&codes)))
}

fn given(codes: [&'static str; 2]) -> String {
    format!("a transaction cancelled with [{}]", codes.join(", "))
}

fn given_reasons(codes: &[Option<&str>]) -> String {
    let codes: Vec<_> = codes.iter().map(|code| code.unwrap_or("no code")).collect();
    format!("a transaction cancelled with [{}]", codes.join(", "))
}

/// A cancellation with these codes. Each message and each item holds `text`; without it there are none.
fn cancelled(text: Option<&str>, codes: &[Option<&str>]) -> SdkError<TransactWriteItemsError> {
    let reasons = codes.iter().map(|code| {
        let mut reason = CancellationReason::builder()
            .set_code(code.map(str::to_owned))
            .set_message(text.map(str::to_owned));
        if let Some(text) = text {
            reason = reason.item("note", AttributeValue::S(text.to_owned()));
        }
        reason.build()
    });
    let mut meta = ErrorMetadata::builder().code("TransactionCanceledException");
    if let Some(text) = text {
        meta = meta.message(text);
    }
    let error = TransactionCanceledException::builder()
        .set_message(text.map(str::to_owned))
        .set_cancellation_reasons(Some(reasons.collect()))
        .meta(meta.build());
    let status = 400.try_into().expect("400 is a status");
    SdkError::service_error(
        TransactWriteItemsError::TransactionCanceledException(error.build()),
        HttpResponse::new(status, "".into()),
    )
}

/// The contract's rules, in their order.
fn meaning([id, balance]: [&str; 2]) -> Decision {
    let never = |code| [INVALID, TOO_LARGE].contains(&code);
    if id == FAILED {
        Decision::Duplicate
    } else if never(id) || never(balance) {
        Decision::OursToFix
    } else if (id, balance) == (NONE, FAILED) {
        Decision::Overdraft
    } else {
        Decision::TryAgain
    }
}

/// Reasons for the id's action and the balance's that have a row of their own.
fn shown_pairs() -> [[&'static str; 2]; 20] {
    [
        [FAILED, NONE],
        [NONE, FAILED],
        [FAILED, FAILED],
        [NONE, CONFLICT],
        [CONFLICT, NONE],
        [CONFLICT, CONFLICT],
        [FAILED, CONFLICT],
        [CONFLICT, FAILED],
        [NONE, THROTTLED],
        [THROTTLED, NONE],
        [THROTTLED, FAILED],
        [FAILED, THROTTLED],
        [NONE, PROVISIONED],
        [PROVISIONED, FAILED],
        [NONE, INVALID],
        [INVALID, NONE],
        [INVALID, FAILED],
        [CONFLICT, INVALID],
        [FAILED, INVALID],
        [NONE, TOO_LARGE],
    ]
}

/// All but one: a transaction without a fault is not cancelled.
fn all_pairs() -> impl Iterator<Item = [&'static str; 2]> {
    let codes = [
        NONE,
        FAILED,
        CONFLICT,
        THROTTLED,
        PROVISIONED,
        INVALID,
        TOO_LARGE,
    ];
    codes
        .into_iter()
        .flat_map(move |id| codes.map(|balance| [id, balance]))
        .filter(|codes| *codes != [NONE, NONE])
}

/// Those about which no rule says more.
fn pairs_with_an_unknown_code() -> [[&'static str; 2]; 10] {
    [
        [NONE, UNKNOWN],
        [UNKNOWN, NONE],
        [UNKNOWN, FAILED],
        [CONFLICT, UNKNOWN],
        [UNKNOWN, UNKNOWN],
        // No code begins with another one, or holds it.
        ["NoneApplied", FAILED],
        ["NotNone", FAILED],
        ["ConditionalCheckFailedBefore", NONE],
        ["AnyConditionalCheckFailed", NONE],
        [NONE, "ConditionalCheckConflict"],
    ]
}

/// Those that a rule decides, whatever the unknown code means.
fn pairs_that_another_code_does_not_change() -> [[&'static str; 2]; 4] {
    [
        [FAILED, UNKNOWN],
        [UNKNOWN, INVALID],
        [INVALID, UNKNOWN],
        [UNKNOWN, TOO_LARGE],
    ]
}

/// Reasons too few, or without a code, about which no rule says more.
fn reasons_that_say_too_little() -> [&'static [Option<&'static str>]; 7] {
    [
        &[],
        &[Some(NONE)],
        &[Some(CONFLICT)],
        &[None, Some(FAILED)],
        &[Some(NONE), None],
        &[Some(CONFLICT), None],
        &[None, None],
    ]
}

/// Those that a rule decides all the same.
fn reasons_that_say_enough() -> [(&'static [Option<&'static str>], Decision); 3] {
    [
        (&[Some(FAILED), None], Decision::Duplicate),
        (&[None, Some(INVALID)], Decision::OursToFix),
        (&[Some(TOO_LARGE), None], Decision::OursToFix),
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
        (400, "AccessDeniedException", OursToFix),
        (400, "ValidationException", OursToFix),
        (400, "SerializationException", OursToFix),
        (400, "UnrecognizedClientException", OursToFix),
        (400, "MissingAuthenticationTokenException", OursToFix),
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

fn blame(expected: &Reading, got: &Reading) -> Blame {
    use AnomalyKind::{Corrupt, Lost, Stuck};
    use Decision::*;
    match (expected.decision, got.decision, expected.about) {
        (_, _, UNKNOWN) => (
            Lost,
            "an unknown code says nothing about the event, and the event is passed over for good",
        ),
        (_, Some(Duplicate | Overdraft), MISSING) => (
            Lost,
            "a reason that is missing or has no code says nothing, not even the text `None`, and the event is passed over for good",
        ),
        (_, Some(Duplicate | Overdraft), OTHER_TEXTS) => (
            Lost,
            "messages and items may hold any text, or be absent: only the codes of the reasons count",
        ),
        (_, _, OTHER_TEXTS) => (
            Stuck,
            "messages and items may hold any text, or be absent: only the codes of the reasons count",
        ),
        (_, Some(Duplicate), "IdempotentParameterMismatchException") => (
            Lost,
            "the token came before with other parameters: what was applied under it was not this transaction",
        ),
        (_, Some(Duplicate), "TransactionInProgressException") => (
            Lost,
            "the one in progress may still fail: nothing is decided yet",
        ),
        (_, Some(TryAgain), NOT_BUILT) => (
            Stuck,
            "the same request is built for ever, and never sent: what is missing from it stays missing",
        ),
        (_, Some(TryAgain), "AccessDeniedException") => (
            Stuck,
            "the same transaction is sent for ever: who may not send it today is refused until somebody gives the permission",
        ),
        (_, Some(Duplicate | Overdraft), UNREADABLE) => (
            Lost,
            "nobody knows what it said: the event is passed over for good, and perhaps nothing was applied",
        ),
        (
            _,
            Some(Duplicate),
            NO_ANSWER | OF_THE_SERVER | "InternalServerError" | "ServiceUnavailable",
        ) => (
            Lost,
            "it may have been applied, or not: nobody knows, and the event is passed over as if it had been",
        ),
        (Some(TryAgain | OursToFix), Some(Duplicate), _) => (
            Lost,
            "nothing was applied, and the event is passed over as if it had been",
        ),
        (Some(TryAgain | OursToFix), Some(Overdraft), _) => (
            Lost,
            "nobody has looked whether the event is new, or whether the account can pay: the rejection is made up",
        ),
        (Some(Overdraft), Some(Duplicate), _) => (
            Lost,
            "nobody has decided this event before: its rejection is never told and never stored",
        ),
        (Some(Duplicate), Some(Overdraft), _) => (
            Corrupt,
            "the event was decided before, perhaps applied; now the payer hears that it was rejected",
        ),
        (Some(Overdraft), Some(TryAgain), _) => (
            Stuck,
            "the same transaction is sent for ever. The id's action was not at fault: its code is a text, Some(\"None\")",
        ),
        (_, Some(TryAgain), _) => (
            Stuck,
            "the same transaction is sent for ever: it is refused for a reason that stays",
        ),
        (Some(TryAgain), _, _) => (
            Stuck,
            "somebody is woken at night for what would have passed",
        ),
        (Some(Duplicate), _, _) => (
            Stuck,
            "somebody is woken at night for what was decided long ago",
        ),
        (_, _, _) => (
            Stuck,
            "somebody is woken at night because an account has too little money",
        ),
    }
}
