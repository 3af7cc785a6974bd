//! Shards: how they end, what comes after them, and how they are listed.

use crate::harness::{FIRST_SHARD, MIDDLE, PAYMENTS, oldest, see, with_payments};
use aws_sdk_kinesis::types::{Shard, ShardFilter, ShardFilterType, StreamStatus};
use lab::Aws;

/// Splits the only shard in two, and waits until that is done.
async fn split(aws: &Aws) {
    let stream = aws.name(PAYMENTS);
    let split = aws
        .kinesis
        .split_shard()
        .stream_name(&stream)
        .shard_to_split(FIRST_SHARD);
    split
        .new_starting_hash_key(MIDDLE)
        .send()
        .await
        .expect("split");
    loop {
        let summary = aws
            .kinesis
            .describe_stream_summary()
            .stream_name(&stream)
            .send()
            .await
            .expect("a summary");
        let summary = summary.stream_description_summary.expect("a summary");
        if *summary.stream_status() == StreamStatus::Active {
            assert_eq!(summary.open_shard_count(), 2);
            return;
        }
    }
}

fn ids(shards: &[Shard]) -> Vec<&str> {
    shards.iter().map(Shard::shard_id).collect()
}

#[test]
fn a_closed_shard_ends_without_a_next_iterator_and_names_its_children() {
    see(with_payments(|aws| async move {
        split(&aws).await;
        let read = |iterator: String| {
            aws.kinesis
                .get_records()
                .shard_iterator(iterator)
                .limit(2)
                .send()
        };
        let first = read(oldest(&aws, FIRST_SHARD).await).await.expect("a page");
        assert_eq!(first.records().len(), 2);
        assert!(first.child_shards.is_none(), "it has not ended yet");
        let mut page = read(first.next_shard_iterator.expect("one record is to come"))
            .await
            .expect("a page");
        assert_eq!(page.records().len(), 1);
        if let Some(next) = page.next_shard_iterator {
            // AWS may say so together with the last record, or on an empty page after it.
            page = read(next).await.expect("a page");
        }
        assert_eq!(page.next_shard_iterator, None);
        assert_eq!(page.millis_behind_latest, Some(0));
        let children = page.child_shards.expect("its children");
        assert_eq!(children.len(), 2);
        for child in &children {
            assert_eq!(child.parent_shards(), [FIRST_SHARD]);
            assert!(child.hash_key_range().is_some());
            let start = oldest(&aws, child.shard_id()).await;
            let page = read(start).await.expect("a page");
            assert!(
                page.records().is_empty(),
                "no record is in the parent and in a child"
            );
            assert!(page.next_shard_iterator.is_some());
        }
    }));
}

#[test]
fn a_merged_shard_has_two_parents() {
    see(with_payments(|aws| async move {
        split(&aws).await;
        let [left, right] = ["shardId-000000000001", "shardId-000000000002"];
        let merge = aws.kinesis.merge_shards().stream_name(aws.name(PAYMENTS));
        merge
            .shard_to_merge(left)
            .adjacent_shard_to_merge(right)
            .send()
            .await
            .expect("merged");
        let list = aws
            .kinesis
            .list_shards()
            .stream_name(aws.name(PAYMENTS))
            .send()
            .await
            .expect("a list");
        let merged = &list.shards()[3];
        assert_eq!(
            (merged.parent_shard_id(), merged.adjacent_parent_shard_id()),
            (Some(left), Some(right))
        );
        let page = aws
            .kinesis
            .get_records()
            .shard_iterator(oldest(&aws, left).await)
            .send()
            .await
            .expect("a page");
        assert_eq!(page.child_shards()[0].parent_shards(), [left, right]);
    }));
}

#[test]
fn a_shard_is_split_once() {
    see(with_payments(|aws| async move {
        split(&aws).await;
        let split = aws
            .kinesis
            .split_shard()
            .stream_name(aws.name(PAYMENTS))
            .shard_to_split(FIRST_SHARD);
        let error = split
            .new_starting_hash_key(MIDDLE)
            .send()
            .await
            .expect_err("it is closed")
            .into_service_error();
        assert!(error.is_invalid_argument_exception(), "{error:?}");
    }));
}

#[test]
fn a_list_of_shards_holds_closed_ones_too_and_can_be_filtered() {
    see(with_payments(|aws| async move {
        split(&aws).await;
        let list = |kind: Option<ShardFilterType>| {
            let list = aws.kinesis.list_shards().stream_name(aws.name(PAYMENTS));
            let filter = |kind| {
                let after = (kind == ShardFilterType::AfterShardId)
                    .then(|| "shardId-000000000001".to_owned());
                ShardFilter::builder()
                    .r#type(kind)
                    .set_shard_id(after)
                    .build()
                    .expect("complete")
            };
            list.set_shard_filter(kind.map(filter)).send()
        };
        let [first, second, third] = [FIRST_SHARD, "shardId-000000000001", "shardId-000000000002"];
        let all = list(None).await.expect("a list");
        assert_eq!(ids(all.shards()), [first, second, third]);
        let range = |i: usize| all.shards()[i].sequence_number_range().expect("a range");
        assert!(range(0).ending_sequence_number().is_some(), "it is closed");
        assert!(range(1).ending_sequence_number().is_none(), "it is open");
        assert_eq!(all.shards()[1].parent_shard_id(), Some(first));
        let open = list(Some(ShardFilterType::AtLatest)).await.expect("a list");
        assert_eq!(ids(open.shards()), [second, third]);
        let oldest = list(Some(ShardFilterType::AtTrimHorizon))
            .await
            .expect("a list");
        assert_eq!(ids(oldest.shards()), [first]);
        let after = list(Some(ShardFilterType::AfterShardId))
            .await
            .expect("a list");
        assert_eq!(ids(after.shards()), [third]);
    }));
}

#[test]
fn a_list_of_shards_goes_on_from_a_token_alone() {
    see(with_payments(|aws| async move {
        split(&aws).await;
        let first = aws
            .kinesis
            .list_shards()
            .stream_name(aws.name(PAYMENTS))
            .max_results(2)
            .send()
            .await;
        let first = first.expect("a page");
        assert_eq!(first.shards().len(), 2);
        let token = first.next_token.expect("more follow");
        let rest = aws
            .kinesis
            .list_shards()
            .next_token(&token)
            .send()
            .await
            .expect("a page");
        assert_eq!(
            (ids(rest.shards()), rest.next_token()),
            (vec!["shardId-000000000002"], None)
        );
        let both = aws
            .kinesis
            .list_shards()
            .next_token(&token)
            .stream_name(aws.name(PAYMENTS))
            .send()
            .await;
        let error = both.expect_err("one or the other").into_service_error();
        assert!(error.is_invalid_argument_exception(), "{error:?}");
    }));
}
