//! The request tokens that the SDK makes where code gives a transaction none.
//!
//! The SDK draws each by chance. Those of the lab are counted out, so that runs can be compared: no other worker has the
//! same, nor can any guess it.

use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextMut;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::execute_transaction::ExecuteTransactionInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use std::sync::atomic::{AtomicU32, Ordering};

/// What each begins with: a UUID of the fourth version, as the SDK's are.
const BEGINNING: &str = "ab1ab1ab-1ab1-4ab1-8ab1-";

/// Whether the lab has drawn a token, and not code under test.
pub(crate) fn is_drawn(token: &str) -> bool {
    token.starts_with(BEGINNING)
}

/// The tokens of one worker.
#[derive(Debug)]
pub(crate) struct DrawnTokens {
    life: u32,
    given: AtomicU32,
}

impl DrawnTokens {
    /// Those of the worker of this number.
    pub(crate) fn of(life: u32) -> Self {
        DrawnTokens {
            life,
            given: AtomicU32::new(0),
        }
    }

    fn next(&self) -> String {
        let given = self.given.fetch_add(1, Ordering::Relaxed);
        format!("{BEGINNING}{:04x}{given:08x}", self.life)
    }
}

impl Intercept for DrawnTokens {
    fn name(&self) -> &'static str {
        "DrawnTokens"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        let token = if let Some(input) = input.downcast_mut::<TransactWriteItemsInput>() {
            &mut input.client_request_token
        } else if let Some(input) = input.downcast_mut::<ExecuteTransactionInput>() {
            &mut input.client_request_token
        } else {
            return Ok(());
        };
        token.get_or_insert_with(|| self.next());
        Ok(())
    }
}
