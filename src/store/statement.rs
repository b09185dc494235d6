//! A statement that is put together piece by piece, with its values numbered as they come.

use super::database::Reader;
use super::dialect::Dialect;
use super::error::StoreError;
use super::values::{Row, Value};
use sqlx::AssertSqlSafe;

/// Text goes in through [`Self::push`] alone and is always ours; what others say goes in through [`Self::bind`].
pub struct Statement<'s> {
    reader: Reader<'s>,
    sql: String,
    values: Vec<Value>,
}

impl<'s> Statement<'s> {
    pub fn new(reader: Reader<'s>, sql: impl Into<String>) -> Self {
        Self { reader, sql: sql.into(), values: Vec::new() }
    }

    pub fn dialect(&self) -> Dialect {
        self.reader.dialect()
    }

    pub fn push(&mut self, sql: impl AsRef<str>) -> &mut Self {
        self.sql.push_str(sql.as_ref());
        self
    }

    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        let number = self.values.len();
        self.push(format!("${number}"))
    }

    /// The values with commas between them.
    pub fn bind_list<T: Into<Value>>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self {
        for (idx, value) in values.into_iter().enumerate() {
            self.push(if idx == 0 { "" } else { ", " }).bind(value);
        }
        self
    }

    pub async fn fetch_all(self, what: &'static str) -> Result<Vec<Row>, StoreError> {
        self.reader.fetch_all(what, AssertSqlSafe(self.sql), self.values).await
    }

    pub async fn fetch_one(self, what: &'static str) -> Result<Row, StoreError> {
        self.reader.fetch_one(what, AssertSqlSafe(self.sql), self.values).await
    }
}
