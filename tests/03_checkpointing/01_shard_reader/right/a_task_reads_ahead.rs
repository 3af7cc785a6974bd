//! A task of its own reads, while the records before are handled.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::operation::get_records::GetRecordsOutput;
use aws_sdk_kinesis::types::{Record, ShardIteratorType};

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    CaughtUp,
    Closed { children: Vec<String> },
}

async fn iterator_after(
    kinesis: &Client,
    stream: &str,
    shard_id: &str,
    last: Option<&str>,
) -> Result<String, Error> {
    let request = kinesis
        .get_shard_iterator()
        .stream_name(stream)
        .shard_id(shard_id);
    let request = match last {
        Some(last) => request
            .shard_iterator_type(ShardIteratorType::AfterSequenceNumber)
            .starting_sequence_number(last),
        None => request.shard_iterator_type(ShardIteratorType::TrimHorizon),
    };
    request
        .send()
        .await?
        .shard_iterator
        .ok_or_else(|| "no iterator".into())
}

pub async fn drain(
    kinesis: &Client,
    stream: &str,
    shard_id: &str,
    position: Option<&str>,
    handle: &mut dyn FnMut(&Record),
) -> Result<End, Error> {
    let (pages, mut read) = tokio::sync::mpsc::channel::<Result<GetRecordsOutput, Error>>(2);
    let (kinesis, stream, shard_id) = (kinesis.clone(), stream.to_owned(), shard_id.to_owned());
    let mut last = position.map(str::to_owned);
    let reader = tokio::spawn(async move {
        let mut iterator = match iterator_after(&kinesis, &stream, &shard_id, last.as_deref()).await
        {
            Ok(iterator) => iterator,
            Err(error) => return drop(pages.send(Err(error)).await),
        };
        loop {
            let page = match kinesis.get_records().shard_iterator(&iterator).send().await {
                Ok(page) => page,
                Err(error)
                    if error
                        .as_service_error()
                        .is_some_and(|error| error.is_expired_iterator_exception()) =>
                {
                    match iterator_after(&kinesis, &stream, &shard_id, last.as_deref()).await {
                        Ok(new) => iterator = new,
                        Err(error) => return drop(pages.send(Err(error)).await),
                    }
                    continue;
                }
                Err(error) => return drop(pages.send(Err(error.into())).await),
            };
            if let Some(record) = page.records().last() {
                last = Some(record.sequence_number().to_owned());
            }
            let next = page.next_shard_iterator().map(str::to_owned);
            let is_end = page.records().is_empty() && page.millis_behind_latest() == Some(0);
            if pages.send(Ok(page)).await.is_err() || is_end {
                return;
            }
            match next {
                Some(next) => iterator = next,
                None => return,
            }
        }
    });
    while let Some(page) = read.recv().await {
        let page = page?;
        page.records().iter().for_each(&mut *handle);
        if page.next_shard_iterator().is_none() {
            return Ok(End::Closed {
                children: page
                    .child_shards()
                    .iter()
                    .map(|child| child.shard_id().to_owned())
                    .collect(),
            });
        }
        if page.records().is_empty() && page.millis_behind_latest() == Some(0) {
            return Ok(End::CaughtUp);
        }
    }
    reader.await?;
    Err("the reader ended early".into())
}
