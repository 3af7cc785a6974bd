//! `BatchWriteItem`: many writes in one call, and no transaction.

use crate::harness::{ACCOUNTS, account, s, see, with_accounts};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, WriteRequest};

fn put(id: &str) -> WriteRequest {
    let put = PutRequest::builder()
        .item("id", s(id))
        .build()
        .expect("complete");
    WriteRequest::builder().put_request(put).build()
}

fn delete(id: &str) -> WriteRequest {
    let delete = DeleteRequest::builder()
        .key("id", s(id))
        .build()
        .expect("complete");
    WriteRequest::builder().delete_request(delete).build()
}

#[test]
fn a_batch_takes_25_writes_and_names_those_that_it_did_not_process() {
    see(with_accounts(|aws| async move {
        let table = aws.name(ACCOUNTS);
        let puts = |count| {
            (0..count)
                .map(|i| put(&format!("account-{i}")))
                .collect::<Vec<_>>()
        };
        let batch = aws
            .dynamodb
            .batch_write_item()
            .request_items(&table, puts(25))
            .send()
            .await;
        let unprocessed = batch
            .expect("25 are accepted")
            .unprocessed_items
            .expect("a map, if an empty one");
        assert!(unprocessed.is_empty(), "all were processed");
        let batch = aws
            .dynamodb
            .batch_write_item()
            .request_items(&table, puts(26))
            .send()
            .await;
        assert_eq!(
            batch.expect_err("26 are not").into_service_error().code(),
            Some("ValidationException")
        );
    }));
}

#[test]
fn a_batch_does_not_touch_an_item_twice() {
    see(with_accounts(|aws| async move {
        let batch = aws
            .dynamodb
            .batch_write_item()
            .request_items(aws.name(ACCOUNTS), vec![put("dave"), delete("dave")]);
        let error = batch
            .send()
            .await
            .expect_err("refused")
            .into_service_error();
        assert_eq!(error.code(), Some("ValidationException"));
        assert_eq!(account(&aws, "dave").await, None);
    }));
}
