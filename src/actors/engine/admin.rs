//! What an operator sees of a running engine, and does to it. Every order is in the audit.

use super::audit::audit;
use super::error::EngineError;
use super::pools::{self, PoolName};
use super::shared::Gate;
use super::shelf::{self, Pool};
use super::{Engine, ROOT};
use crate::actors::jobs::JobsMsg;
use crate::actors::supervise::{ActorView, KindView, NotRestarted, Part};
use crate::domain::ids::TenantId;

impl Engine {
    /// The true tree of actors.
    pub fn actors(&self) -> Option<ActorView> {
        self.actors_in(&Part::of(ROOT))
    }

    /// A part of it; nothing where there is no such actor.
    pub fn actors_in(&self, part: &Part) -> Option<ActorView> {
        self.directory.tree(part)
    }

    /// All kinds of actors with their figures.
    pub fn actor_kinds(&self) -> Vec<KindView> {
        self.directory.kinds()
    }

    /// Makes an actor panic at its next message: how the tests of the supervision look at real failures.
    pub fn crash_actor(&self, path: &str) -> bool {
        self.directory.crash(path)
    }

    /// Lets the supervisor of an actor start it again, and all below it.
    pub async fn restart_actor(&self, tenant: &TenantId, path: &str) -> Result<(), EngineError> {
        let restarted = async {
            self.directory.restart(path).map_err(|why| match why {
                NotRestarted::Unknown => EngineError::UnknownActor { path: path.to_owned() },
                NotRestarted::Root => EngineError::NotRestarted { reason: why.to_string() },
            })
        };
        audit(&self.shared, tenant, "restart_actor", path, restarted).await
    }

    /// Changes how many a pool lets work at once, until the node ends.
    pub async fn resize_pool(
        &self,
        tenant: &TenantId,
        pool: PoolName,
        size: usize,
    ) -> Result<(), EngineError> {
        let target = format!("{} = {size}", pool.as_str());
        let resized = async { pools::resize(&self.shared, pool, size) };
        audit(&self.shared, tenant, "resize_pool", &target, resized).await
    }

    /// Finishes what is under way, begins nothing any more, and goes on answering until it is stopped.
    pub async fn drain(&self, tenant: &TenantId) -> Result<(), EngineError> {
        let drained = async {
            self.shared.close_gate();
            // A supervisor that is just being started again finds the gate closed.
            let _ = self.shared.jobs.report(JobsMsg::Drain);
            Ok(())
        };
        audit(&self.shared, tenant, "drain", &self.shared.node().0, drained).await
    }

    pub fn gate(&self) -> Gate {
        *self.shared.gate.borrow()
    }

    /// How many a pool lets work at once.
    pub fn pool_size(&self, pool: PoolName) -> usize {
        pools::size(&self.shared, pool)
    }

    /// The whisper pool as it is now.
    pub fn pool(&self) -> Pool {
        shelf::pool(&self.shared)
    }
}
