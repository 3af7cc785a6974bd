//! Tables and their items.

use super::{Item, Items, World};
use crate::backend::BackendError;
use crate::request::Service;
use serde_json::{Value, json};

impl World {
    /// Creates a table whose key is one string, and waits until it can be used.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn create_table(&self, table: &str, key: &str) -> Result<(), BackendError> {
        self.create_table_with(table, key, None).await
    }

    /// Creates a table whose items have the string `key` for their partition, and within it the string `sort_key`, if any.
    pub(crate) async fn create_table_with(
        &self,
        table: &str,
        key: &str,
        sort_key: Option<&str>,
    ) -> Result<(), BackendError> {
        let keys: Vec<_> = [(key, "HASH")]
            .into_iter()
            .chain(sort_key.map(|key| (key, "RANGE")))
            .collect();
        let attributes: Vec<_> = keys
            .iter()
            .map(|(key, _)| json!({ "AttributeName": key, "AttributeType": "S" }))
            .collect();
        let schema: Vec<_> = keys
            .iter()
            .map(|(key, kind)| json!({ "AttributeName": key, "KeyType": kind }))
            .collect();
        let name = self.name(table);
        self.remember_key(&name, key);
        let created = self
            .ask(
                Service::DynamoDb,
                "CreateTable",
                table,
                json!({
                    "TableName": name,
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": attributes,
                    "KeySchema": schema,
                }),
            )
            .await?;
        if created.body.pointer("/TableDescription/TableStatus") == Some(&json!("ACTIVE")) {
            return Ok(());
        }
        self.wait_until_usable(Service::DynamoDb, table).await
    }

    /// Writes items, whatever was there.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn put_items(&self, table: &str, items: &[Item]) -> Result<(), BackendError> {
        // At most 25 items a call. What AWS does not take at once it wants again.
        for chunk in items.chunks(25) {
            let puts: Vec<_> = chunk
                .iter()
                .map(|item| json!({ "PutRequest": { "Item": item } }))
                .collect();
            let mut requests = json!({ self.name(table): puts });
            while requests
                .as_object()
                .is_some_and(|tables| !tables.is_empty())
            {
                let body = json!({ "RequestItems": requests });
                let mut response = self
                    .ask(Service::DynamoDb, "BatchWriteItem", table, body)
                    .await?;
                requests = response.body["UnprocessedItems"].take();
            }
        }
        Ok(())
    }

    /// Writes an item unless one with its `key` is there.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn put_item_if_absent(
        &self,
        table: &str,
        key: &str,
        item: &Item,
    ) -> Result<(), BackendError> {
        let body = json!({
            "TableName": self.name(table),
            "Item": item,
            "ConditionExpression": format!("attribute_not_exists({key})"),
        });
        match self.ask(Service::DynamoDb, "PutItem", table, body).await {
            Err(BackendError::Refused { reason, .. })
                if reason.starts_with("ConditionalCheckFailed") =>
            {
                Ok(())
            }
            result => result.map(drop),
        }
    }

    /// Every item of a table, read consistently, in the order of its key.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn items(&self, table: &str) -> Result<Items, BackendError> {
        if let Some(known) = self.known_items(table) {
            return Ok(known);
        }
        let items = self.scan(table).await?.into();
        self.remember_items(table, &items);
        Ok(items)
    }

    async fn scan(&self, table: &str) -> Result<Vec<Item>, BackendError> {
        let mut items = Vec::new();
        let mut scan = json!({ "TableName": self.name(table), "ConsistentRead": true });
        loop {
            let mut page = self
                .ask(Service::DynamoDb, "Scan", table, scan.clone())
                .await?;
            if let Value::Array(page) = page.body["Items"].take() {
                items.extend(page.into_iter().filter_map(|item| match item {
                    Value::Object(item) => Some(item),
                    _ => None,
                }));
            }
            match page.body["LastEvaluatedKey"].take() {
                Value::Null => break,
                key => scan["ExclusiveStartKey"] = key,
            }
        }
        items.sort_by_cached_key(|item| serde_json::to_string(item).ok());
        Ok(items)
    }

    /// Removes every item of a table whose key is the string attribute `key`.
    ///
    /// # Errors
    /// The backend refuses, or does not answer.
    pub async fn empty_table(&self, table: &str, key: &str) -> Result<(), BackendError> {
        for item in self.items(table).await?.iter() {
            let body = json!({ "TableName": self.name(table), "Key": { key: item.get(key) } });
            self.ask(Service::DynamoDb, "DeleteItem", table, body)
                .await?;
        }
        Ok(())
    }
}
