//! What may happen to an attempt, or to a worker as a whole.

use crate::in_part;
use crate::request::{Request, Response, Service};
use serde_json::json;

/// A kind of fault.
///
/// Most strike one *attempt*: one request on the wire. The SDK retries on its own, so
/// one call in the code under test may be several attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The worker dies before the attempt reaches AWS.
    CrashBefore,
    /// AWS has applied the attempt; the worker dies without the answer.
    CrashAfter,
    /// No attempt of the call reaches AWS, and the worker gets the same error as for lost answers.
    NoAnswer,
    /// AWS fails, with HTTP 500, until the SDK gives up.
    ServerError,
    /// AWS has applied the attempt; its answer is lost, the worker lives on, and the SDK sends it again.
    LostResponse,
    /// The attempt is throttled once. The SDK retries.
    Throttled,
    /// Every attempt of the call is throttled, until the SDK gives up.
    ThrottledOut,
    /// A transaction is cancelled because one of its actions was throttled.
    ThrottledInside,
    /// From this attempt on every one is refused, whoever sends it: somebody has taken the permission away.
    Denied,
    /// Another transaction is at work on the same item.
    Conflict,
    /// The transaction is applied, the worker dies, and DynamoDB has forgotten the request token by the
    /// time that its successor sends it again: tokens live for ten minutes.
    TokenExpired,
    /// A read that did not ask for consistency sees the item as it was before its last write.
    StaleRead,
    /// `GetRecords` returns nothing although records lie ahead.
    EmptyPage,
    /// The shard iterator is older than five minutes.
    ExpiredIterator,
    /// `PutRecords` takes some records and refuses others.
    PartialPut,
    /// A batch is written or read in part; the rest comes back as unprocessed.
    Unprocessed,
    /// The worker stalls before an attempt; its replacement runs to the end; then the worker goes on.
    Zombie,
    /// After the end a new worker starts, at a later time, and gets whatever is delivered again.
    Redelivered,
    /// Two workers at once, their attempts in an order drawn from a seed.
    TwoWorkers,
}

/// How many orders of two workers are drawn, each from its number.
pub(crate) const DRAWN_ORDERS: u32 = 16;

impl Fault {
    /// Every kind, in the order of reports.
    pub const ALL: [Fault; 19] = [
        Fault::CrashBefore,
        Fault::CrashAfter,
        Fault::LostResponse,
        Fault::NoAnswer,
        Fault::ServerError,
        Fault::Throttled,
        Fault::ThrottledOut,
        Fault::ThrottledInside,
        Fault::Denied,
        Fault::Conflict,
        Fault::TokenExpired,
        Fault::StaleRead,
        Fault::EmptyPage,
        Fault::ExpiredIterator,
        Fault::PartialPut,
        Fault::Unprocessed,
        Fault::Zombie,
        Fault::Redelivered,
        Fault::TwoWorkers,
    ];

    /// The name on the command line: `crash-after`.
    pub fn slug(self) -> &'static str {
        match self {
            Fault::CrashBefore => "crash-before",
            Fault::CrashAfter => "crash-after",
            Fault::NoAnswer => "no-answer",
            Fault::ServerError => "server-error",
            Fault::LostResponse => "lost-response",
            Fault::Throttled => "throttled",
            Fault::ThrottledOut => "throttled-out",
            Fault::ThrottledInside => "throttled-inside",
            Fault::Denied => "denied",
            Fault::Conflict => "conflict",
            Fault::TokenExpired => "token-expired",
            Fault::StaleRead => "stale-read",
            Fault::EmptyPage => "empty-page",
            Fault::ExpiredIterator => "expired-iterator",
            Fault::PartialPut => "partial-put",
            Fault::Unprocessed => "unprocessed",
            Fault::Zombie => "zombie",
            Fault::Redelivered => "redelivered",
            Fault::TwoWorkers => "two-workers",
        }
    }

    /// What a report calls it.
    pub fn label(self) -> &'static str {
        match self {
            Fault::CrashBefore => "crash before a call",
            Fault::CrashAfter => "crash after a call",
            Fault::NoAnswer => "no answer until the SDK gives up",
            Fault::ServerError => "AWS fails until the SDK gives up",
            Fault::LostResponse => "response lost",
            Fault::Throttled => "throttled once",
            Fault::ThrottledOut => "throttled until the SDK gives up",
            Fault::ThrottledInside => "throttled inside a transaction",
            Fault::Denied => "refused for good",
            Fault::Conflict => "conflict with a transaction",
            Fault::TokenExpired => "crash, then the token expires",
            Fault::StaleRead => "stale read",
            Fault::EmptyPage => "empty page",
            Fault::ExpiredIterator => "iterator expired",
            Fault::PartialPut => "records refused in part",
            Fault::Unprocessed => "items left unprocessed",
            Fault::Zombie => "zombie resumes",
            Fault::Redelivered => "started again after the end",
            Fault::TwoWorkers => "two workers at once",
        }
    }

    /// Reads a name as [`Fault::slug`] gives it.
    pub fn parse(slug: &str) -> Option<Self> {
        Fault::ALL.into_iter().find(|fault| fault.slug() == slug)
    }

    /// How many times there are points at which it can strike a whole run, where it strikes no attempt.
    pub(crate) fn whole_run_points(self) -> Option<u32> {
        match self {
            Fault::Redelivered => Some(1),
            Fault::TwoWorkers => Some(DRAWN_ORDERS),
            _ => None,
        }
    }

    /// At how many points of `request` it can strike: none where it has no meaning there.
    pub(crate) fn points(self, request: &Request) -> u32 {
        let actions = || {
            request
                .transaction_actions()
                .map(|actions| actions.len() as u32)
        };
        let if_so = u32::from;
        match self {
            Fault::CrashBefore
            | Fault::CrashAfter
            | Fault::NoAnswer
            | Fault::ServerError
            | Fault::LostResponse
            | Fault::Throttled
            | Fault::ThrottledOut
            | Fault::Denied
            | Fault::Zombie => 1,
            Fault::ThrottledInside => actions().unwrap_or(0),
            // One reason for each action, and a transaction that is still in progress.
            Fault::Conflict => match actions() {
                Some(actions) => actions + 1,
                // A batch is no transaction, and reports no conflict as a whole.
                None => if_so(request.writes_items() && !request.operation.starts_with("Batch")),
            },
            Fault::TokenExpired => if_so(request.has_request_token()),
            Fault::StaleRead => if_so(request.reads_eventually()),
            Fault::EmptyPage | Fault::ExpiredIterator => if_so(request.operation == "GetRecords"),
            Fault::PartialPut if request.operation == "PutRecords" => in_part::ways_to_put(request),
            Fault::PartialPut => 0,
            // Where nothing at all can be done, AWS answers with an error: that is throttling.
            Fault::Unprocessed => if_so(in_part::batch_size(request) > 1),
            Fault::Redelivered | Fault::TwoWorkers => 0,
        }
    }

    /// What happens to `request` when it strikes at its `point`-th point there, counted from 0.
    pub(crate) fn strike(self, request: &Request, point: u32) -> Step {
        match self {
            Fault::CrashBefore => Step::CrashBefore,
            Fault::CrashAfter => Step::CrashAfter,
            Fault::NoAnswer => Step::WholeCall(Fault::NoAnswer),
            Fault::ServerError => Step::WholeCall(Fault::ServerError),
            Fault::LostResponse => Step::LoseResponse,
            Fault::Throttled => Step::Answer(throttling(request)),
            Fault::ThrottledOut => Step::WholeCall(Fault::ThrottledOut),
            Fault::ThrottledInside => Step::Cancel {
                culprit: point as usize,
                code: "ThrottlingError",
                message: ON_DEMAND_THROTTLING,
            },
            Fault::Denied => Step::Deny,
            Fault::Conflict => conflict(request, point),
            Fault::TokenExpired => Step::ForgetToken,
            Fault::StaleRead => Step::ReadStale,
            Fault::EmptyPage => Step::EmptyPage,
            Fault::ExpiredIterator => Step::Answer(Response::error(
                Service::Kinesis,
                "ExpiredIteratorException",
                "Iterator expired. The iterator was created at time Thu Jan 01 00:00:00 UTC 2026 while right now it \
                 is Thu Jan 01 00:05:01 UTC 2026 which is further in the future than the tolerated delay of 300000 \
                 milliseconds.",
            )),
            Fault::PartialPut => Step::PutInPart {
                first: point as usize,
            },
            Fault::Unprocessed => Step::BatchInPart,
            Fault::Zombie => Step::Stall,
            Fault::Redelivered | Fault::TwoWorkers => Step::Pass,
        }
    }
}

impl Fault {
    /// What happens to each attempt of a call that it strikes as a whole.
    pub(crate) fn in_each_attempt(self, request: &Request) -> Step {
        match self {
            Fault::NoAnswer => Step::LoseRequest,
            Fault::ServerError => Step::Answer(server_error(request)),
            Fault::Conflict => Step::Answer(Response::error(
                Service::DynamoDb,
                "TransactionInProgressException",
                "Transaction from previous request is still in progress",
            )),
            _ => Step::Answer(throttling(request)),
        }
    }
}

/// What the wire does with an attempt.
#[derive(Debug)]
pub(crate) enum Step {
    Pass,
    CrashBefore,
    CrashAfter,
    /// It never arrives.
    LoseRequest,
    LoseResponse,
    Answer(Response),
    /// Cancel a transaction because of this one of its actions. The others are told what they would have been told.
    Cancel {
        culprit: usize,
        code: &'static str,
        message: &'static str,
    },
    /// The same for this attempt and every other one of its call: see [`Fault::in_each_attempt`].
    WholeCall(Fault),
    /// Apply it under another token, then crash.
    ForgetToken,
    /// Refuse this attempt and every later one.
    Deny,
    ReadStale,
    EmptyPage,
    /// Refuse this record, every second one after it, and no other.
    PutInPart {
        first: usize,
    },
    BatchInPart,
    Stall,
}

/// What DynamoDB says where a table in on-demand mode, as all tables here are, has to scale first.
const ON_DEMAND_THROTTLING: &str = "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table \
     or index so please try again shortly. If exceptions persist, check if you have a hot key: \
     https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html";

/// How AWS throttles `request`.
///
/// Kinesis limits what reads and writes records by shard, and everything else by calls per second.
pub(crate) fn throttling(request: &Request) -> Response {
    match (request.service, request.operation.as_str()) {
        (Service::Kinesis, "GetRecords" | "GetShardIterator" | "PutRecord" | "PutRecords") => {
            Response::error(
                Service::Kinesis,
                "ProvisionedThroughputExceededException",
                &shard_rate_exceeded(request),
            )
        }
        (Service::Kinesis, _) => Response::error(
            Service::Kinesis,
            "LimitExceededException",
            &format!(
                "Rate exceeded{} under account 000000000000.",
                of_stream(request)
            ),
        ),
        (Service::DynamoDb, _) => {
            let mut response = Response::error(
                Service::DynamoDb,
                "ThrottlingException",
                ON_DEMAND_THROTTLING,
            );
            let kind = if request.writes_items() {
                "Write"
            } else {
                "Read"
            };
            response.body["throttlingReasons"] = request
                .resources()
                .iter()
                .map(|table| {
                    json!({
                        "reason": format!("Table{kind}KeyRangeThroughputExceeded"),
                        "resource": format!("arn:aws:dynamodb:us-east-1:000000000000:table/{table}"),
                    })
                })
                .collect();
            response
        }
    }
}

/// How AWS says that it has failed itself.
fn server_error(request: &Request) -> Response {
    let (code, message) = match request.service {
        Service::Kinesis => ("InternalFailure", "Internal service failure."),
        Service::DynamoDb => ("InternalServerError", "Internal server error"),
    };
    Response {
        status: 500,
        ..Response::error(request.service, code, message)
    }
}

/// How AWS refuses whoever may not do what `request` asks for. No SDK tries that again.
pub(crate) fn denial(request: &Request) -> Response {
    Response::error(
        request.service,
        "AccessDeniedException",
        &format!(
            "User: arn:aws:iam::000000000000:user/lab is not authorized to perform: {}:{}",
            request.service.signing_name(),
            request.operation
        ),
    )
}

/// What Kinesis says of a shard that gets, or gives, more than it can.
pub(crate) fn shard_rate_exceeded(request: &Request) -> String {
    let shard = request.body["ShardId"]
        .as_str()
        .unwrap_or("shardId-000000000000");
    format!(
        "Rate exceeded for shard {shard}{} under account 000000000000.",
        of_stream(request)
    )
}

/// An iterator or a token does not say of which stream it is.
fn of_stream(request: &Request) -> String {
    request.body["StreamName"]
        .as_str()
        .map(|name| format!(" in stream {name}"))
        .unwrap_or_default()
}

fn conflict(request: &Request, point: u32) -> Step {
    let refusal = |code, message| Step::Answer(Response::error(Service::DynamoDb, code, message));
    const ONGOING: &str = "Transaction is ongoing for the item";
    match request.transaction_actions() {
        Some(actions) if (point as usize) < actions.len() => Step::Cancel {
            culprit: point as usize,
            code: "TransactionConflict",
            message: ONGOING,
        },
        // Longer than the SDK tries.
        Some(_) => Step::WholeCall(Fault::Conflict),
        None => refusal("TransactionConflictException", ONGOING),
    }
}

/// A fault, and where it strikes: at the `at`-th point, counted from 1, at which it has a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Strike {
    /// The kind of fault.
    pub fault: Fault,
    /// 1 for the first point.
    pub at: u32,
}

impl Fault {
    /// This fault at the `at`-th point, counted from 1, at which it has a meaning.
    pub const fn at(self, at: u32) -> Strike {
        Strike { fault: self, at }
    }
}

impl std::fmt::Display for Strike {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.fault.slug(), self.at)
    }
}

impl std::str::FromStr for Strike {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (slug, at) = text.split_once(':').unwrap_or((text, "1"));
        let fault = Fault::parse(slug).ok_or_else(|| {
            let known: Vec<_> = Fault::ALL.into_iter().map(Fault::slug).collect();
            format!("`{slug}` is no fault; there are {}.", known.join(", "))
        })?;
        match at.parse() {
            Ok(at) if at > 0 => Ok(Strike { fault, at }),
            _ => Err(format!(
                "`{at}` in `{text}` is no point: the first one is 1."
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_explains_each_fault_by_the_name_that_reports_give_it() {
        let rows = include_str!("fault.md").lines().skip(2);
        let names: Vec<_> = rows
            .map(|row| {
                row.split('|')
                    .map(str::trim)
                    .skip(1)
                    .take(2)
                    .collect::<Vec<_>>()
            })
            .collect();
        let expected: Vec<_> = Fault::ALL
            .iter()
            .map(|fault| vec![fault.label().to_owned(), format!("`{}`", fault.slug())])
            .collect();
        assert_eq!(names, expected);
    }
}
