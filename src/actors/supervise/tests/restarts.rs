//! Who is started again after what, in which order, and for how long.

use super::*;

#[tokio::test]
async fn each_strategy_takes_down_and_starts_whom_it_names_in_order() {
    for (strategy, down, up) in [
        (Strategy::OneForOne, vec!["b"], vec!["b"]),
        (Strategy::OneForAll, vec!["c", "b", "a"], vec!["a", "b", "c"]),
        (Strategy::RestForOne, vec!["c", "b"], vec!["b", "c"]),
    ] {
        for failing in [|| KidMsg::Panic, || KidMsg::Fail, || KidMsg::End] {
            let tree = Tree::grown(strategy, &THREE).await;
            tree.kids[1].post.send(failing()).unwrap();
            tree.log.has(&format!("up {}", up.last().unwrap()), 1).await;
            let told: Vec<String> =
                tree.log.take().into_iter().filter(|line| !line.starts_with("start")).collect();
            let expected = down.iter().map(|it| format!("down {it}"));
            let expected: Vec<_> = expected.chain(up.iter().map(|it| format!("up {it}"))).collect();
            assert_eq!(told, expected, "{strategy:?}");
            tree.end().await;
        }
    }
}

#[tokio::test]
async fn who_comes_back_depends_on_its_policy_and_on_how_it_ended() {
    for (kind, message, told) in [
        (PERMANENT, KidMsg::End, "up a"),
        (PERMANENT, KidMsg::Fail, "up a"),
        (TRANSIENT, KidMsg::End, "gone a"),
        (TRANSIENT, KidMsg::Fail, "up a"),
        (TEMPORARY, KidMsg::End, "gone a"),
        (TEMPORARY, KidMsg::Panic, "lost a"),
    ] {
        let tree = Tree::grown(Strategy::OneForOne, &[(kind, "a")]).await;
        tree.kids[0].post.send(message).unwrap();
        tree.log.has(told, 1).await;
        assert_eq!(tree.view("top/parent/a").is_some(), told == "up a");
        tree.end().await;
    }
}

#[tokio::test]
async fn a_start_that_fails_or_panics_is_a_failure_like_any_other() {
    let starts = vec![Start::Panics, Start::Fails];
    let told = |kid: &mut KidArgs| *kid.starts.lock().unwrap() = starts.clone();
    let kids = [(PERMANENT, "a")];
    let tree = Tree::grow_with(Strategy::OneForOne, Spent::Escalates, &kids, told).await;
    tree.log.has("up a", 1).await;
    assert_eq!(tree.log.take(), ["start a", "down a", "start a", "down a", "start a", "up a"]);
    let view = tree.view("top/parent/a").unwrap();
    let last = view.last_failure.unwrap();
    assert_eq!((view.restarts, view.status.as_str()), (2, "running"));
    assert!(last.reason.starts_with("panicked") && last.id.len() == 8, "{last:?}");
    tree.end().await;
}

#[tokio::test]
async fn a_storm_of_crashes_goes_up_until_somebody_can_do_without() {
    let all_fail = |kid: &mut KidArgs| *kid.starts.lock().unwrap() = vec![Start::Panics; 100];
    let kids = [(PERMANENT, "a")];
    let tree = Tree::grow_with(Strategy::OneForOne, Spent::Escalates, &kids, all_fail).await;
    tree.log.has("lost parent", 1).await;
    // Three incarnations of the parent, each with four of the child.
    assert_eq!(tree.log.count("start a"), 12);
    assert_eq!(tree.log.count("down parent"), 2);
    tree.end().await;
}

#[tokio::test]
async fn a_spent_budget_is_told_where_the_parent_can_do_without() {
    let tree = Tree::grown(Strategy::OneForOne, &[(PERMANENT, "a"), (PERMANENT, "b")]).await;
    for up in 1..=3 {
        tree.kids[0].post.send(KidMsg::Panic).unwrap();
        tree.log.has("up a", up).await;
    }
    tree.kids[0].post.send(KidMsg::Panic).unwrap();
    tree.log.has("lost a", 1).await;
    tree.kids[1].post.send(KidMsg::Note("still")).unwrap();
    tree.log.has("still b", 1).await;
    assert!(tree.view("top/parent/a").is_none());
    tree.end().await;
}

#[tokio::test]
async fn a_removed_child_is_not_missed_and_its_name_can_be_used_again() {
    let tree = Tree::grown(Strategy::OneForOne, &[(PERMANENT, "a")]).await;
    tree.kids[0].post.send(KidMsg::Hang).unwrap();
    tree.parent.send(ParentMsg::Remove("a")).unwrap();
    tree.parent.send(ParentMsg::Add(0)).unwrap();
    tree.log.has("up a", 1).await;
    tree.kids[0].post.send(KidMsg::Note("well")).unwrap();
    tree.log.has("well a", 1).await;
    assert_eq!(tree.log.take(), ["start a", "up a", "well a"]);
    tree.end().await;
}

#[tokio::test]
async fn an_order_starts_an_actor_again_at_no_cost_even_one_that_hangs() {
    let tree = Tree::grown(Strategy::OneForOne, &[(PERMANENT, "a")]).await;
    for up in 1..=6 {
        tree.directory.restart("top/parent/a").unwrap();
        tree.log.has("up a", up).await;
    }
    tree.kids[0].post.send(KidMsg::Hang).unwrap();
    tree.directory.restart("top/parent/a").unwrap();
    tree.log.has("up a", 7).await;
    assert_eq!(tree.directory.restart("top/parent/nobody"), Err(NotRestarted::Unknown));
    assert_eq!(tree.directory.restart("top"), Err(NotRestarted::Root));
    tree.end().await;
}
