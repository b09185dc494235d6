//! PostgreSQL as the place where nodes meet, and as a server that goes away and comes back.

use super::sample::{at, job, running};
use crate::kit::postgres::{self, Cluster};
use diarist::config::DatabaseConfig;
use diarist::domain::ids::TenantId;
use diarist::domain::job::Job;
use diarist::store::{Store, Wake, Wakes, jobs};
use futures::future::join_all;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use std::path::Path;
use std::time::Duration;
use tokio::time::timeout;

async fn add(store: &Store, n: u32) -> Job {
    let mut tx = store.write().await.unwrap();
    let job = running(&mut tx, &job(&TenantId::local(), n, &[]), at(n.into())).await;
    tx.commit().await.unwrap();
    job
}

async fn all(store: &Store) -> Vec<Job> {
    let filter = jobs::Filter { limit: 9, ..jobs::Filter::default() };
    jobs::list(store, &TenantId::local(), &filter).await.unwrap()
}

async fn next(wakes: &mut Wakes) -> Wake {
    timeout(Duration::from_secs(30), wakes.next()).await.expect("a wake-up").unwrap()
}

#[tokio::test]
async fn nodes_that_start_at_once_make_the_tables_once() {
    let url = postgres::fresh();
    let stores = join_all((0..4).map(|_| postgres::open(&url))).await;
    for (n, store) in (0..).zip(&stores) {
        add(store, n).await;
    }
    let counted = jobs::count_by_status(&stores[0]).await.unwrap();
    assert_eq!(counted, [("running".to_owned(), 4)]);
}

#[tokio::test]
async fn a_node_hears_what_others_commit_and_never_what_they_do_not() {
    let url = postgres::fresh();
    let (one, two) = tokio::join!(postgres::open(&url), postgres::open(&url));
    let mut wakes = two.wakes().unwrap();
    assert_eq!(next(&mut wakes).await, Wake::All);
    let mut undone = one.write().await.unwrap();
    running(&mut undone, &job(&TenantId::local(), 1, &[]), at(1)).await;
    drop(undone);
    add(&two, 2).await;
    let heard = add(&one, 3).await;
    assert_eq!(next(&mut wakes).await, Wake::Changed(vec![heard.id]));
    // Whoever listens over a connection that was cut looks at everything, and listens on.
    let admin = PgPool::connect(&url).await.unwrap();
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%'";
    sqlx::query(cut).execute(&admin).await.unwrap();
    loop {
        match timeout(Duration::from_secs(30), wakes.next()).await.expect("a wake-up") {
            Ok(wake) => break assert_eq!(wake, Wake::All),
            Err(error) => assert!(error.is_transient(), "{error:?}"),
        }
    }
    let heard = add(&one, 4).await;
    assert_eq!(next(&mut wakes).await, Wake::Changed(vec![heard.id]));
    let ((), last) = tokio::join!(two.close(), wakes.next());
    assert!(last.unwrap_err().is_closed());
}

/// They were used just now, so that nobody asks them whether they are there still.
#[tokio::test]
async fn connections_that_were_cut_cost_nobody_a_transaction() {
    let url = postgres::fresh();
    let store = postgres::open(&url).await;
    for open in join_all((0..3).map(|_| store.write())).await {
        open.unwrap().commit().await.unwrap();
    }
    let mut admin = PgConnection::connect(&url).await.unwrap();
    let others = "from pg_stat_activity where datname = current_database() and \
                  application_name = 'diarist'";
    let cut = AssertSqlSafe(format!("select count(pg_terminate_backend(pid)) {others}"));
    let cut: i64 = sqlx::query_scalar(cut).fetch_one(&mut admin).await.unwrap();
    assert!(cut >= 3, "{cut}");
    let left = format!("select count(*) {others}");
    while sqlx::query_scalar::<_, i64>(AssertSqlSafe(left.clone()))
        .fetch_one(&mut admin)
        .await
        .unwrap()
        > 0
    {}
    add(&store, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_back_is_used_again() {
    let cluster = tokio::task::spawn_blocking(Cluster::start).await.unwrap();
    let url = cluster.fresh();
    let config = DatabaseConfig { connect_timeout_ms: 500, ..postgres::config(&url) };
    let store = Store::connect(&config, Path::new("/nowhere")).await.unwrap();
    let kept = add(&store, 1).await;
    let mut cut_off = store.write().await.unwrap();
    running(&mut cut_off, &job(&TenantId::local(), 2, &[]), at(2)).await;
    cluster.down();
    assert!(cut_off.commit().await.unwrap_err().is_transient());
    assert!(store.write().await.err().unwrap().is_transient());
    let read = jobs::get(&store, &TenantId::local(), kept.id).await;
    assert!(read.unwrap_err().is_transient());
    cluster.up();
    assert_eq!(all(&store).await, std::slice::from_ref(&kept));
    let later = add(&store, 3).await;
    assert_eq!(all(&store).await, [later, kept]);
    store.close().await;
}
