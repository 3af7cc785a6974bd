//! The calls, so that they are compiled here.

use crate::Client;
use std::error::Error;
use std::pin::Pin;

/// A call that nobody has sent yet.
type Call<'a> = Pin<Box<dyn Future<Output = Result<(), Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// Those that somebody who solves an exercise may want. Compiled; never sent.
pub fn calls(client: &Client) -> Vec<Call<'_>> {
    vec![
        call(client.get_records().send()),
        call(client.get_shard_iterator().send()),
        call(client.list_shards().send()),
        call(client.put_record().send()),
        call(client.put_records().send()),
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
