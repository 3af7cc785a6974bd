//! Conditions on a single write: what fails, and what the error says.

use crate::harness::{ACCOUNTS, account, add, attempts, balance, n, s, see, with_accounts};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
use aws_sdk_dynamodb::types::error::ConditionalCheckFailedException;

/// The failed condition that `$result` must end with.
macro_rules! failed_condition {
    ($result:expr, $error:ident) => {
        match $result
            .expect_err("the condition does not hold")
            .into_service_error()
        {
            $error::ConditionalCheckFailedException(failed) => failed,
            other => panic!("expected a failed condition: {other:?}"),
        }
    };
}

fn says_only_that_it_failed(failed: &ConditionalCheckFailedException) {
    assert_eq!(failed.message(), Some("The conditional request failed"));
    assert_eq!(failed.item(), None, "the item is not shown unasked");
}

#[test]
fn a_failed_condition_is_a_conditional_check_failed_exception() {
    let run = see(with_accounts(|aws| async move {
        let table = aws.name(ACCOUNTS);
        let put = aws
            .dynamodb
            .put_item()
            .table_name(&table)
            .item("id", s("alice"));
        let put = put
            .condition_expression("attribute_not_exists(id)")
            .send()
            .await;
        let failed = failed_condition!(put, PutItemError);
        says_only_that_it_failed(&failed);

        let update = aws
            .dynamodb
            .update_item()
            .table_name(&table)
            .key("id", s("alice"));
        let update = update
            .update_expression("SET balance = balance - :x")
            .condition_expression("balance >= :x")
            .expression_attribute_values(":x", n(101));
        let failed = failed_condition!(update.send().await, UpdateItemError);
        says_only_that_it_failed(&failed);

        let delete = aws
            .dynamodb
            .delete_item()
            .table_name(&table)
            .key("id", s("alice"));
        let delete = delete
            .condition_expression("attribute_not_exists(balance)")
            .send()
            .await;
        let failed = failed_condition!(delete, DeleteItemError);
        says_only_that_it_failed(&failed);

        assert_eq!(balance(&aws, "alice").await, Some(n(100)));
    }));
    for operation in ["PutItem", "UpdateItem", "DeleteItem"] {
        assert_eq!(
            attempts(&run, operation),
            1,
            "the SDK does not retry a failed condition"
        );
    }
}

#[test]
fn a_failed_condition_shows_the_item_where_it_was_asked_for() {
    see(with_accounts(|aws| async move {
        let table = aws.name(ACCOUNTS);
        let alice = account(&aws, "alice").await;

        let put = aws
            .dynamodb
            .put_item()
            .table_name(&table)
            .item("id", s("alice"));
        let put = put.condition_expression("attribute_not_exists(id)");
        let put = put
            .return_values_on_condition_check_failure(AllOld)
            .send()
            .await;
        let failed = failed_condition!(put, PutItemError);
        assert_eq!(failed.item(), alice.as_ref());

        let update = aws
            .dynamodb
            .update_item()
            .table_name(&table)
            .key("id", s("alice"));
        let update = update
            .update_expression("SET balance = :x")
            .condition_expression("balance > :x")
            .expression_attribute_values(":x", n(100))
            .return_values_on_condition_check_failure(AllOld);
        let failed = failed_condition!(update.send().await, UpdateItemError);
        assert_eq!(failed.item(), alice.as_ref());

        let delete = aws
            .dynamodb
            .delete_item()
            .table_name(&table)
            .key("id", s("alice"));
        let delete = delete.condition_expression("attribute_not_exists(balance)");
        let delete = delete
            .return_values_on_condition_check_failure(AllOld)
            .send()
            .await;
        let failed = failed_condition!(delete, DeleteItemError);
        assert_eq!(failed.item(), alice.as_ref());

        let absent = aws
            .dynamodb
            .delete_item()
            .table_name(&table)
            .key("id", s("nobody"));
        let absent = absent.condition_expression("attribute_exists(id)");
        let absent = absent
            .return_values_on_condition_check_failure(AllOld)
            .send()
            .await;
        let failed = failed_condition!(absent, DeleteItemError);
        assert_eq!(failed.item(), None);
    }));
}

#[test]
fn a_comparison_with_a_missing_attribute_is_false() {
    see(with_accounts(|aws| async move {
        let update = |condition: &str| {
            let update = aws
                .dynamodb
                .update_item()
                .table_name(aws.name(ACCOUNTS))
                .key("id", s("alice"));
            let update = update
                .update_expression("SET checked = :x")
                .condition_expression(condition);
            update.expression_attribute_values(":x", n(1)).send()
        };
        let error = update("credit >= :x")
            .await
            .expect_err("no credit")
            .into_service_error();
        assert!(error.is_conditional_check_failed_exception(), "{error:?}");
        update("NOT credit >= :x")
            .await
            .expect("the opposite of false");
        update("attribute_not_exists(credit) OR credit >= :x")
            .await
            .expect("absent");
    }));
}

#[test]
fn a_reserved_word_is_no_name_in_an_expression() {
    see(with_accounts(|aws| async move {
        for word in [
            "ttl", "status", "owner", "data", "sequence", "token", "counter",
        ] {
            let update = aws
                .dynamodb
                .update_item()
                .table_name(aws.name(ACCOUNTS))
                .key("id", s("alice"));
            let update = update
                .update_expression(format!("SET {word} = :x"))
                .expression_attribute_values(":x", n(1));
            let error = update.send().await.expect_err(word).into_service_error();
            assert_eq!(error.code(), Some("ValidationException"), "{word}");
        }
        let update = aws
            .dynamodb
            .update_item()
            .table_name(aws.name(ACCOUNTS))
            .key("id", s("alice"));
        let update = update
            .update_expression("SET #t = :x")
            .expression_attribute_names("#t", "ttl")
            .expression_attribute_values(":x", n(1));
        update.send().await.expect("a placeholder may stand for it");
    }));
}

#[test]
fn an_update_creates_the_item_that_it_does_not_find() {
    see(with_accounts(|aws| async move {
        add(&aws, "dave", 7).await.expect("created");
        assert_eq!(balance(&aws, "dave").await, Some(n(7)));
    }));
}

#[test]
fn an_update_that_does_not_fit_the_item_is_a_validation_exception() {
    see(with_accounts(|aws| async move {
        for (id, expression) in [
            ("carol", "ADD balance :x"),
            ("alice", "SET credit = credit + :x"),
            ("alice", "SET id = :x"),
        ] {
            let update = aws
                .dynamodb
                .update_item()
                .table_name(aws.name(ACCOUNTS))
                .key("id", s(id));
            let update = update
                .update_expression(expression)
                .expression_attribute_values(":x", n(1));
            let error = update
                .send()
                .await
                .expect_err(expression)
                .into_service_error();
            assert_eq!(error.code(), Some("ValidationException"), "{expression}");
        }
    }));
}
