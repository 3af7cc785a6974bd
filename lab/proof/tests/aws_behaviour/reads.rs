//! Reading items: pages, stale reads, and items that have expired.

use crate::harness::{ACCOUNTS, account, add, balance, n, s, see, see_struck, with_accounts};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
    TimeToLiveSpecification, TimeToLiveStatus,
};
use lab::backend::Kind;
use lab::{Aws, Fault};

/// A table of events, ordered by time within an account: alice has five.
async fn make_events(aws: &Aws) -> String {
    let table = aws.name("events");
    let attribute = |name: &str, of: ScalarAttributeType| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(of)
            .build()
            .expect("complete")
    };
    let key = |name: &str, of: KeyType| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(of)
            .build()
            .expect("complete")
    };
    let create = aws
        .dynamodb
        .create_table()
        .table_name(&table)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("id", ScalarAttributeType::S))
        .attribute_definitions(attribute("at", ScalarAttributeType::N))
        .key_schema(key("id", KeyType::Hash))
        .key_schema(key("at", KeyType::Range));
    create.send().await.expect("created");
    loop {
        let described = aws
            .dynamodb
            .describe_table()
            .table_name(&table)
            .send()
            .await
            .expect("it is there");
        if described.table().and_then(|table| table.table_status()) == Some(&TableStatus::Active) {
            break;
        }
    }
    for at in 0..5 {
        let put = aws
            .dynamodb
            .put_item()
            .table_name(&table)
            .item("id", s("alice"));
        put.item("at", n(at))
            .item("odd", n(at % 2))
            .send()
            .await
            .expect("put");
    }
    table
}

#[test]
fn a_page_of_a_query_ends_with_the_key_to_go_on_from_even_where_nothing_follows() {
    see(with_accounts(|aws| async move {
        let table = make_events(&aws).await;
        let query = || {
            let query = aws
                .dynamodb
                .query()
                .table_name(&table)
                .key_condition_expression("id = :id");
            query.expression_attribute_values(":id", s("alice"))
        };
        let first = query().limit(3).send().await.expect("a page");
        assert_eq!((first.count, first.scanned_count), (3, 3));
        let key = first.last_evaluated_key.expect("more may follow");
        assert_eq!(key["at"], n(2));
        let rest = query()
            .limit(2)
            .set_exclusive_start_key(Some(key))
            .send()
            .await
            .expect("a page");
        assert_eq!(rest.items()[1]["at"], n(4));
        let key = rest
            .last_evaluated_key
            .expect("the limit was met: DynamoDB has not looked further");
        let end = query()
            .set_exclusive_start_key(Some(key))
            .send()
            .await
            .expect("a page");
        assert_eq!((end.count, end.last_evaluated_key), (0, None));
        let all = query().send().await.expect("a page");
        assert_eq!((all.count, all.last_evaluated_key), (5, None));
    }));
}

#[test]
fn a_limit_counts_items_before_the_filter() {
    see(with_accounts(|aws| async move {
        let table = make_events(&aws).await;
        let query = aws
            .dynamodb
            .query()
            .table_name(&table)
            .key_condition_expression("id = :id")
            .filter_expression("odd = :one")
            .expression_attribute_values(":id", s("alice"))
            .expression_attribute_values(":one", n(1));
        let page = query.limit(1).send().await.expect("a page");
        assert_eq!(
            (page.count, page.scanned_count),
            (0, 1),
            "an empty page is not the end"
        );
        assert!(page.last_evaluated_key.is_some());
    }));
}

#[test]
fn a_stale_read_sees_the_item_before_its_last_write_and_a_consistent_one_does_not() {
    see_struck(
        &[(Fault::StaleRead, 1)],
        with_accounts(|aws| async move {
            add(&aws, "alice", 5).await.expect("applied");
            assert_eq!(
                balance(&aws, "alice").await,
                Some(n(105)),
                "the consistent read"
            );
            let read = aws
                .dynamodb
                .get_item()
                .table_name(aws.name(ACCOUNTS))
                .key("id", s("alice"));
            let stale = read.send().await.expect("read").item.expect("she is there");
            assert_eq!(stale["balance"], n(100));
        }),
    );
}

#[test]
fn an_expired_item_is_still_there_and_can_be_written() {
    see(with_accounts(|aws| async move {
        let table = aws.name(ACCOUNTS);
        switch(&aws, "expiresAt", true).await.expect("switched on");
        let put = aws
            .dynamodb
            .put_item()
            .table_name(&table)
            .item("id", s("dave"))
            .item("expiresAt", n(1));
        put.send().await.expect("put");
        assert!(
            account(&aws, "dave").await.is_some(),
            "expired since 1970, and not deleted yet"
        );
        let update = aws
            .dynamodb
            .update_item()
            .table_name(&table)
            .key("id", s("dave"));
        let update = update
            .update_expression("SET expiresAt = :later")
            .condition_expression("attribute_exists(id) AND expiresAt < :now")
            .expression_attribute_values(":now", n(aws.now_epoch_seconds))
            .expression_attribute_values(":later", n(aws.now_epoch_seconds + 60));
        update
            .send()
            .await
            .expect("the condition judges expiry, not the deletion");
    }));
}

async fn switch(aws: &Aws, attribute: &str, on: bool) -> Result<(), String> {
    let wanted = TimeToLiveSpecification::builder()
        .enabled(on)
        .attribute_name(attribute);
    let update = aws
        .dynamodb
        .update_time_to_live()
        .table_name(aws.name(ACCOUNTS));
    let update = update.time_to_live_specification(wanted.build().expect("complete"));
    let told = |error: &dyn ProvideErrorMetadata| {
        format!(
            "{}: {}",
            error.code().unwrap_or_default(),
            error.message().unwrap_or_default()
        )
    };
    update.send().await.map(drop).map_err(|error| told(&error))
}

#[test]
fn time_to_live_is_switched_on_once() {
    see(with_accounts(|aws| async move {
        switch(&aws, "expiresAt", true).await.expect("switched on");
        for attribute in ["expiresAt", "expiry"] {
            let again = switch(&aws, attribute, true).await.expect_err("it is on");
            assert!(again.starts_with("ValidationException: "), "{again}");
        }
        let status = async || {
            let described = aws
                .dynamodb
                .describe_time_to_live()
                .table_name(aws.name(ACCOUNTS))
                .send()
                .await;
            let described = described
                .expect("described")
                .time_to_live_description
                .expect("a description");
            assert_eq!(described.attribute_name(), Some("expiresAt"));
            described.time_to_live_status
        };
        // On AWS for up to an hour, elsewhere for as many looks as a learner's worker has lives, and more.
        for _ in 0..24 {
            assert_eq!(status().await, Some(TimeToLiveStatus::Enabling));
        }
        if Kind::from_env().expect("a backend") == Kind::Aws {
            return;
        }
        assert_eq!(status().await, Some(TimeToLiveStatus::Enabled));
        assert_eq!(
            switch(&aws, "expiresAt", true).await,
            Err("ValidationException: TimeToLive is already enabled".to_owned())
        );
        switch(&aws, "expiresAt", false)
            .await
            .expect("off after a while");
        assert_eq!(status().await, Some(TimeToLiveStatus::Disabling));
        let again = switch(&aws, "expiresAt", true).await.expect_err("too soon");
        assert!(again.starts_with("ValidationException: "), "{again}");
    }));
}
