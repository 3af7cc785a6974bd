//! Keys, numbers and sizes, as DynamoDB takes and keeps them.

use crate::harness::{ACCOUNTS, account, balance, n, s, see, with_accounts};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use lab::Aws;

async fn put(aws: &Aws, id: AttributeValue, balance: AttributeValue) -> Result<(), String> {
    let put = aws
        .dynamodb
        .put_item()
        .table_name(aws.name(ACCOUNTS))
        .item("id", id)
        .item("balance", balance);
    let error = put
        .send()
        .await
        .err()
        .map(|error| error.into_service_error());
    error.map_or(Ok(()), |error| {
        Err(error.code().unwrap_or_default().to_owned())
    })
}

fn refused() -> Result<(), String> {
    Err("ValidationException".to_owned())
}

#[test]
fn an_empty_string_is_a_value_but_no_key() {
    see(with_accounts(|aws| async move {
        assert_eq!(put(&aws, s(""), n(1)).await, refused());
        assert_eq!(put(&aws, s("dave"), s("")).await, Ok(()));
        assert_eq!(balance(&aws, "dave").await, Some(s("")));
    }));
}

#[test]
fn a_key_must_be_there_and_of_its_type() {
    see(with_accounts(|aws| async move {
        assert_eq!(put(&aws, n(1), n(1)).await, refused());
        let put = aws
            .dynamodb
            .put_item()
            .table_name(aws.name(ACCOUNTS))
            .item("balance", n(1));
        let error = put.send().await.expect_err("no key").into_service_error();
        assert_eq!(error.code(), Some("ValidationException"));
    }));
}

#[test]
fn a_number_is_kept_exactly_and_in_its_shortest_form() {
    see(with_accounts(|aws| async move {
        for (given, kept) in [
            ("1.50", "1.5"),
            ("1E2", "100"),
            ("007", "7"),
            ("-0", "0"),
            ("0.30000000000000004", "0.30000000000000004"),
            (
                "99999999999999999999999999999999999999",
                "99999999999999999999999999999999999999",
            ),
        ] {
            assert_eq!(put(&aws, s("dave"), n(given)).await, Ok(()), "{given}");
            assert_eq!(balance(&aws, "dave").await, Some(n(kept)), "{given}");
        }
        let too_long = "9".repeat(39);
        for given in [too_long.as_str(), "1e126", "1e-131", "abc", ""] {
            assert_eq!(put(&aws, s("dave"), n(given)).await, refused(), "{given}");
        }
    }));
}

#[test]
fn arithmetic_is_decimal_and_has_no_trailing_zeros() {
    see(with_accounts(|aws| async move {
        let add = |x: &'static str| {
            let update = aws
                .dynamodb
                .update_item()
                .table_name(aws.name(ACCOUNTS))
                .key("id", s("dave"));
            let update = update
                .update_expression("ADD balance :x")
                .expression_attribute_values(":x", n(x));
            let update = update.return_values(ReturnValue::UpdatedNew).send();
            async {
                update
                    .await
                    .expect("a sum")
                    .attributes
                    .and_then(|mut new| new.remove("balance"))
            }
        };
        assert_eq!(add("0.1").await, Some(n("0.1")));
        assert_eq!(add("0.2").await, Some(n("0.3")));
        assert_eq!(add("-0.3").await, Some(n("0")));
        assert_eq!(
            add("9007199254740993").await,
            Some(n("9007199254740993")),
            "beyond what a float holds"
        );
        assert_eq!(balance(&aws, "dave").await, Some(n("9007199254740993")));
    }));
}

#[test]
fn an_item_has_at_most_400_kilobytes() {
    see(with_accounts(|aws| async move {
        assert_eq!(
            put(&aws, s("dave"), s(&"x".repeat(400 * 1024))).await,
            refused()
        );
        assert_eq!(
            put(&aws, s("dave"), s(&"x".repeat(400 * 1024 - 100))).await,
            Ok(())
        );
        assert!(account(&aws, "dave").await.is_some());
    }));
}
