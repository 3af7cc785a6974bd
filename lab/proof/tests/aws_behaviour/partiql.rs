//! PartiQL: the same writes in other words, with errors of its own.

use crate::harness::{ACCOUNTS, account, balance, n, s, see, with_accounts};
use aws_sdk_dynamodb::operation::execute_statement::ExecuteStatementError;
use aws_sdk_dynamodb::operation::execute_transaction::ExecuteTransactionError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
use aws_sdk_dynamodb::types::{AttributeValue, ParameterizedStatement};
use lab::Aws;

const INSERT: &str = "INSERT INTO \"{}\" VALUE {'id': ?}";
const WITHDRAW: &str = "UPDATE \"{}\" SET balance = balance - ? WHERE id = ? AND balance >= ?";

fn statement(aws: &Aws, text: &str) -> String {
    text.replace("{}", &aws.name(ACCOUNTS))
}

async fn execute(
    aws: &Aws,
    text: &str,
    parameters: Vec<AttributeValue>,
) -> Result<(), ExecuteStatementError> {
    let request = aws
        .dynamodb
        .execute_statement()
        .statement(statement(aws, text));
    let request = request
        .set_parameters(Some(parameters))
        .return_values_on_condition_check_failure(AllOld);
    request
        .send()
        .await
        .map(drop)
        .map_err(|error| error.into_service_error())
}

async fn transact(
    aws: &Aws,
    token: Option<&str>,
    statements: Vec<(&str, Vec<AttributeValue>)>,
) -> Result<(), ExecuteTransactionError> {
    let one = |(text, parameters): (&str, Vec<AttributeValue>)| {
        let one = ParameterizedStatement::builder().statement(statement(aws, text));
        one.set_parameters(Some(parameters))
            .build()
            .expect("complete")
    };
    let request = aws.dynamodb.execute_transaction();
    let request = request.set_transact_statements(Some(statements.into_iter().map(one).collect()));
    let request = request.set_client_request_token(token.map(str::to_owned));
    request
        .send()
        .await
        .map(drop)
        .map_err(|error| error.into_service_error())
}

async fn codes(aws: &Aws, statements: Vec<(&str, Vec<AttributeValue>)>) -> Vec<String> {
    match transact(aws, None, statements).await {
        Err(ExecuteTransactionError::TransactionCanceledException(cancelled)) => {
            let code = |reason: &aws_sdk_dynamodb::types::CancellationReason| {
                reason.code.clone().unwrap_or_default()
            };
            cancelled.cancellation_reasons().iter().map(code).collect()
        }
        other => panic!("expected a cancelled transaction: {other:?}"),
    }
}

#[test]
fn an_insert_of_an_item_that_is_there_is_a_duplicate_item_exception() {
    see(with_accounts(|aws| async move {
        let error = execute(&aws, INSERT, vec![s("alice")])
            .await
            .expect_err("she is there");
        assert!(error.is_duplicate_item_exception(), "{error:?}");
        assert_eq!(balance(&aws, "alice").await, Some(n(100)));
    }));
}

#[test]
fn an_update_has_its_condition_in_its_where_clause() {
    see(with_accounts(|aws| async move {
        execute(&aws, WITHDRAW, vec![n(60), s("alice"), n(60)])
            .await
            .expect("she has 100");
        let error = execute(&aws, WITHDRAW, vec![n(60), s("alice"), n(60)])
            .await
            .expect_err("she has 40");
        let ExecuteStatementError::ConditionalCheckFailedException(failed) = error else {
            panic!("expected a failed condition: {error:?}");
        };
        assert_eq!(failed.message(), Some("The conditional request failed"));
        assert_eq!(
            failed.item().map(|item| item["balance"].clone()),
            Some(n(40))
        );
        let error = execute(&aws, WITHDRAW, vec![n(1), s("nobody"), n(1)])
            .await
            .expect_err("nobody is there");
        assert!(
            error.is_conditional_check_failed_exception(),
            "an update creates no item: {error:?}"
        );
    }));
}

#[test]
fn a_cancelled_transaction_gives_a_reason_for_each_statement() {
    see(with_accounts(|aws| async move {
        let insert = |id: &str| (INSERT, vec![s(id)]);
        let too_much = (WITHDRAW, vec![n(500), s("alice"), n(500)]);
        let add = |id: &str| {
            (
                "UPDATE \"{}\" SET balance = balance + ? WHERE id = ?",
                vec![n(1), s(id)],
            )
        };
        assert_eq!(
            codes(&aws, vec![insert("dave"), too_much]).await,
            ["None", "ConditionalCheckFailed"]
        );
        assert_eq!(
            codes(&aws, vec![insert("alice"), insert("dave")]).await,
            ["DuplicateItem", "None"]
        );
        assert_eq!(
            codes(&aws, vec![insert("dave"), add("carol")]).await,
            ["None", "ValidationError"]
        );
        let rename = (
            "UPDATE \"{}\" SET id = ? WHERE id = ?",
            vec![s("malice"), s("alice")],
        );
        assert_eq!(
            codes(&aws, vec![insert("dave"), rename]).await,
            ["None", "ValidationError"]
        );
        assert_eq!(account(&aws, "dave").await, None);
    }));
}

#[test]
fn exists_is_a_condition_check() {
    const EXISTS: &str = "EXISTS(SELECT * FROM \"{}\" WHERE id = ? AND balance = ?)";
    see(with_accounts(|aws| async move {
        let guarded = |cents| {
            vec![
                (INSERT, vec![s("dave")]),
                (EXISTS, vec![s("alice"), n(cents)]),
            ]
        };
        assert_eq!(
            codes(&aws, guarded(99)).await,
            ["None", "ConditionalCheckFailed"]
        );
        assert_eq!(account(&aws, "dave").await, None);
        transact(&aws, None, guarded(100))
            .await
            .expect("she has 100");
        assert!(account(&aws, "dave").await.is_some());
        assert_eq!(balance(&aws, "alice").await, Some(n(100)));
    }));
}

#[test]
fn a_replayed_request_token_is_not_applied_again_and_must_come_with_the_same_statements() {
    see(with_accounts(|aws| async move {
        let withdraw = |cents| vec![(WITHDRAW, vec![n(cents), s("alice"), n(cents)])];
        for _ in 0..2 {
            transact(&aws, Some("evt_1"), withdraw(10))
                .await
                .expect("a replay succeeds");
        }
        let error = transact(&aws, Some("evt_1"), withdraw(20))
            .await
            .expect_err("other statements");
        assert!(
            error.is_idempotent_parameter_mismatch_exception(),
            "{error:?}"
        );
        assert_eq!(balance(&aws, "alice").await, Some(n(90)));
    }));
}
