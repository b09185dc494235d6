//! What is asked often goes by its index, however many jobs there are: SQLite says how it would go about it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::arrivals::known_sql;
use super::claims::{Head, LINES, Wish, claim_sql, first_in_line, held_sql};
use super::database::Store;
use super::dialect::Dialect;
use super::jobs::{COUNT_BY_STATUS, same_hearing_sql};
use super::transitions::save_sql;
use super::values::{Value, values};
use crate::domain::dispatch::Lane;
use crate::domain::ids::TenantId;
use sqlx::AssertSqlSafe;

/// How the database goes about a statement, a line a step.
async fn plan(sql: &str, values: Vec<Value>) -> String {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("diarist.db")).await.unwrap();
    let mut tx = store.write().await.unwrap();
    let explain = AssertSqlSafe(format!("explain query plan {sql}"));
    let steps = tx.fetch_all("explain", explain, values).await.unwrap();
    let lines = steps.iter().map(|step| step.get::<String>("detail").unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_claim_walks_along_its_index_and_sorts_no_more_than_it_may_take() {
    let tenant = TenantId::local();
    let heads = Head::all(&Lane::ALL);
    let wish = Wish { tenant: &tenant, heads: &heads, most: 3, home: None };
    let sql = claim_sql(Dialect::Lite, &first_in_line(Dialect::Lite, &wish));
    let plan = plan(&sql, values!["node", 0, 3, &tenant]).await;
    let walks = plan
        .matches(
            "jobs USING COVERING INDEX jobs_in_line (stage=? AND tenant=? AND lane=? AND turn_at>?",
        )
        .count();
    assert_eq!(walks, 6, "{plan}");
    assert!(!plan.contains("SCAN jobs"), "{plan}");
}

#[tokio::test]
async fn who_waits_is_found_from_one_line_to_the_next() {
    let plan = plan(LINES, values![]).await;
    let next = "SEARCH next USING COVERING INDEX jobs_in_line (stage>";
    assert!(plan.contains(next), "{plan}");
    assert!(plan.contains("SEARCH jobs USING INDEX sqlite_autoindex_jobs_1 (id=?)"), "{plan}");
    assert!(!plan.contains("B-TREE FOR ORDER BY\nRECURSIVE"), "{plan}");
}

#[tokio::test]
async fn transitions_find_each_row_by_its_id() {
    let plan = plan(&save_sql(Dialect::Lite), values!["[]"]).await;
    assert!(plan.contains("SEARCH jobs USING INDEX sqlite_autoindex_jobs_1 (id=?)"), "{plan}");
    assert!(!plan.contains("SCAN jobs"), "{plan}");
}

#[tokio::test]
async fn the_same_upload_is_found_by_what_was_sent() {
    let plan = plan(&known_sql(Dialect::Lite), values!["[]", "[]"]).await;
    assert!(plan.contains("SEARCH same USING INDEX jobs_by_upload (fingerprint=?"), "{plan}");
    assert!(!plan.contains("SCAN jobs"), "{plan}");
}

#[tokio::test]
async fn claims_are_found_by_what_runs() {
    let plan = plan(&held_sql(Dialect::Lite), values!["node"]).await;
    assert!(plan.contains("jobs USING INDEX jobs_running"), "{plan}");
}

#[tokio::test]
async fn the_same_hearing_is_found_by_what_was_heard() {
    let plan = plan(&same_hearing_sql(), values!["local", "sound"]).await;
    assert!(plan.contains("jobs_by_hearing (tenant=? AND hearing=?)"), "{plan}");
}

#[tokio::test]
async fn statuses_are_counted_without_reading_a_row() {
    let plan = plan(COUNT_BY_STATUS, values![]).await;
    assert!(plan.contains("SCAN jobs USING COVERING INDEX jobs_statuses"), "{plan}");
}
