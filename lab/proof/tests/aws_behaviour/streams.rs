//! Records: their order, their numbers, and how a reader finds them.

use crate::harness::{FIRST_SHARD, PAYMENTS, data, oldest, payment, read, see, with_payments};
use aws_sdk_kinesis::error::ProvideErrorMetadata;
use aws_sdk_kinesis::operation::get_shard_iterator::{
    GetShardIteratorError, GetShardIteratorOutput,
};
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::ShardIteratorType;
use lab::Aws;

async fn iterator(
    aws: &Aws,
    shard: &str,
    kind: ShardIteratorType,
    number: Option<&str>,
) -> Result<GetShardIteratorOutput, GetShardIteratorError> {
    let request = aws
        .kinesis
        .get_shard_iterator()
        .stream_name(aws.name(PAYMENTS))
        .shard_id(shard);
    let request = request
        .shard_iterator_type(kind)
        .set_starting_sequence_number(number.map(str::to_owned));
    request
        .send()
        .await
        .map_err(|error| error.into_service_error())
}

async fn put(aws: &Aws, stream: &str, key: &str, data: &[u8]) -> (String, String) {
    let put = aws
        .kinesis
        .put_record()
        .stream_name(aws.name(stream))
        .partition_key(key)
        .data(Blob::new(data));
    let put = put.send().await.expect("put");
    (put.shard_id, put.sequence_number)
}

#[test]
fn a_reader_is_behind_while_records_are_still_to_come_and_not_at_the_tip() {
    see(with_payments(|aws| async move {
        let first = read(&aws, &oldest(&aws, FIRST_SHARD).await, 2).await;
        assert_eq!(data(&first), [b"0", b"1"]);
        assert!(
            first.millis_behind_latest > Some(0),
            "one record is still to come"
        );
        let next = first.next_shard_iterator.expect("the shard is open");
        let second = read(&aws, &next, 2).await;
        assert_eq!(data(&second), [b"2"]);
        assert_eq!(second.millis_behind_latest, Some(0), "nothing is");
        let next = second
            .next_shard_iterator
            .expect("an open shard never ends");
        let third = read(&aws, &next, 2).await;
        assert!(third.records().is_empty());
        assert_eq!(third.millis_behind_latest, Some(0));
        assert!(third.next_shard_iterator.is_some());
    }));
}

#[test]
fn an_iterator_is_a_position_that_can_be_read_again() {
    see(with_payments(|aws| async move {
        let start = oldest(&aws, FIRST_SHARD).await;
        let first = read(&aws, &start, 10).await;
        assert_eq!(data(&read(&aws, &start, 10).await), data(&first));
    }));
}

#[test]
fn a_reader_of_one_record_at_a_time_sees_each_once() {
    see(with_payments(|aws| async move {
        let mut iterator = oldest(&aws, FIRST_SHARD).await;
        let mut seen = Vec::new();
        loop {
            let page = read(&aws, &iterator, 1).await;
            seen.extend(data(&page).concat());
            iterator = page.next_shard_iterator.expect("the shard is open");
            if page.millis_behind_latest == Some(0) {
                break;
            }
        }
        assert_eq!(seen, b"012");
    }));
}

#[test]
fn an_iterator_after_a_sequence_number_begins_after_that_record() {
    see(with_payments(|aws| async move {
        let all = read(&aws, &oldest(&aws, FIRST_SHARD).await, 10).await;
        let number = |i: usize| Some(all.records()[i].sequence_number());
        for (kind, i, expected) in [
            (ShardIteratorType::AfterSequenceNumber, 0, vec![b"1", b"2"]),
            (ShardIteratorType::AtSequenceNumber, 1, vec![b"1", b"2"]),
            (ShardIteratorType::AfterSequenceNumber, 2, vec![]),
        ] {
            let start = iterator(&aws, FIRST_SHARD, kind, number(i))
                .await
                .expect("a position");
            let page = read(&aws, start.shard_iterator().expect("an iterator"), 10).await;
            assert_eq!(data(&page), expected);
        }
    }));
}

#[test]
fn the_latest_position_sees_only_what_comes_after_it() {
    see(with_payments(|aws| async move {
        let latest = iterator(&aws, FIRST_SHARD, ShardIteratorType::Latest, None)
            .await
            .expect("a position");
        put(&aws, PAYMENTS, "alice", b"new").await;
        assert_eq!(
            data(&read(&aws, latest.shard_iterator().expect("an iterator"), 10).await),
            [b"new"]
        );
    }));
}

#[test]
fn sequence_numbers_rise_within_a_shard_and_compare_as_numbers() {
    // Longer is larger: they have no leading zeros, and more digits than any integer type.
    let as_number = |digits: &str| (digits.len(), digits.to_owned());
    see(with_payments(move |aws| async move {
        let page = read(&aws, &oldest(&aws, FIRST_SHARD).await, 10).await;
        let mut numbers: Vec<_> = page
            .records()
            .iter()
            .map(|record| record.sequence_number().to_owned())
            .collect();
        numbers.push(put(&aws, PAYMENTS, "bob", b"3").await.1);
        for number in &numbers {
            assert!(
                number.bytes().all(|digit| digit.is_ascii_digit()) && !number.starts_with('0'),
                "{number}"
            );
            assert!(number.parse::<u128>().is_err(), "{number} would not fit");
        }
        assert!(
            numbers
                .windows(2)
                .all(|pair| as_number(&pair[0]) < as_number(&pair[1])),
            "{numbers:?}"
        );
    }));
}

#[test]
fn the_same_data_put_twice_is_two_records() {
    see(with_payments(|aws| async move {
        let first = put(&aws, PAYMENTS, "alice", b"3").await;
        let second = put(&aws, PAYMENTS, "alice", b"3").await;
        assert_ne!(first.1, second.1);
        assert_eq!(
            data(&read(&aws, &oldest(&aws, FIRST_SHARD).await, 10).await),
            [b"0", b"1", b"2", b"3", b"3"]
        );
    }));
}

#[test]
fn a_garbage_iterator_is_an_invalid_argument() {
    see(with_payments(|aws| async move {
        let read = aws
            .kinesis
            .get_records()
            .shard_iterator("garbage")
            .send()
            .await;
        let error = read.expect_err("no iterator").into_service_error();
        assert!(error.is_invalid_argument_exception(), "{error:?}");
    }));
}

#[test]
fn a_sequence_number_of_another_shard_is_an_invalid_argument() {
    let look = with_payments(|aws| async move {
        let wide = aws.name("wide");
        let mut numbers = Vec::new();
        for key in ["alice", "bob"] {
            numbers.push(put(&aws, "wide", key, b"x").await);
        }
        assert_ne!(numbers[0].0, numbers[1].0, "the two keys go to two shards");
        let request = aws
            .kinesis
            .get_shard_iterator()
            .stream_name(&wide)
            .shard_id(&numbers[0].0);
        let request = request.shard_iterator_type(ShardIteratorType::AfterSequenceNumber);
        let error = request
            .starting_sequence_number(&numbers[1].1)
            .send()
            .await
            .expect_err("the wrong shard");
        let error = error.into_service_error();
        assert!(error.is_invalid_argument_exception(), "{error:?}");
    });
    see(look.stream("wide", 2, Vec::new()));
}

#[test]
fn a_stream_or_shard_that_is_not_there_is_not_found() {
    see(with_payments(|aws| async move {
        let error = iterator(
            &aws,
            "shardId-000000000007",
            ShardIteratorType::TrimHorizon,
            None,
        )
        .await;
        let error = error.expect_err("no such shard");
        assert!(error.is_resource_not_found_exception(), "{error:?}");
        let put = aws
            .kinesis
            .put_record()
            .stream_name(aws.name("no-such-stream"))
            .partition_key("alice");
        let error = put
            .data(Blob::new("x"))
            .send()
            .await
            .expect_err("no such stream")
            .into_service_error();
        assert!(error.is_resource_not_found_exception(), "{error:?}");
    }));
}

#[test]
fn put_records_takes_between_1_and_500_records() {
    see(with_payments(|aws| async move {
        let put = |count: usize| {
            let record = |i: usize| payment(i.to_string());
            let put = aws.kinesis.put_records().stream_name(aws.name(PAYMENTS));
            put.set_records(Some((0..count).map(record).collect()))
                .send()
        };
        for count in [0, 501] {
            let error = put(count).await.expect_err("refused").into_service_error();
            assert_eq!(error.code(), Some("ValidationException"), "{count} records");
        }
        assert_eq!(
            data(&read(&aws, &oldest(&aws, FIRST_SHARD).await, 10).await).len(),
            3,
            "none was put"
        );
        let answer = put(500).await.expect("500 are accepted");
        assert_eq!(
            (answer.failed_record_count, answer.records().len()),
            (Some(0), 500)
        );
    }));
}

#[test]
fn put_records_takes_several_megabytes() {
    see(with_payments(|aws| async move {
        let record = |_| payment(vec![0; 900_000]);
        let put = aws.kinesis.put_records().stream_name(aws.name(PAYMENTS));
        let answer = put
            .set_records(Some((0..5).map(record).collect()))
            .send()
            .await
            .expect("accepted");
        assert_eq!(answer.records().len(), 5);
    }));
}
