//! `TransactWriteItems`: all or nothing, one reason for each action, and tokens that are remembered.

use crate::harness::{
    ACCOUNTS, account, attempts, balance, n, s, see, transact, update, with_accounts,
};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{ConditionCheck, Put, TransactWriteItem};
use lab::Aws;

fn put(aws: &Aws, id: &str) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(aws.name(ACCOUNTS))
        .item("id", s(id));
    TransactWriteItem::builder()
        .put(put.build().expect("complete"))
        .build()
}

fn check_exists(aws: &Aws, id: &str) -> TransactWriteItem {
    let check = ConditionCheck::builder()
        .table_name(aws.name(ACCOUNTS))
        .key("id", s(id))
        .condition_expression("attribute_exists(id)");
    TransactWriteItem::builder()
        .condition_check(check.build().expect("complete"))
        .build()
}

async fn cancelled(aws: &Aws, actions: Vec<TransactWriteItem>) -> TransactionCanceledException {
    match transact(aws, None, actions).await {
        Err(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled,
        other => panic!("expected a cancelled transaction: {other:?}"),
    }
}

/// Code and message of each reason.
fn reasons(cancelled: &TransactionCanceledException) -> Vec<(&str, &str)> {
    let reason = |reason: &aws_sdk_dynamodb::types::CancellationReason| {
        (
            reason.code().map(str::to_owned),
            reason.message().map(str::to_owned),
        )
    };
    let owned: Vec<_> = cancelled
        .cancellation_reasons()
        .iter()
        .map(reason)
        .collect();
    assert!(
        owned.iter().all(|(code, _)| code.is_some()),
        "each reason has a code: {owned:?}"
    );
    cancelled
        .cancellation_reasons()
        .iter()
        .map(|reason| {
            (
                reason.code().unwrap_or_default(),
                reason.message().unwrap_or_default(),
            )
        })
        .collect()
}

const NO_ERROR: (&str, &str) = ("None", "");

#[test]
fn cancellation_reasons_stand_in_the_order_of_the_actions_and_no_error_is_the_word_none() {
    let run = see(with_accounts(|aws| async move {
        let actions = vec![
            put(&aws, "dave"),
            check_exists(&aws, "nobody"),
            check_exists(&aws, "alice"),
        ];
        let cancelled = cancelled(&aws, actions).await;
        assert_eq!(
            reasons(&cancelled),
            [
                NO_ERROR,
                ("ConditionalCheckFailed", "The conditional request failed"),
                NO_ERROR
            ]
        );
        assert_eq!(cancelled.cancellation_reasons()[0].message(), None);
        assert_eq!(
            cancelled.message(),
            Some(
                "Transaction cancelled, please refer cancellation reasons for specific reasons \
                 [None, ConditionalCheckFailed, None]"
            )
        );
        assert_eq!(account(&aws, "dave").await, None, "all or nothing");
    }));
    assert_eq!(
        attempts(&run, "TransactWriteItems"),
        1,
        "the SDK does not retry a cancelled transaction"
    );
}

#[test]
fn a_failed_condition_shows_the_item_in_its_reason_where_it_was_asked_for() {
    see(with_accounts(|aws| async move {
        let check = |id: &str| {
            let check = ConditionCheck::builder()
                .table_name(aws.name(ACCOUNTS))
                .key("id", s(id))
                .condition_expression("balance > :x")
                .expression_attribute_values(":x", n(150))
                .return_values_on_condition_check_failure("ALL_OLD".into());
            TransactWriteItem::builder()
                .condition_check(check.build().expect("complete"))
                .build()
        };
        let cancelled = cancelled(&aws, vec![check("alice"), check("bob"), check("nobody")]).await;
        let shown: Vec<_> = cancelled
            .cancellation_reasons()
            .iter()
            .map(|r| r.item().cloned())
            .collect();
        assert_eq!(shown[0], account(&aws, "alice").await);
        assert_eq!(shown[1], None, "bob's condition holds");
        assert_eq!(shown[2], None, "there is no item to show");
    }));
}

#[test]
fn a_replayed_request_token_is_not_applied_again() {
    see(with_accounts(|aws| async move {
        for _ in 0..2 {
            let actions = vec![update(&aws, "alice", "ADD balance :x", n(5))];
            transact(&aws, Some("evt_1"), actions)
                .await
                .expect("a replay succeeds");
        }
        assert_eq!(balance(&aws, "alice").await, Some(n(105)));
    }));
}

#[test]
fn a_request_token_with_other_parameters_is_a_mismatch() {
    let run = see(with_accounts(|aws| async move {
        transact(
            &aws,
            Some("evt_1"),
            vec![update(&aws, "alice", "ADD balance :x", n(5))],
        )
        .await
        .expect("applied");
        let other = transact(
            &aws,
            Some("evt_1"),
            vec![update(&aws, "alice", "ADD balance :x", n(6))],
        )
        .await;
        match other {
            Err(TransactWriteItemsError::IdempotentParameterMismatchException(mismatch)) => {
                assert!(
                    mismatch.message().is_some(),
                    "its message is there: {mismatch:?}"
                );
            }
            other => panic!("expected a mismatch: {other:?}"),
        }
        assert_eq!(balance(&aws, "alice").await, Some(n(105)));
    }));
    assert_eq!(
        attempts(&run, "TransactWriteItems"),
        2,
        "the SDK does not retry a mismatch"
    );
}

#[test]
fn a_cancelled_transaction_does_not_use_up_its_token() {
    see(with_accounts(|aws| async move {
        let actions = || {
            vec![
                check_exists(&aws, "dave"),
                update(&aws, "alice", "ADD balance :x", n(5)),
            ]
        };
        transact(&aws, Some("evt_1"), actions())
            .await
            .expect_err("dave is not there");
        transact(&aws, None, vec![put(&aws, "dave")])
            .await
            .expect("now he is");
        transact(&aws, Some("evt_1"), actions())
            .await
            .expect("tried again, not replayed");
        assert_eq!(balance(&aws, "alice").await, Some(n(105)));
    }));
}

#[test]
fn a_request_token_has_at_most_36_characters() {
    see(with_accounts(|aws| async move {
        transact(&aws, Some(&"t".repeat(36)), vec![put(&aws, "dave")])
            .await
            .expect("36 are accepted");
        let error = transact(&aws, Some(&"t".repeat(37)), vec![put(&aws, "erin")])
            .await
            .expect_err("37 are not");
        assert_eq!(error.code(), Some("ValidationException"));
    }));
}

#[test]
fn a_hundred_actions_are_accepted_in_one_transaction_and_one_more_is_refused() {
    see(with_accounts(|aws| async move {
        let actions = |count| {
            (0..count)
                .map(|i| put(&aws, &format!("account-{i}")))
                .collect::<Vec<_>>()
        };
        let error = transact(&aws, None, actions(101))
            .await
            .expect_err("101 are refused");
        assert_eq!(error.code(), Some("ValidationException"));
        assert_eq!(account(&aws, "account-0").await, None);
        transact(&aws, None, actions(100))
            .await
            .expect("100 are accepted");
        assert!(account(&aws, "account-99").await.is_some());
    }));
}

#[test]
fn two_actions_on_one_item_are_refused() {
    see(with_accounts(|aws| async move {
        let actions = vec![
            check_exists(&aws, "alice"),
            update(&aws, "alice", "ADD balance :x", n(5)),
        ];
        let error = transact(&aws, None, actions).await.expect_err("refused");
        assert_eq!(error.code(), Some("ValidationException"));
        assert_eq!(
            ProvideErrorMetadata::message(&error),
            Some("Transaction request cannot include multiple operations on one item")
        );
    }));
}

#[test]
fn setting_a_key_inside_a_transaction_cancels_it_and_applies_nothing() {
    see(with_accounts(|aws| async move {
        let actions = vec![
            put(&aws, "dave"),
            update(&aws, "alice", "SET id = :x", s("malice")),
            check_exists(&aws, "nobody"),
        ];
        let cancelled = cancelled(&aws, actions).await;
        assert_eq!(
            reasons(&cancelled),
            [
                NO_ERROR,
                (
                    "ValidationError",
                    "One or more parameter values were invalid: Cannot update attribute id. \
                     This attribute is part of the key"
                ),
                ("ConditionalCheckFailed", "The conditional request failed"),
            ]
        );
        assert_eq!(account(&aws, "dave").await, None);
        assert_eq!(account(&aws, "malice").await, None);
        assert_eq!(balance(&aws, "alice").await, Some(n(100)));
    }));
}

#[test]
fn an_update_that_does_not_fit_the_item_cancels_its_transaction_and_applies_nothing() {
    const WRONG_TYPE: &str = "An operand in the update expression has an incorrect data type";
    const MISSING: &str =
        "The provided expression refers to an attribute that does not exist in the item";
    see(with_accounts(|aws| async move {
        for (id, expression, why) in [
            ("carol", "ADD balance :x", WRONG_TYPE),
            ("carol", "SET balance = balance + :x", WRONG_TYPE),
            ("alice", "SET credit = credit + :x", MISSING),
            ("nobody", "SET balance = balance + :x", MISSING),
        ] {
            let actions = vec![
                put(&aws, "dave"),
                update(&aws, id, expression, n(1)),
                check_exists(&aws, "erin"),
            ];
            let cancelled = cancelled(&aws, actions).await;
            assert_eq!(
                reasons(&cancelled),
                [
                    NO_ERROR,
                    ("ValidationError", why),
                    ("ConditionalCheckFailed", "The conditional request failed"),
                ],
                "{expression} on {id}"
            );
        }
        assert_eq!(account(&aws, "dave").await, None);
        assert_eq!(balance(&aws, "carol").await, Some(s("much")));
    }));
}

#[test]
fn a_transaction_on_a_table_that_is_not_there_is_refused() {
    see(with_accounts(|aws| async move {
        let stray = Put::builder()
            .table_name(aws.name("no-such-table"))
            .item("id", s("dave"));
        let stray = TransactWriteItem::builder()
            .put(stray.build().expect("complete"))
            .build();
        let error = transact(&aws, None, vec![put(&aws, "dave"), stray])
            .await
            .expect_err("refused");
        assert!(error.is_resource_not_found_exception(), "{error:?}");
        assert_eq!(account(&aws, "dave").await, None);
    }));
}
