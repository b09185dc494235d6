//! Who may work on a shared database: the leases of the nodes, by the clock of the database alone.

use super::database::{Store, Tx};
use super::error::StoreError;
use super::values::values;
use crate::domain::ids::NodeId;
use sqlx::AssertSqlSafe;
use std::time::Duration;

/// Gives a new node its lease. The caller holds the lock of the data folder `home`: whoever worked there before is dead,
/// and its lease ends here.
pub async fn begin(
    tx: &mut Tx,
    node: &NodeId,
    home: &str,
    lease: Duration,
) -> Result<(), StoreError> {
    let (what, now) = ("begin a lease", tx.dialect().now_ms());
    tx.execute(what, "delete from nodes where home = $1", values![home]).await?;
    let sql = format!(
        "insert into nodes (id, started_at, home, lease_until) values ($1, {now}, $2, {now} + $3)"
    );
    tx.execute(what, AssertSqlSafe(sql), values![&node.0, home, ms(lease)]).await?;
    Ok(())
}

/// Makes the lease last from now on. `false` where it has run out: others may have the node's work by now.
///
/// It is done with its one statement. In a transaction, a node that is frozen before it commits would have a lease that
/// others have seen run out, and that comes back when the node wakes up.
pub async fn renew(store: &Store, node: &NodeId, lease: Duration) -> Result<bool, StoreError> {
    let now = store.at_once().dialect().now_ms();
    let sql = format!(
        "update nodes set lease_until = {now} + $2 where id = $1 and lease_until > {now} returning id"
    );
    let values = values![&node.0, ms(lease)];
    let renewed = store.at_once().fetch_optional("renew a lease", AssertSqlSafe(sql), values);
    Ok(renewed.await?.is_some())
}

/// Gives the lease up, so that nobody waits for its end.
pub async fn end(tx: &mut Tx, node: &NodeId) -> Result<(), StoreError> {
    tx.execute("end a lease", "delete from nodes where id = $1", values![&node.0]).await?;
    Ok(())
}

fn ms(lease: Duration) -> i64 {
    i64::try_from(lease.as_millis()).unwrap_or(i64::MAX)
}
