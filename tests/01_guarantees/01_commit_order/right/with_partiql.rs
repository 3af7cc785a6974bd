//! The process on its own, through the clients themselves: no helper for the call that matters.

mod consumer;

pub use consumer::{Consumer, Error, Payment, PaymentType, Record};

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::AttributeValue;

pub async fn at_most_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        consumer.commit(&record).await?;
        add(consumer, &record, RetryConfig::disabled()).await?;
    }
    Ok(())
}

pub async fn at_least_once(consumer: &Consumer) -> Result<(), Error> {
    for record in consumer.read().await? {
        add(consumer, &record, RetryConfig::standard()).await?;
        consumer.commit(&record).await?;
    }
    Ok(())
}

async fn add(consumer: &Consumer, record: &Record, retries: RetryConfig) -> Result<(), Error> {
    let payment = &record.payment;
    let sign = if payment.r#type == PaymentType::Deposit {
        '+'
    } else {
        '-'
    };
    consumer
        .dynamodb
        .execute_statement()
        .statement(format!(
            "UPDATE \"{}\" SET balanceCents = balanceCents {sign} ? WHERE accountId = ?",
            consumer.account_balances
        ))
        .parameters(AttributeValue::N(payment.amount_cents.to_string()))
        .parameters(AttributeValue::S(payment.account_id.clone()))
        .customize()
        .config_override(aws_sdk_dynamodb::Config::builder().retry_config(retries))
        .send()
        .await?;
    Ok(())
}
