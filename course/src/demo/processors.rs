//! Three processors of one payment: one that repeats, one that checks first, one that is right.

use atomic_apply_solution::{Error, Outcome, PaymentEvent, PaymentType, Tables};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use clap::ValueEnum;

/// Which processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Processor {
    /// Adds every payment that it reads
    Naive,
    /// Looks the event up, changes the balance, remembers the event: four calls
    CheckThenAct,
    /// The solution of atomic-apply: one transaction
    Idempotent,
}

impl Processor {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Processor::Naive => "naive",
            Processor::CheckThenAct => "check-then-act",
            Processor::Idempotent => "idempotent",
        }
    }

    /// Processes one delivery.
    ///
    /// # Errors
    /// AWS did not answer, or refused.
    pub async fn process(
        self,
        dynamodb: &Client,
        tables: &Tables,
        event: &PaymentEvent,
        now_epoch_seconds: i64,
    ) -> Result<Outcome, Error> {
        match self {
            Processor::Naive => naive(dynamodb, tables, event).await,
            Processor::CheckThenAct => check_then_act(dynamodb, tables, event).await,
            Processor::Idempotent => {
                atomic_apply_solution::apply(dynamodb, tables, event, now_epoch_seconds).await
            }
        }
    }
}

// ANCHOR: naive
async fn naive(dynamodb: &Client, tables: &Tables, event: &PaymentEvent) -> Result<Outcome, Error> {
    let balance_cents = balance(dynamodb, tables, event).await?;
    write_balance(dynamodb, tables, event, balance_cents + delta_cents(event)).await?;
    Ok(Outcome::Applied)
}
// ANCHOR_END: naive

async fn check_then_act(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
) -> Result<Outcome, Error> {
    let event_id = AttributeValue::S(event.event_id.clone());
    let known = dynamodb
        .get_item()
        .table_name(&tables.processed_events)
        .key("eventId", event_id.clone())
        .consistent_read(true)
        .send()
        .await?;
    if known.item.is_some() {
        return Ok(Outcome::Duplicate);
    }
    let balance_cents = balance(dynamodb, tables, event).await?;
    write_balance(dynamodb, tables, event, balance_cents + delta_cents(event)).await?;
    // A crash here leaves a balance that has moved, and an event that nobody remembers.
    dynamodb
        .put_item()
        .table_name(&tables.processed_events)
        .item("eventId", event_id)
        .send()
        .await?;
    Ok(Outcome::Applied)
}

fn delta_cents(event: &PaymentEvent) -> i64 {
    match event.payment_type {
        PaymentType::Deposit => event.amount_cents,
        PaymentType::Withdrawal => -event.amount_cents,
    }
}

// ANCHOR: balance
async fn balance(dynamodb: &Client, tables: &Tables, event: &PaymentEvent) -> Result<i64, Error> {
    let read = dynamodb
        .get_item()
        .table_name(&tables.account_balances)
        .key("accountId", AttributeValue::S(event.account_id.clone()))
        .consistent_read(true)
        .send()
        .await?;
    match read.item().and_then(|item| item.get("balanceCents")) {
        Some(AttributeValue::N(cents)) => Ok(cents.parse()?),
        Some(_) => Err(format!("{} has a balance that is no number", event.account_id).into()),
        None => Ok(0),
    }
}

async fn write_balance(
    dynamodb: &Client,
    tables: &Tables,
    event: &PaymentEvent,
    balance_cents: i64,
) -> Result<(), Error> {
    dynamodb
        .put_item()
        .table_name(&tables.account_balances)
        .item("accountId", AttributeValue::S(event.account_id.clone()))
        .item("balanceCents", AttributeValue::N(balance_cents.to_string()))
        .send()
        .await?;
    Ok(())
}
// ANCHOR_END: balance
