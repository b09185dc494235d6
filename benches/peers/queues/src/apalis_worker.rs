//! What both adapters of apalis share: when a worker looks for jobs, and which of them it has acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use apalis::prelude::{BoxDynError, Data, Event, IntervalStrategy, PollSnapshot, PollStrategy};
use futures::task::AtomicWaker;

use crate::Settings;
use crate::load::Load;

/// Wakes the workers of one queue when jobs were enqueued: sooner than the library's hook or NOTIFY would.
#[derive(Clone)]
pub struct Bell(Arc<[AtomicWaker]>);

impl Bell {
    pub fn new(workers: usize) -> Self {
        Self((0..workers).map(|_| AtomicWaker::new()).collect())
    }

    pub fn ring(&self) {
        self.0.iter().for_each(AtomicWaker::wake);
    }
}

/// A poll strategy that also tells the load what the worker has acknowledged.
///
/// The library says when a handler has returned, not when that is in the database. But a worker begins to fetch only
/// after it has committed every acknowledgement handed in before, and a poll that begins a fetch can be told
/// from here: it is the one that finds nothing ready right behind one that did.
pub struct Watch {
    worker: usize,
    bell: Bell,
    tick: IntervalStrategy,
    load: Arc<Load>,
    returned: Arc<AtomicUsize>,
    reported: usize,
    before: Option<usize>,
}

impl Watch {
    pub fn new(worker: usize, bell: &Bell, load: &Arc<Load>, settings: Settings) -> Self {
        Self {
            worker,
            bell: bell.clone(),
            tick: IntervalStrategy::new(settings.poll),
            load: Arc::clone(load),
            returned: Arc::default(),
            reported: 0,
            before: None,
        }
    }

    /// Counts the handlers that have returned.
    pub fn listener<W>(&self) -> impl Fn(&W, &Event) + Send + Sync + 'static + use<W> {
        let returned = Arc::clone(&self.returned);
        move |_, event| {
            if matches!(event, Event::Success(_)) {
                returned.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl PollStrategy for Watch {
    fn poll_drive(&mut self, cx: &mut Context<'_>, last: &PollSnapshot) -> Poll<Option<()>> {
        self.bell.0[self.worker].register(cx.waker());
        let may_begin = last.is_empty() || last.consecutive_ready > 0;
        self.before = may_begin.then(|| self.returned.load(Ordering::Relaxed));
        self.tick.poll_drive(cx, last)
    }

    fn on_poll(&mut self, now: &PollSnapshot) {
        if let Some(committed) = self.before.take_if(|_| now.consecutive_ready == 0) {
            let more = committed - self.reported;
            self.reported = committed;
            if more > 0 {
                self.load.acknowledged(more);
            }
        }
    }
}

/// The workers of one queue, which end when all of its load is done.
///
/// A macro, because a function over both backends needs a page of bounds.
macro_rules! workers {
    ($storage:expr, $bell:expr, $load:expr, $settings:expr) => {
        (0..$settings.workers).map(|number| {
            let watch = Watch::new(number, $bell, $load, $settings);
            let (count, ended) = (watch.listener(), Arc::clone($load));
            let worker = WorkerBuilder::new(format!("null-{number}").as_str())
                .backend($storage.clone().poll_with_strategy(watch))
                .data(Arc::clone($load))
                .on_event(count)
                .build(null_stage);
            let end = async move { ended.all_done().await.map_err(std::io::Error::other) };
            async move { worker.run_until(end).await.map_err(anyhow::Error::from) }.boxed()
        })
    };
}
pub(crate) use workers;

pub async fn null_stage(job: usize, load: Data<Arc<Load>>) -> Result<(), BoxDynError> {
    load.run(job).map_err(Into::into)
}
