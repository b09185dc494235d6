//! A thread of its own that renews the lease over a connection of its own: a node that is starved of processor time or of
//! connections still has its lease.

use crate::actors::engine::Shared;
use crate::actors::jobs::JobsMsg;
use crate::clock;
use crate::domain::ids::NodeId;
use crate::store::{Store, StoreError, nodes};
use crate::telemetry::chain;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The running thread; it ends when this is dropped.
pub struct Keeper {
    stop: Arc<AtomicBool>,
    renewed: Arc<Mutex<Instant>>,
    thread: JoinHandle<()>,
}

impl Keeper {
    pub fn start(shared: Arc<Shared>) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let renewed = Arc::new(Mutex::new(clock::tick()));
        let last = renewed.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = thread::Builder::new().name("lease".to_owned()).spawn(move || {
            let store = runtime.block_on(async { shared.store.apart() });
            while !stopped.load(Ordering::Relaxed) {
                let begun = clock::tick();
                match runtime.block_on(keep(&shared, &store, &stopped)) {
                    Ok(()) => *last.lock().unwrap_or_else(PoisonError::into_inner) = begun,
                    Err(error) => {
                        tracing::warn!(error = chain(&error), "the lease cannot be renewed");
                    }
                }
                let took = clock::tick().duration_since(begun);
                thread::park_timeout(shared.config.engine.renew().saturating_sub(took));
            }
            runtime.block_on(store.close());
        })?;
        Ok(Self { stop, renewed, thread })
    }

    /// How long ago the lease was last known to be ours.
    pub fn age(&self) -> Duration {
        self.renewed.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    pub fn is_alive(&self) -> bool {
        !self.thread.is_finished()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
    }
}

/// Renews the lease. One that has run out is never taken up again: the node begins anew, as another one.
async fn keep(shared: &Shared, store: &Store, stopped: &AtomicBool) -> Result<(), StoreError> {
    let lease = shared.config.engine.lease();
    let node = shared.node();
    let is_ours = nodes::renew(store, &node, lease).await?;
    // A node that ends has given its lease up itself.
    if !is_ours && !stopped.load(Ordering::Relaxed) {
        tracing::error!(node = %node, "the lease has run out, and the node begins anew");
        begin_anew(shared, store).await?;
    }
    Ok(())
}

/// Takes the lease of a node that starts.
pub async fn begin(shared: &Shared) -> Result<(), StoreError> {
    take(shared, &shared.store, &shared.node()).await
}

async fn take(shared: &Shared, store: &Store, node: &NodeId) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    let home = shared.home.as_deref().unwrap_or_default();
    nodes::begin(&mut tx, node, home, shared.config.engine.lease()).await?;
    tx.commit().await
}

async fn begin_anew(shared: &Shared, store: &Store) -> Result<(), StoreError> {
    let node = NodeId(uuid::Uuid::now_v7().to_string());
    take(shared, store, &node).await?;
    shared.set_node(node);
    // A supervisor that is being restarted has nothing in hand.
    let _ = shared.jobs.report(JobsMsg::Fenced);
    Ok(())
}
