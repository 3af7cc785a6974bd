//! The same transaction in PartiQL. An INSERT fails if the item is there, with a code of its own: `DuplicateItem`.
//! An UPDATE fails if the item is not there: so an account's first deposit is an INSERT.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::execute_transaction::ExecuteTransactionError;
use aws_sdk_dynamodb::types::{AttributeValue, ParameterizedStatement};

/// What an event asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentType {
    Deposit,
    Withdrawal,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    pub event_id: String,
    pub account_id: String,
    pub payment_type: PaymentType,
    pub amount_cents: i64,
}

/// The full names of the tables.
#[derive(Clone, Debug)]
pub struct Tables {
    pub account_balances: String,
    pub processed_events: String,
}

/// What came of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Applied,
    Rejected,
    Duplicate,
}

pub type Error = Box<dyn std::error::Error + Send + Sync>;

pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    now_epoch_seconds: i64,
) -> Result<Outcome, Error> {
    let id = AttributeValue::S(event.event_id.clone());
    let now = AttributeValue::N(now_epoch_seconds.to_string());
    let account = AttributeValue::S(event.account_id.clone());
    let amount = AttributeValue::N(event.amount_cents.to_string());
    let remember = |outcome: &str| {
        ParameterizedStatement::builder()
            .statement(format!(
                "INSERT INTO \"{}\" VALUE {{'eventId': ?, 'outcome': ?, 'decidedAt': ?}}",
                tables.processed_events
            ))
            .set_parameters(Some(vec![
                id.clone(),
                AttributeValue::S(outcome.to_owned()),
                now.clone(),
            ]))
            .build()
    };
    let statement = |text: &str, parameters: Vec<AttributeValue>| {
        ParameterizedStatement::builder()
            .statement(text.replace("account-balances", &tables.account_balances))
            .set_parameters(Some(parameters))
            .build()
    };
    let ways = match event.payment_type {
        PaymentType::Withdrawal => vec![statement(
            "UPDATE \"account-balances\" SET balanceCents = balanceCents - ? \
             WHERE accountId = ? AND balanceCents >= ?",
            vec![amount.clone(), account, amount],
        )?],
        PaymentType::Deposit => vec![
            statement(
                "UPDATE \"account-balances\" SET balanceCents = balanceCents + ? WHERE accountId = ?",
                vec![amount.clone(), account.clone()],
            )?,
            statement(
                "INSERT INTO \"account-balances\" VALUE {'accountId': ?, 'balanceCents': ?}",
                vec![account, amount],
            )?,
        ],
    };
    for move_balance in ways {
        let sent = dynamodb
            .execute_transaction()
            .transact_statements(remember("applied")?)
            .transact_statements(move_balance)
            .send()
            .await;
        let error = match sent {
            Ok(_) => return Ok(Outcome::Applied),
            Err(error) => error,
        };
        match reasons(error.as_service_error()).as_slice() {
            ["DuplicateItem", _] => return Ok(Outcome::Duplicate),
            ["None", "ConditionalCheckFailed"] => {}
            _ => return Err(error.into()),
        }
    }
    if event.payment_type == PaymentType::Deposit {
        return Err("the account came into being between two calls".into());
    }
    let sent = dynamodb
        .execute_transaction()
        .transact_statements(remember("rejected")?)
        .send()
        .await;
    match sent {
        Ok(_) => Ok(Outcome::Rejected),
        Err(error) => match reasons(error.as_service_error()).as_slice() {
            ["DuplicateItem"] => Ok(Outcome::Duplicate),
            _ => Err(error.into()),
        },
    }
}

/// The code of each action's reason, or nothing if it was no cancellation.
fn reasons(error: Option<&ExecuteTransactionError>) -> Vec<&str> {
    match error {
        Some(ExecuteTransactionError::TransactionCanceledException(cancelled)) => cancelled
            .cancellation_reasons()
            .iter()
            .map(|reason| reason.code().unwrap_or("None"))
            .collect(),
        _ => Vec::new(),
    }
}
