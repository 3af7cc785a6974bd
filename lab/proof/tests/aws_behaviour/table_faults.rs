//! Every fault of the lab that strikes tables, as the SDK hands it to code: typed as AWS documents it, and retried or not.

use crate::harness::{
    ACCOUNTS, add, attempts, balance, n, s, see_struck, transact, update, with_accounts,
};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{DeleteRequest, KeysAndAttributes, WriteRequest};
use lab::Fault::{
    Conflict, CrashAfter, CrashBefore, Denied, LostResponse, NoAnswer, ServerError, Throttled,
    ThrottledInside, ThrottledOut, TokenExpired, Unprocessed,
};
use lab::{Aws, Outcome};
use std::collections::HashMap;

async fn add_five(aws: &Aws) -> Result<UpdateItemOutput, UpdateItemError> {
    let added = add(aws, "alice", 5).await;
    added.map_err(|error| error.into_service_error())
}

/// Five more for alice and for bob.
async fn add_five_to_both(aws: &Aws, token: Option<&str>) -> Result<(), TransactWriteItemsError> {
    let add = |id| update(aws, id, "ADD balance :x", n(5));
    transact(aws, token, vec![add("alice"), add("bob")]).await
}

fn codes(error: TransactWriteItemsError) -> Vec<String> {
    match error {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => cancelled
            .cancellation_reasons()
            .iter()
            .map(|reason| reason.code.clone().unwrap_or_default())
            .collect(),
        other => panic!("expected a cancelled transaction: {other:?}"),
    }
}

#[test]
fn a_throttled_write_is_retried() {
    let look = with_accounts(|aws| async move {
        add_five(&aws).await.expect("the second attempt succeeds");
        assert_eq!(balance(&aws, "alice").await, Some(n(105)));
    });
    let run = see_struck(&[(Throttled, 1)], look);
    assert_eq!(attempts(&run, "UpdateItem"), 2);
    assert_eq!(
        run.aftermath.trace[0].outcome,
        Outcome::Error("ThrottlingException".to_owned())
    );
}

#[test]
fn a_write_that_stays_throttled_fails_after_three_attempts_with_a_throttling_exception() {
    let look = with_accounts(|aws| async move {
        let error = add_five(&aws).await.expect_err("throttled");
        let UpdateItemError::ThrottlingException(throttled) = error else {
            panic!("expected a ThrottlingException: {error:?}");
        };
        assert!(
            throttled
                .message()
                .is_some_and(|message| message.starts_with("Throughput exceeds"))
        );
        assert_eq!(
            throttled.throttling_reasons()[0].reason(),
            Some("TableWriteKeyRangeThroughputExceeded")
        );
        assert_eq!(balance(&aws, "alice").await, Some(n(100)));
    });
    let run = see_struck(&[(ThrottledOut, 1)], look);
    assert_eq!(attempts(&run, "UpdateItem"), 3);
}

#[test]
fn a_transaction_that_stays_throttled_fails_after_three_attempts() {
    let look = with_accounts(|aws| async move {
        let error = add_five_to_both(&aws, None).await.expect_err("throttled");
        assert!(error.is_throttling_exception(), "{error:?}");
    });
    let run = see_struck(&[(ThrottledOut, 1)], look);
    assert_eq!(attempts(&run, "TransactWriteItems"), 3);
}

#[test]
fn throttling_inside_a_transaction_is_a_reason_at_its_action_and_not_retried() {
    for (point, expected) in [
        (1, ["ThrottlingError", "None"]),
        (2, ["None", "ThrottlingError"]),
    ] {
        let look = with_accounts(move |aws| async move {
            assert_eq!(
                codes(add_five_to_both(&aws, None).await.expect_err("cancelled")),
                expected
            );
            assert_eq!(balance(&aws, "bob").await, Some(n(200)));
        });
        let run = see_struck(&[(ThrottledInside, point)], look);
        assert_eq!(attempts(&run, "TransactWriteItems"), 1);
    }
}

#[test]
fn a_conflict_between_transactions_is_a_reason_at_its_action_and_not_retried() {
    for (point, expected) in [
        (1, ["TransactionConflict", "None"]),
        (2, ["None", "TransactionConflict"]),
    ] {
        let look = with_accounts(move |aws| async move {
            assert_eq!(
                codes(add_five_to_both(&aws, None).await.expect_err("cancelled")),
                expected
            );
        });
        let run = see_struck(&[(Conflict, point)], look);
        assert_eq!(attempts(&run, "TransactWriteItems"), 1);
    }
}

#[test]
fn a_transaction_still_in_progress_is_retried_until_the_sdk_gives_up() {
    let look = with_accounts(|aws| async move {
        let error = add_five_to_both(&aws, None)
            .await
            .expect_err("in progress all the time");
        let TransactWriteItemsError::TransactionInProgressException(in_progress) = error else {
            panic!("expected a TransactionInProgressException: {error:?}");
        };
        assert!(in_progress.message().is_some());
        assert_eq!(balance(&aws, "alice").await, Some(n(100)));
        // A call that is sent again meets nobody.
        let again = add_five_to_both(&aws, None).await;
        again.expect("the next call succeeds");
        assert_eq!(balance(&aws, "alice").await, Some(n(105)));
    });
    // A transaction of two actions has three points: a reason at each action, and this.
    let run = see_struck(&[(Conflict, 3)], look);
    assert_eq!(attempts(&run, "TransactWriteItems"), 4);
}

#[test]
fn a_plain_write_that_meets_a_transaction_is_a_transaction_conflict_exception_and_not_retried() {
    let look = with_accounts(|aws| async move {
        let error = add_five(&aws).await.expect_err("a conflict");
        let UpdateItemError::TransactionConflictException(conflict) = error else {
            panic!("expected a TransactionConflictException: {error:?}");
        };
        assert_eq!(
            conflict.message(),
            Some("Transaction is ongoing for the item")
        );
        let put = aws
            .dynamodb
            .put_item()
            .table_name(aws.name(ACCOUNTS))
            .item("id", s("dave"))
            .send()
            .await;
        let error = put.expect_err("a conflict").into_service_error();
        assert!(error.is_transaction_conflict_exception(), "{error:?}");
        let delete = aws
            .dynamodb
            .delete_item()
            .table_name(aws.name(ACCOUNTS))
            .key("id", s("alice"))
            .send()
            .await;
        let error = delete.expect_err("a conflict").into_service_error();
        assert!(error.is_transaction_conflict_exception(), "{error:?}");
        let statement = format!("DELETE FROM \"{}\" WHERE id = ?", aws.name(ACCOUNTS));
        let statement = aws
            .dynamodb
            .execute_statement()
            .statement(statement)
            .parameters(s("alice"))
            .send()
            .await;
        let error = statement.expect_err("a conflict").into_service_error();
        assert!(error.is_transaction_conflict_exception(), "{error:?}");
        assert_eq!(balance(&aws, "alice").await, Some(n(100)));
    });
    let run = see_struck(
        &[(Conflict, 1), (Conflict, 1), (Conflict, 1), (Conflict, 1)],
        look,
    );
    assert_eq!(
        run.aftermath.trace.len(),
        5,
        "one attempt each, and the read"
    );
}

#[test]
fn a_lost_response_makes_the_sdk_apply_a_plain_write_twice() {
    let look = with_accounts(|aws| async move {
        add_five(&aws)
            .await
            .expect("the second attempt is answered");
        assert_eq!(balance(&aws, "alice").await, Some(n(110)));
    });
    let run = see_struck(&[(LostResponse, 1)], look);
    assert_eq!(attempts(&run, "UpdateItem"), 2);
}

#[test]
fn without_any_answer_the_sdk_gives_up_and_nothing_was_applied() {
    let look = with_accounts(|aws| async move {
        let error = add(&aws, "alice", 5).await.expect_err("no answer");
        assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");
        assert_eq!(balance(&aws, "alice").await, Some(n(100)));
    });
    let run = see_struck(&[(NoAnswer, 1)], look);
    assert_eq!(attempts(&run, "UpdateItem"), 3);
    assert_eq!(run.aftermath.trace[0].outcome, Outcome::NeverSent);
}

#[test]
fn a_failure_of_aws_is_retried_until_the_sdk_gives_up() {
    let look = with_accounts(|aws| async move {
        let error = add(&aws, "alice", 5).await.expect_err("it fails");
        let status = error
            .raw_response()
            .map(|response| response.status().as_u16());
        assert_eq!(status, Some(500));
        let error = error.into_service_error();
        assert!(error.is_internal_server_error(), "{error:?}");
        let error = aws.kinesis.list_shards().send().await;
        let error = error.expect_err("it fails").into_service_error();
        assert_eq!(error.meta().code(), Some("InternalFailure"));
    });
    let run = see_struck(&[(ServerError, 1), (ServerError, 1)], look);
    assert_eq!(attempts(&run, "UpdateItem"), 3);
    assert_eq!(attempts(&run, "ListShards"), 3);
}

#[test]
fn a_lost_response_makes_a_conditional_write_meet_itself() {
    let look = with_accounts(|aws| async move {
        let claim = aws
            .dynamodb
            .put_item()
            .table_name(aws.name(ACCOUNTS))
            .item("id", s("dave"));
        let claim = claim
            .condition_expression("attribute_not_exists(id)")
            .send()
            .await;
        let error = claim
            .expect_err("it is its own item that is in the way")
            .into_service_error();
        assert!(error.is_conditional_check_failed_exception(), "{error:?}");
    });
    see_struck(&[(LostResponse, 1)], look);
}

#[test]
fn a_lost_response_applies_a_transaction_once_since_the_sdk_keeps_its_token() {
    let look = with_accounts(|aws| async move {
        add_five_to_both(&aws, None)
            .await
            .expect("the second attempt is answered");
        assert_eq!(balance(&aws, "alice").await, Some(n(105)));
    });
    let run = see_struck(&[(LostResponse, 1)], look);
    assert_eq!(attempts(&run, "TransactWriteItems"), 2);
}

#[test]
fn a_token_does_not_outlive_its_ten_minutes() {
    for (fault, expected) in [(CrashBefore, 105), (CrashAfter, 105), (TokenExpired, 110)] {
        let look = with_accounts(move |aws| async move {
            add_five_to_both(&aws, Some("evt_1"))
                .await
                .expect("applied, or a replay");
            assert_eq!(balance(&aws, "alice").await, Some(n(expected)));
        });
        see_struck(&[(fault, 1)], look);
    }
}

#[test]
fn a_refusal_that_stays_is_retried_by_nobody() {
    let look = with_accounts(|aws| async move {
        for _ in 0..3 {
            let error = add_five(&aws).await.expect_err("not allowed");
            assert_eq!(error.code(), Some("AccessDeniedException"));
        }
    });
    let run = see_struck(&[(Denied, 1)], look);
    assert_eq!(attempts(&run, "UpdateItem"), 3);
}

#[test]
fn a_batch_in_part_hands_back_what_it_has_not_done() {
    let look = with_accounts(|aws| async move {
        let table = aws.name(ACCOUNTS);
        let keys = KeysAndAttributes::builder()
            .keys(HashMap::from([("id".to_owned(), s("alice"))]))
            .keys(HashMap::from([("id".to_owned(), s("bob"))]))
            .consistent_read(true);
        let read = aws.dynamodb.batch_get_item();
        let read = read.request_items(&table, keys.build().expect("complete"));
        let read = read.send().await.expect("no error");
        let found = read.responses.expect("tables");
        assert_eq!(found[&table].len(), 1);
        assert_eq!(found[&table][0]["id"], s("bob"));
        let left = &read.unprocessed_keys.expect("tables")[&table];
        assert_eq!(left.keys()[0]["id"], s("alice"));
        assert_eq!(left.consistent_read(), Some(true), "to be sent as it is");
        let delete = |id| {
            let delete = DeleteRequest::builder().key("id", s(id));
            let delete = delete.build().expect("complete");
            WriteRequest::builder().delete_request(delete).build()
        };
        let batch = vec![delete("alice"), delete("bob"), delete("carol")];
        let write = aws.dynamodb.batch_write_item().request_items(&table, batch);
        let write = write.send().await.expect("no error");
        let left = write.unprocessed_items.expect("tables");
        assert_eq!(left[&table], [delete("alice"), delete("carol")]);
        assert_eq!(balance(&aws, "bob").await, None);
        assert_eq!(balance(&aws, "alice").await, Some(n(100)));
    });
    let run = see_struck(&[(Unprocessed, 1), (Unprocessed, 1)], look);
    let trace = &run.aftermath.trace;
    let outcomes: Vec<_> = trace.iter().map(|entry| &entry.outcome).collect();
    assert_eq!(outcomes[..2], [&Outcome::InPart(1), &Outcome::InPart(2)]);
    assert_eq!(trace[1].fate(), "ok, but 2 left undone");
    assert_eq!(
        attempts(&run, "BatchWriteItem"),
        1,
        "the SDK does not retry what is no error"
    );
}
