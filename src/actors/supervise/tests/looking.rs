//! What is seen from outside: who is stuck, and a tree of any size.

use super::*;

#[tokio::test]
async fn stuck_is_who_makes_no_progress_and_not_who_is_silent() {
    let tree = Tree::grown(Strategy::OneForOne, &[(PERMANENT, "a"), (PERMANENT, "b")]).await;
    tree.kids[0].post.send(KidMsg::Hang).unwrap();
    let stuck = Mutex::new(Vec::new());
    until("the hanging one", || {
        stuck.lock().unwrap().extend(tree.directory.newly_stuck(100));
        !stuck.lock().unwrap().is_empty()
    })
    .await;
    let stuck = stuck.into_inner().unwrap();
    assert_eq!(stuck.len(), 1);
    assert_eq!((stuck[0].0.as_str(), stuck[0].1.message), ("top/parent/a", "hang"));
    assert!(tree.directory.newly_stuck(100).is_empty(), "it is told twice");
    let health = |path| tree.view(path).unwrap().health;
    assert_eq!((health("top/parent/a").as_str(), health("top/parent/b").as_str()), ("stuck", "ok"));
    let busy = tree.view("top/parent/a").unwrap();
    assert_eq!(busy.message.as_deref(), Some("hang"));
    tree.end().await;
}

#[tokio::test]
async fn the_watchdog_has_a_stuck_actor_started_again() {
    let tree = Tree::grown(Strategy::OneForOne, &[(PERMANENT, "a")]).await;
    let args = WatchdogArgs { every: Duration::from_millis(5), percent: 100 };
    let dog = Root::start::<WatchdogActor>(&tree.directory, "dog", args).await.unwrap();
    tree.kids[0].post.send(KidMsg::Hang).unwrap();
    tree.log.has("up a", 1).await;
    tree.kids[0].post.send(KidMsg::Note("back")).unwrap();
    tree.log.has("back a", 1).await;
    assert_eq!(tree.view("top/parent/a").unwrap().health, "ok");
    dog.leave(crate::clock::tick() + Duration::from_secs(5)).await;
    tree.end().await;
}

#[tokio::test]
async fn a_tree_of_many_is_shown_in_part_and_the_rest_is_counted() {
    const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let kids = NAMES.map(|name| (TRANSIENT, name));
    let tree = Tree::grown(Strategy::OneForOne, &kids).await;
    let part = Part { limit: 3, ..Part::of("top") };
    let parent = &tree.directory.tree(&part).unwrap().children[0];
    let left_out = parent.left_out.as_ref().unwrap();
    assert_eq!((parent.children.len(), left_out.count), (3, 5));
    assert_eq!(left_out.states.get("idle"), Some(&5));
    let shallow = tree.directory.tree(&Part { depth: 0, ..Part::of("top") }).unwrap();
    assert_eq!(shallow.left_out.unwrap().count, 1);
    let kind = Some("parent".to_owned());
    let only = tree.directory.tree(&Part { kind, ..Part::of("top") }).unwrap();
    assert!(only.children[0].children.is_empty() && only.children[0].left_out.is_none());
    tree.end().await;
}
