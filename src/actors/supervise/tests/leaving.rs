//! The end of a tree: from the leaves up, with nothing dropped, and not for ever.

use super::*;

#[tokio::test]
async fn leaving_goes_from_the_leaves_up_and_handles_what_waits() {
    let kids = [(PERMANENT, "a"), (TRANSIENT, "b"), (TRANSIENT, "c")];
    let tree = Tree::grown(Strategy::OneForOne, &kids).await;
    for kid in &tree.kids {
        kid.post.send(KidMsg::Sleep(Duration::from_millis(5))).unwrap();
        (0..3).for_each(|_| kid.post.send(KidMsg::Note("kept")).unwrap());
    }
    let log = tree.log.clone();
    tree.end().await;
    for name in ["a", "b", "c"] {
        assert_eq!(log.count(&format!("kept {name}")), 3, "{name} has dropped work");
    }
    let order: Vec<String> = log.take().into_iter().filter(|it| it.starts_with("leave")).collect();
    assert!(order[..2].contains(&"leave b".to_owned()), "{order:?}");
    assert_eq!(order[2..], ["leave a", "leave parent"]);
}

#[tokio::test]
async fn who_does_not_leave_in_time_is_killed() {
    let stays = |kid: &mut KidArgs| kid.leaving = Leaving::Later;
    let kids = [(PERMANENT, "a")];
    let tree = Tree::grow_with(Strategy::OneForOne, Spent::IsTold, &kids, stays).await;
    tree.log.has("up a", 1).await;
    tree.kids[0].post.send(KidMsg::Hang).unwrap();
    let log = tree.log.clone();
    tree.root.leave(crate::clock::tick() + Duration::from_millis(400)).await;
    assert_eq!(log.count("leave parent"), 0, "a hanging child was waited for without a limit");
    log.take();
    until("the child's address is dead", || tree.kids[0].post.send(KidMsg::End).is_err()).await;
}

#[tokio::test]
async fn a_failing_parent_lets_its_children_finish_the_message_in_hand() {
    let tree = Tree::grown(Strategy::OneForOne, &[(PERMANENT, "a")]).await;
    tree.kids[0].post.send(KidMsg::Sleep(Duration::from_millis(20))).unwrap();
    tree.log.has("sleeps a", 1).await;
    assert!(tree.directory.crash("top/parent"));
    tree.log.has("down parent", 1).await;
    assert_eq!(tree.log.count("slept a"), 1);
    tree.log.has("up a", 1).await;
    tree.end().await;
}
