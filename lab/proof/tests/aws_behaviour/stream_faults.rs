//! Every fault of the lab that strikes streams, as the SDK hands it to code: typed as AWS documents it, and retried or not.

use crate::harness::{
    FIRST_SHARD, PAYMENTS, attempts, data, oldest, payment, read, see_struck, with_payments,
};
use aws_sdk_kinesis::primitives::Blob;
use lab::Fault::{EmptyPage, ExpiredIterator, LostResponse, PartialPut, Throttled, ThrottledOut};

#[test]
fn a_lost_response_makes_the_sdk_put_a_record_twice() {
    let look = with_payments(|aws| async move {
        let put = aws
            .kinesis
            .put_record()
            .stream_name(aws.name(PAYMENTS))
            .partition_key("alice");
        put.data(Blob::new("3"))
            .send()
            .await
            .expect("the second attempt is answered");
        let start = oldest(&aws, FIRST_SHARD).await;
        let page = read(&aws, &start, 10).await;
        let last: Vec<_> = page.records().iter().skip(3).collect();
        assert_eq!(last.len(), 2);
        assert_eq!(last[0].data(), last[1].data());
        assert_ne!(last[0].sequence_number(), last[1].sequence_number());
    });
    see_struck(&[(LostResponse, 1)], look);
}

#[test]
fn a_throttled_read_of_a_shard_is_retried_and_typed_when_it_stays() {
    let look = with_payments(|aws| async move {
        let start = oldest(&aws, FIRST_SHARD).await;
        let page = read(&aws, &start, 10).await;
        assert_eq!(page.records().len(), 3);
    });
    let run = see_struck(&[(Throttled, 2)], look);
    assert_eq!(attempts(&run, "GetRecords"), 2);

    let look = with_payments(|aws| async move {
        let start = oldest(&aws, FIRST_SHARD).await;
        let read = aws.kinesis.get_records().shard_iterator(start).send().await;
        let error = read.expect_err("throttled").into_service_error();
        assert!(
            error.is_provisioned_throughput_exceeded_exception(),
            "{error:?}"
        );
        let list = aws
            .kinesis
            .list_shards()
            .stream_name(aws.name(PAYMENTS))
            .send()
            .await;
        let error = list.expect_err("throttled").into_service_error();
        assert!(error.is_limit_exceeded_exception(), "{error:?}");
    });
    let run = see_struck(&[(ThrottledOut, 2), (ThrottledOut, 1)], look);
    assert_eq!(attempts(&run, "GetRecords"), 3);
    assert_eq!(attempts(&run, "ListShards"), 3);
}

#[test]
fn an_expired_iterator_is_typed_and_not_retried() {
    let look = with_payments(|aws| async move {
        let start = oldest(&aws, FIRST_SHARD).await;
        let read = aws
            .kinesis
            .get_records()
            .shard_iterator(&start)
            .send()
            .await;
        let error = read.expect_err("expired").into_service_error();
        assert!(error.is_expired_iterator_exception(), "{error:?}");
    });
    let run = see_struck(&[(ExpiredIterator, 1)], look);
    assert_eq!(attempts(&run, "GetRecords"), 1);
}

#[test]
fn only_the_next_iterator_of_an_empty_page_leads_to_what_lies_behind() {
    let look = with_payments(|aws| async move {
        let read = |iterator: String| aws.kinesis.get_records().shard_iterator(iterator).send();
        let mut iterator = oldest(&aws, FIRST_SHARD).await;
        for _ in 0..4 {
            let empty = read(iterator).await.expect("a page");
            assert!(empty.records().is_empty());
            assert!(empty.millis_behind_latest > Some(0), "records lie ahead");
            iterator = empty.next_shard_iterator.expect("the shard goes on");
            let again = read(oldest(&aws, FIRST_SHARD).await).await.expect("a page");
            assert!(again.records().is_empty(), "the same place once more");
        }
        assert_eq!(read(iterator).await.expect("a page").records().len(), 3);
    });
    see_struck(&[(EmptyPage, 1)], look);
}

#[test]
fn records_are_refused_in_part_in_an_answer_that_is_no_error() {
    let (too_fast, failed) = (
        (Some("ProvisionedThroughputExceededException"), false),
        (Some("InternalFailure"), false),
    );
    let taken = (None, true);
    for (point, told, on_the_stream) in [
        (1, [too_fast, taken, failed, taken], [b"1", b"3"]),
        (2, [taken, failed, taken, too_fast], [b"0", b"2"]),
    ] {
        let look = with_payments(move |aws| async move {
            let record = |i: usize| payment(i.to_string());
            let put = aws.kinesis.put_records().stream_name(aws.name(PAYMENTS));
            let answer = put
                .set_records(Some((0..4).map(record).collect()))
                .send()
                .await
                .expect("no error");
            assert_eq!(answer.failed_record_count, Some(2));
            let answers = answer.records().iter();
            let answers =
                answers.map(|entry| (entry.error_code(), entry.sequence_number().is_some()));
            assert_eq!(answers.collect::<Vec<_>>(), told);
            let mut messages = answer.records().iter().filter_map(|e| e.error_message());
            let names_the_stream = |message: &str| message.contains(PAYMENTS);
            assert!(
                messages.any(names_the_stream),
                "the shard whose rate is exceeded is named"
            );
            let start = oldest(&aws, FIRST_SHARD).await;
            let page = read(&aws, &start, 10).await;
            assert_eq!(data(&page)[3..], on_the_stream);
        });
        let run = see_struck(&[(PartialPut, point)], look);
        let put = &run.aftermath.trace[0];
        assert_eq!(put.call(), "PutRecords payments (4 records)");
        assert_eq!(put.fate(), "ok, but 2 left undone");
        assert_eq!(
            attempts(&run, "PutRecords"),
            1,
            "the SDK does not retry what is no error"
        );
    }
}
