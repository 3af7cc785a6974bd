//! Apply a payment exactly once: the reference.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, Put, TransactWriteItem, Update};

/// What an event asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentType {
    /// Adds the amount to the balance.
    Deposit,
    /// Takes the amount from the balance, if the balance is at least as large.
    Withdrawal,
}

/// A payment. The producer gives each one an id, which is the same in every delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    /// `evt_1`
    pub event_id: String,
    /// Whose balance changes.
    pub account_id: String,
    /// Which way.
    pub payment_type: PaymentType,
    /// By how much, in cents; above 0.
    pub amount_cents: i64,
}

/// The full names of the tables: on a shared account they carry a prefix.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The table `account-balances`.
    pub account_balances: String,
    /// The table `processed-events`.
    pub processed_events: String,
}

/// What came of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The balance has changed.
    Applied,
    /// A withdrawal beyond the balance: nothing has changed, and never will by this event.
    Rejected,
    /// This event was decided before, whichever way: by an earlier delivery, or by an attempt of this one whose answer
    /// was lost. Nothing changes a second time.
    Duplicate,
}

/// Whatever went wrong: the worker ends with it, and the event is delivered again.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

// ANCHOR: apply
/// Decides `event` and applies it to its account's balance, exactly once, however often it is delivered.
///
/// # Errors
///
/// Whatever leaves the event undecided. Never because of a duplicate or an overdraft: these are outcomes.
pub async fn apply(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    now_epoch_seconds: i64,
) -> Result<Outcome, Error> {
    let remember = remember(tables, event, "applied", now_epoch_seconds)?;
    let move_balance = move_balance(tables, event)?;
    let sent = dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(remember).build())
        .transact_items(TransactWriteItem::builder().update(move_balance).build())
        .send()
        .await;
    let error = match sent {
        Ok(_) => return Ok(Outcome::Applied),
        Err(error) => error,
    };
    // The reasons stand in the order of the actions. Any other than a failed condition
    // (a conflict, a throttle) says nothing about the event: it has to be tried again.
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
        && let [id, balance] = cancelled.cancellation_reasons()
    {
        if condition_failed(id) {
            return Ok(Outcome::Duplicate);
        }
        if condition_failed(balance) && is_clear(id) {
            return reject(dynamodb, tables, event, now_epoch_seconds).await;
        }
    }
    Err(error.into())
}
// ANCHOR_END: apply

/// Remembers that `event` was rejected, unless it has been decided meanwhile.
async fn reject(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    now_epoch_seconds: i64,
) -> Result<Outcome, Error> {
    let remember = remember(tables, event, "rejected", now_epoch_seconds)?;
    let sent = dynamodb
        .put_item()
        .table_name(remember.table_name())
        .set_item(Some(remember.item().clone()))
        .set_condition_expression(remember.condition_expression().map(str::to_owned))
        .send()
        .await;
    match sent {
        Ok(_) => Ok(Outcome::Rejected),
        // Somebody was faster: another worker, or this call's own first attempt, whose answer was lost.
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
        {
            Ok(Outcome::Duplicate)
        }
        Err(error) => Err(error.into()),
    }
}

/// The write that claims the event's id. It fails if the id is taken.
fn remember(
    tables: &Tables,
    event: &PaymentEvent,
    outcome: &str,
    now_epoch_seconds: i64,
) -> Result<Put, Error> {
    let put = Put::builder()
        .table_name(&tables.processed_events)
        .item("eventId", AttributeValue::S(event.event_id.clone()))
        .item("outcome", AttributeValue::S(outcome.to_owned()))
        .item(
            "decidedAtEpochSeconds",
            AttributeValue::N(now_epoch_seconds.to_string()),
        )
        .condition_expression("attribute_not_exists(eventId)");
    Ok(put.build()?)
}

/// The write that moves the balance. For a withdrawal it fails if the balance is too small, or if there is none.
fn move_balance(tables: &Tables, event: &PaymentEvent) -> Result<Update, Error> {
    let amount = AttributeValue::N(event.amount_cents.to_string());
    let update = Update::builder()
        .table_name(&tables.account_balances)
        .key("accountId", AttributeValue::S(event.account_id.clone()))
        .expression_attribute_values(":amount", amount);
    let update = match event.payment_type {
        PaymentType::Deposit => update.update_expression("ADD balanceCents :amount"),
        PaymentType::Withdrawal => update
            .update_expression("SET balanceCents = balanceCents - :amount")
            .condition_expression("balanceCents >= :amount"),
    };
    Ok(update.build()?)
}

fn condition_failed(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

/// "No error" has a code of its own: the text `None`. A code that is missing says nothing.
fn is_clear(reason: &CancellationReason) -> bool {
    reason.code() == Some("None")
}
