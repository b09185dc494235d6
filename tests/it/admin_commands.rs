//! `diarist admin`: the tree in a pipe, orders to a running server, and words where there is none.

use super::kit::server::Server;
use super::kit::{diarist, output};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

fn admin(dir: &Path, args: &[&str]) -> (String, String, i32) {
    output(diarist(dir).arg("admin").args(args))
}

#[tokio::test]
async fn the_tree_is_printed_once_into_a_pipe_and_orders_are_carried_out() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    for _ in 0..100 {
        if server.json("/v1/admin/actors?kind=device").await["root"]["children"][0].is_object() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (tree, said, status) = admin(dir.path(), &["actors"]);
    assert_eq!(status, 0, "{said}");
    for word in ["ACTOR", "root", "├─ ingest", "├─ whisper", "└─ writer", "└─ device-0", "open"]
    {
        assert!(tree.contains(word), "{word} is missing in {tree}");
    }
    assert!(!tree.contains('\x1b'), "a pipe is sent no orders for a terminal");
    let (json, _, status) = admin(dir.path(), &["actors", "--json", "--kind", "janitor"]);
    let told: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((status, &told["root"]["children"][0]["name"]), (0, &Value::from("janitor")));
    let (_, said, status) = admin(dir.path(), &["actors", "--kind", "nobody"]);
    assert!(status == 1 && said.contains("is of kind nobody"), "{status}: {said}");
    assert_eq!(admin(dir.path(), &["restart", "root/janitor"]).2, 0);
    assert_eq!(admin(dir.path(), &["resize", "ingest", "2"]).2, 0);
    let (_, said, status) = admin(dir.path(), &["restart", "root/nobody"]);
    assert!(status == 1 && said.contains("there is no actor root/nobody"), "{status}: {said}");
    let (_, said, status) = admin(dir.path(), &["drain"]);
    assert!(status == 2 && said.contains("--yes"), "{status}: {said}");
    assert_eq!(server.get("/health/ready").await.status(), 200);
    assert_eq!(admin(dir.path(), &["drain", "--yes"]).2, 0);
    assert_eq!(server.get("/health/ready").await.status(), 503);
    let (json, _, _) = admin(dir.path(), &["audit", "--json"]);
    let entries: Value = serde_json::from_str(&json).unwrap();
    let actions: Vec<&str> =
        entries.as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["drain", "restart_actor", "resize_pool", "restart_actor"]);
    let (table, _, _) = admin(dir.path(), &["audit", "--limit", "1"]);
    assert!(table.contains("OUTCOME") && table.lines().count() == 2, "{table}");
    assert_eq!(server.terminate(), 0);
}

#[test]
fn without_a_server_it_says_so_and_starts_none() {
    let dir = tempfile::tempdir().unwrap();
    let (tree, said, status) = admin(dir.path(), &["actors"]);
    assert_eq!((tree.as_str(), status), ("", 1));
    assert!(said.contains("no server runs") && said.contains("diarist serve"), "{said}");
    assert!(!dir.path().join("diarist.db").exists());
}
