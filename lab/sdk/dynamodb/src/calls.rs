//! The calls, so that they are compiled here.

use crate::Client;
use aws_smithy_async::future::pagination_stream::PaginationStream;
use std::error::Error;
use std::pin::Pin;

/// A call that nobody has sent yet.
type Call<'a> = Pin<Box<dyn Future<Output = Result<(), Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// Those that somebody who solves an exercise may want. Compiled; never sent.
pub fn calls(client: &Client) -> Vec<Call<'_>> {
    vec![
        call(client.batch_get_item().send()),
        call(client.batch_write_item().send()),
        call(client.delete_item().send()),
        call(client.describe_time_to_live().send()),
        call(client.execute_statement().send()),
        call(client.execute_transaction().send()),
        call(client.get_item().send()),
        call(client.put_item().send()),
        call(client.query().send()),
        pages(client.query().into_paginator().send()),
        pages(client.query().into_paginator().items().send()),
        call(client.scan().send()),
        pages(client.scan().into_paginator().send()),
        pages(client.scan().into_paginator().items().send()),
        call(client.transact_get_items().send()),
        call(client.transact_write_items().send()),
        call(client.update_item().send()),
        call(client.update_time_to_live().send()),
    ]
}

fn call<'a, T, E>(sent: impl Future<Output = Result<T, E>> + Send + 'a) -> Call<'a>
where
    T: 'a,
    E: Error + Send + Sync + 'static,
{
    Box::pin(async {
        sent.await?;
        Ok(())
    })
}

fn pages<'a, T, E>(mut pages: PaginationStream<Result<T, E>>) -> Call<'a>
where
    T: Send + 'a,
    E: Error + Send + Sync + 'static,
{
    call(async move { pages.next().await.transpose() })
}
