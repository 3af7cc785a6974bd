//! The calls, so that they are compiled here.

use crate::Client;
use std::error::Error;

/// Those that somebody who solves an exercise may want. Compiled; never sent.
pub async fn calls(client: &Client) -> Result<(), Box<dyn Error + Send + Sync>> {
    client.get_records().send().await?;
    client.get_shard_iterator().send().await?;
    client.list_shards().send().await?;
    client.put_record().send().await?;
    client.put_records().send().await?;
    Ok(())
}
