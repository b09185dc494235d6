//! Who may work on a shared database: the leases of the nodes, by the clock of the database alone.

use super::database::Tx;
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
pub async fn renew(tx: &mut Tx, node: &NodeId, lease: Duration) -> Result<bool, StoreError> {
    let now = tx.dialect().now_ms();
    let sql =
        format!("update nodes set lease_until = {now} + $2 where id = $1 and lease_until > {now}");
    let renewed = tx.execute("renew a lease", AssertSqlSafe(sql), values![&node.0, ms(lease)]);
    Ok(renewed.await? > 0)
}

/// Gives the lease up, so that nobody waits for its end.
pub async fn end(tx: &mut Tx, node: &NodeId) -> Result<(), StoreError> {
    tx.execute("end a lease", "delete from nodes where id = $1", values![&node.0]).await?;
    Ok(())
}

fn ms(lease: Duration) -> i64 {
    i64::try_from(lease.as_millis()).unwrap_or(i64::MAX)
}
