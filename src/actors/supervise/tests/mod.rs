//! The supervisor with real actors: who comes back after what, in which order, and what is never lost.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, and some on purpose"
)]

mod leaving;
mod looking;
mod restarts;

use super::*;
use async_trait::async_trait;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Everything that happens, in its order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, what: &str, who: &str) {
        self.0.lock().unwrap().push(format!("{what} {who}"));
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn count(&self, line: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|it| *it == line).count()
    }

    async fn has(&self, line: &str, times: usize) {
        until(line, || self.count(line) >= times).await;
    }
}

async fn until(what: &str, is: impl Fn() -> bool) {
    let seen = async {
        while !is() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    assert!(
        tokio::time::timeout(Duration::from_secs(20), seen).await.is_ok(),
        "never seen: {what}"
    );
}

const PERMANENT: u8 = 0;
const TRANSIENT: u8 = 1;
const TEMPORARY: u8 = 2;

/// A child that does what it is told.
struct Kid<const KIND: u8>(KidArgs);

#[derive(Clone)]
struct KidArgs {
    name: &'static str,
    log: Log,
    post: Post<KidMsg>,
    /// How its next starts end.
    starts: Arc<Mutex<Vec<Start>>>,
    leaving: Leaving,
}

#[derive(Clone, Copy)]
enum Start {
    Fails,
    Panics,
}

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum KidMsg {
    Panic,
    Fail,
    End,
    Note(&'static str),
    Sleep(Duration),
    Hang,
}

const fn restart(kind: u8) -> Restart {
    let kind = match kind {
        PERMANENT => RestartKind::Permanent,
        TRANSIENT => RestartKind::Transient,
        _ => RestartKind::Temporary,
    };
    Restart { kind, at_most: 3, ..Restart::permanent(3) }
}

#[async_trait]
impl<const KIND: u8> Role for Kid<KIND> {
    type Args = KidArgs;
    type Message = KidMsg;
    const SPEC: ActorSpec =
        ActorSpec::new(["permanent", "transient", "temporary"][KIND as usize], 8, restart(KIND))
            .limits(Limits::ORDINARY.handler(Duration::from_millis(20)));

    async fn start(me: &Me<Self>, args: Self::Args) -> Result<Self, Fault> {
        args.log.add("start", args.name);
        let next = args.starts.lock().unwrap().pop();
        match next {
            Some(Start::Fails) => return Err(Fault { reason: "no disk".to_owned() }),
            Some(Start::Panics) => panic!("told to panic while starting"),
            None => {}
        }
        args.post.set(me.address().clone());
        Ok(Self(args))
    }

    async fn handle(&mut self, me: &Me<Self>, message: KidMsg) -> Result<(), Fault> {
        match message {
            KidMsg::Panic => panic!("told to panic over a secret"),
            KidMsg::Fail => return Err(Fault { reason: "told to fail".to_owned() }),
            KidMsg::End => me.end(),
            KidMsg::Note(what) => self.0.log.add(what, self.0.name),
            KidMsg::Sleep(time) => {
                self.0.log.add("sleeps", self.0.name);
                tokio::time::sleep(time).await;
                self.0.log.add("slept", self.0.name);
            }
            KidMsg::Hang => std::future::pending().await,
        }
        Ok(())
    }

    async fn leave(&mut self, _me: &Me<Self>) -> Result<Leaving, Fault> {
        self.0.log.add("leave", self.0.name);
        Ok(self.0.leaving)
    }
}

/// A parent that notes what it is told of its children.
struct Parent {
    args: ParentArgs,
    children: Children,
}

#[derive(Clone)]
struct ParentArgs {
    strategy: Strategy,
    spent: Spent,
    kids: Vec<(u8, KidArgs)>,
    log: Log,
    post: Post<ParentMsg>,
}

#[derive(strum::IntoStaticStr)]
enum ParentMsg {
    Add(usize),
    Remove(&'static str),
}

impl Parent {
    fn add(&mut self, me: &Me<Self>, (kind, args): (u8, KidArgs)) {
        let (name, spent) = (args.name, self.args.spent);
        let args = move || args.clone();
        match kind {
            PERMANENT => self.children.add::<Kid<PERMANENT>, _>(me, name, spent, args),
            TRANSIENT => self.children.add::<Kid<TRANSIENT>, _>(me, name, spent, args),
            _ => self.children.add::<Kid<TEMPORARY>, _>(me, name, spent, args),
        }
    }
}

#[async_trait]
impl Role for Parent {
    type Args = ParentArgs;
    type Message = ParentMsg;
    const SPEC: ActorSpec =
        ActorSpec::new("parent", 8, Restart { at_most: 2, ..Restart::permanent(2) });

    async fn start(me: &Me<Self>, args: Self::Args) -> Result<Self, Fault> {
        args.post.set(me.address().clone());
        let children = Children::new(args.strategy);
        let mut parent = Self { args, children };
        for kid in parent.args.kids.clone() {
            parent.add(me, kid);
        }
        Ok(parent)
    }

    async fn handle(&mut self, me: &Me<Self>, message: ParentMsg) -> Result<(), Fault> {
        match message {
            ParentMsg::Add(index) => self.add(me, self.args.kids[index].clone()),
            ParentMsg::Remove(name) => self.children.remove(me, name),
        }
        Ok(())
    }

    fn children(&mut self) -> Option<&mut Children> {
        Some(&mut self.children)
    }

    async fn child_changed(&mut self, _me: &Me<Self>, change: Change) -> Result<(), Fault> {
        match change {
            Change::Up { name } => self.args.log.add("up", &name),
            Change::Down { name } => self.args.log.add("down", &name),
            Change::Gone { name, failure: None } => self.args.log.add("gone", &name),
            Change::Gone { name, failure: Some(_) } => self.args.log.add("lost", &name),
        }
        Ok(())
    }

    async fn leave(&mut self, _me: &Me<Self>) -> Result<Leaving, Fault> {
        self.args.log.add("leave", "parent");
        Ok(Leaving::Now)
    }
}

/// Above the parent, for its own failures.
struct Top(Children, Log);

#[async_trait]
impl Role for Top {
    type Args = ParentArgs;
    type Message = Never;
    const SPEC: ActorSpec = ActorSpec::new("top", 8, Restart::permanent(0));

    async fn start(me: &Me<Self>, args: Self::Args) -> Result<Self, Fault> {
        let (mut children, log) = (Children::new(Strategy::OneForOne), args.log.clone());
        children.add::<Parent, _>(me, "parent", Spent::IsTold, move || args.clone());
        Ok(Self(children, log))
    }

    async fn handle(&mut self, _me: &Me<Self>, never: Never) -> Result<(), Fault> {
        match never {}
    }

    fn children(&mut self) -> Option<&mut Children> {
        Some(&mut self.0)
    }

    async fn child_changed(&mut self, _me: &Me<Self>, change: Change) -> Result<(), Fault> {
        match change {
            Change::Down { name } => self.1.add("down", &name),
            Change::Gone { name, .. } => self.1.add("lost", &name),
            Change::Up { .. } => {}
        }
        Ok(())
    }
}

#[derive(strum::IntoStaticStr)]
enum Never {}

struct Tree {
    root: Root,
    directory: Directory,
    log: Log,
    kids: Vec<KidArgs>,
    parent: Post<ParentMsg>,
}

impl Tree {
    async fn grow(strategy: Strategy, spent: Spent, kids: &[(u8, &'static str)]) -> Self {
        Self::grow_with(strategy, spent, kids, |_| {}).await
    }

    async fn grow_with(
        strategy: Strategy,
        spent: Spent,
        kids: &[(u8, &'static str)],
        change: impl Fn(&mut KidArgs),
    ) -> Self {
        let (log, parent) = (Log::default(), Post::default());
        let kid = |(kind, name): &(u8, &'static str)| {
            let (post, starts) = (Post::default(), Arc::default());
            let mut args = KidArgs { name, log: log.clone(), post, starts, leaving: Leaving::Now };
            change(&mut args);
            (*kind, args)
        };
        let kids: Vec<(u8, KidArgs)> = kids.iter().map(kid).collect();
        let all = kids.iter().map(|(_, args)| args.clone()).collect();
        let args = ParentArgs { strategy, spent, kids, log: log.clone(), post: parent.clone() };
        let directory = Directory::default();
        let root = Root::start::<Top>(&directory, "top", args).await.unwrap();
        Self { root, directory, log, kids: all, parent }
    }

    /// The same, once all are up.
    async fn grown(strategy: Strategy, kids: &[(u8, &'static str)]) -> Self {
        let tree = Self::grow(strategy, Spent::IsTold, kids).await;
        for (_, name) in kids {
            tree.log.has(&format!("up {name}"), 1).await;
        }
        tree.log.take();
        tree
    }

    fn view(&self, path: &str) -> Option<ActorView> {
        self.directory.tree(&Part::of(path))
    }

    async fn end(self) {
        self.root.leave(crate::clock::tick() + Duration::from_secs(5)).await;
    }
}

const THREE: [(u8, &str); 3] = [(PERMANENT, "a"), (PERMANENT, "b"), (PERMANENT, "c")];
