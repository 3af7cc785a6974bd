//! The calls, so that they are compiled here.

use crate::Client;
use std::error::Error;

/// Those that somebody who solves an exercise may want. Compiled; never sent.
pub async fn calls(client: &Client) -> Result<(), Box<dyn Error + Send + Sync>> {
    client.batch_get_item().send().await?;
    client.batch_write_item().send().await?;
    client.delete_item().send().await?;
    client.describe_time_to_live().send().await?;
    client.execute_statement().send().await?;
    client.execute_transaction().send().await?;
    client.get_item().send().await?;
    client.put_item().send().await?;
    client.query().send().await?;
    client.scan().send().await?;
    client.transact_get_items().send().await?;
    client.transact_write_items().send().await?;
    client.update_item().send().await?;
    client.update_time_to_live().send().await?;
    client.query().into_paginator().send().next().await;
    client.query().into_paginator().items().send().next().await;
    client.scan().into_paginator().send().next().await;
    client.scan().into_paginator().items().send().next().await;
    Ok(())
}
