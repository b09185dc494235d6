//! What goes into a statement and what comes out of it, the same for both databases.

use super::error::StoreError;
use crate::domain::Timestamp;
use crate::domain::ids::{Epoch, JobId, RecordingId, TenantId};
use sqlx::SqlStr;
use sqlx::database::Database;
use sqlx::postgres::PgRow;
use sqlx::query::Query;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Encode, Postgres, Row as _, Sqlite, Type};

/// A value to bind. An absent one has a type as well: PostgreSQL asks for it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Int(Option<i64>),
    Real(Option<f64>),
    Text(Option<String>),
}

/// The values of `$1`, `$2`, … in their order.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::values::Value::from($value)),*] };
}
pub(super) use values;

/// A row of either database.
pub enum Row {
    Lite(SqliteRow),
    Pg(PgRow),
}

impl Row {
    pub fn get<'r, T>(&'r self, column: &str) -> Result<T, StoreError>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>,
    {
        match self {
            Self::Lite(row) => row.try_get(column),
            Self::Pg(row) => row.try_get(column),
        }
        .map_err(|error| StoreError::Column { reason: error.to_string() })
    }
}

/// The statement with its values, ready to be sent to one of the databases.
pub fn bound<'q, DB: Database>(sql: SqlStr, values: Vec<Value>) -> Query<'q, DB, DB::Arguments>
where
    Option<i64>: for<'v> Encode<'v, DB> + Type<DB>,
    Option<f64>: for<'v> Encode<'v, DB> + Type<DB>,
    Option<String>: for<'v> Encode<'v, DB> + Type<DB>,
{
    values.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Int(value) => query.bind(value),
        Value::Real(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
    })
}

/// PostgreSQL's text holds every character but this one.
pub fn without_nul(mut values: Vec<Value>) -> Vec<Value> {
    for value in &mut values {
        if let Value::Text(Some(text)) = value
            && text.contains('\0')
        {
            *text = text.replace('\0', "\u{fffd}");
        }
    }
    values
}

macro_rules! from {
    ($($from:ty => $to:ident, $it:ident => $value:expr);* $(;)?) => {$(
        impl From<$from> for Value {
            fn from($it: $from) -> Self {
                Self::$to($value)
            }
        }
    )*};
}

from! {
    i64 => Int, it => Some(it);
    i32 => Int, it => Some(it.into());
    u32 => Int, it => Some(it.into());
    u64 => Int, it => Some(it.cast_signed());
    bool => Int, it => Some(it.into());
    Option<i64> => Int, it => it;
    Timestamp => Int, it => Some(it.timestamp_millis());
    Option<Timestamp> => Int, it => it.map(|at| at.timestamp_millis());
    Epoch => Int, it => Some(it.0);
    f64 => Real, it => Some(it);
    &str => Text, it => Some(it.to_owned());
    String => Text, it => Some(it);
    &String => Text, it => Some(it.clone());
    Option<&str> => Text, it => it.map(str::to_owned);
    Option<String> => Text, it => it;
    &Option<String> => Text, it => it.clone();
    JobId => Text, it => Some(it.to_string());
    RecordingId => Text, it => Some(it.to_string());
    &TenantId => Text, it => Some(it.as_str().to_owned());
}
