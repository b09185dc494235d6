//! What it costs to look into the actors: per message, per actor, and for an answer about ten thousand of them.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a bench fails by panicking, and tells its result"
)]

use async_trait::async_trait;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use diarist::actors::supervise::{
    ActorSpec, Children, Directory, Fault, Me, Part, Post, Restart, Role, Root, Spent, Strategy,
};
use ractor::{Actor, ActorProcessingErr, ActorRef};
use std::hint::black_box;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

const MESSAGES: u64 = 10_000;
const ACTORS: usize = 10_000;

enum Work {
    Step,
    Last(oneshot::Sender<()>),
}

impl From<&Work> for &'static str {
    fn from(work: &Work) -> Self {
        match work {
            Work::Step => "step",
            Work::Last(_) => "last",
        }
    }
}

/// An actor of the library, with nothing around it.
struct Bare;

#[async_trait]
impl Actor for Bare {
    type Msg = Work;
    type State = u64;
    type Arguments = ();

    async fn pre_start(&self, _me: ActorRef<Work>, (): ()) -> Result<u64, ActorProcessingErr> {
        Ok(0)
    }

    async fn handle(
        &self,
        _me: ActorRef<Work>,
        work: Work,
        steps: &mut u64,
    ) -> Result<(), ActorProcessingErr> {
        *steps += 1;
        if let Work::Last(tell) = work {
            let _ = tell.send(());
        }
        Ok(())
    }
}

/// The same as one of ours.
struct Counted(u64);

#[async_trait]
impl Role for Counted {
    type Args = Post<Work>;
    type Message = Work;
    const SPEC: ActorSpec = ActorSpec::new("counted", 64, Restart::transient(5));

    async fn start(me: &Me<Self>, post: Post<Work>) -> Result<Self, Fault> {
        post.set(me.address().clone());
        Ok(Self(0))
    }

    async fn handle(&mut self, _me: &Me<Self>, work: Work) -> Result<(), Fault> {
        self.0 += 1;
        if let Work::Last(tell) = work {
            let _ = tell.send(());
        }
        Ok(())
    }
}

/// A supervisor of many.
struct Many(Children);

#[async_trait]
impl Role for Many {
    type Args = Post<Work>;
    type Message = Work;
    const SPEC: ActorSpec = ActorSpec::new("many", 64, Restart::permanent(5));

    async fn start(me: &Me<Self>, last: Post<Work>) -> Result<Self, Fault> {
        let mut children = Children::new(Strategy::OneForOne);
        for number in 0..ACTORS {
            let post = if number + 1 == ACTORS { last.clone() } else { Post::default() };
            let name = uuid::Uuid::now_v7().to_string();
            children.add::<Counted, _>(me, &name, Spent::IsTold, move || post.clone());
        }
        Ok(Self(children))
    }

    async fn handle(&mut self, _me: &Me<Self>, _work: Work) -> Result<(), Fault> {
        Ok(())
    }

    fn children(&mut self) -> Option<&mut Children> {
        Some(&mut self.0)
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn messages(c: &mut Criterion) {
    let mut group = c.benchmark_group("messages to one actor");
    group.throughput(Throughput::Elements(MESSAGES));
    let one = runtime();
    let (bare, _join) = one.block_on(Actor::spawn(None, Bare, ())).unwrap();
    group.bench_function("bare", |b| {
        b.iter(|| {
            let (tell, told) = oneshot::channel();
            (1..MESSAGES).for_each(|_| bare.cast(Work::Step).unwrap());
            bare.cast(Work::Last(tell)).unwrap();
            one.block_on(told).unwrap();
        });
    });
    let post = Post::default();
    let directory = Directory::default();
    one.block_on(Root::start::<Counted>(&directory, "root", post.clone())).unwrap();
    group.bench_function("counted", |b| {
        b.iter(|| {
            let (tell, told) = oneshot::channel();
            (1..MESSAGES).for_each(|_| post.report(Work::Step).unwrap());
            post.report(Work::Last(tell)).unwrap();
            one.block_on(told).unwrap();
        });
    });
    group.finish();
}

fn tree(c: &mut Criterion) {
    let one = runtime();
    let (directory, last) = (Directory::default(), Post::default());
    let before = resident_bytes();
    one.block_on(async {
        Root::start::<Many>(&directory, "root", last.clone()).await.unwrap();
        let (tell, told) = oneshot::channel();
        let mut tell = Some(tell);
        while last.report(Work::Last(tell.take().unwrap_or_else(|| oneshot::channel().0))).is_err()
        {
            tokio::task::yield_now().await;
        }
        let _ = told.await;
    });
    let each = resident_bytes().saturating_sub(before) / ACTORS as u64;
    eprintln!("{ACTORS} actors: {each} bytes of memory each");
    for (name, limit) in [("of which 100 are shown", 100), ("of which 1,000 are shown", 1_000)] {
        let part = Part { limit, ..Part::of("root") };
        c.bench_function(&format!("an answer about 10,000 actors, {name}"), |b| {
            b.iter(|| {
                let tree = directory.tree(&part).unwrap();
                black_box(serde_json::to_vec(&(tree, directory.kinds())).unwrap())
            });
        });
    }
}

fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let resident: u64 = pages.split(' ').nth(1).unwrap().parse().unwrap();
    resident * 4_096
}

criterion_group!(benches, messages, tree);
criterion_main!(benches);
