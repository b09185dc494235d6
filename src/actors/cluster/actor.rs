//! Has the lease renewed as long as the node works, and gives it up at the end.

use super::keeper::Keeper;
use crate::actors::engine::Shared;
use crate::actors::supervise::{ActorSpec, Fault, Leaving, Me, Restart, Role};
use crate::store::nodes;
use crate::telemetry::chain;
use async_trait::async_trait;
use std::sync::Arc;

pub struct LeaseActor {
    shared: Arc<Shared>,
    keeper: Option<Keeper>,
}

#[derive(Clone)]
pub struct LeaseArgs {
    pub shared: Arc<Shared>,
}

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum LeaseMsg {
    /// Is the thread still there?
    Look,
}

#[async_trait]
impl Role for LeaseActor {
    type Args = LeaseArgs;
    type Message = LeaseMsg;
    const SPEC: ActorSpec = ActorSpec::new("lease", 4, Restart::permanent(10));

    async fn start(me: &Me<Self>, LeaseArgs { shared }: Self::Args) -> Result<Self, Fault> {
        let keeper = Keeper::start(shared.clone());
        let keeper = keeper.map_err(|error| Fault { reason: chain(&error) })?;
        me.show("leased", Some(shared.node().to_string()));
        me.address().after(shared.config.engine.renew(), || LeaseMsg::Look);
        Ok(Self { shared, keeper: Some(keeper) })
    }

    async fn handle(&mut self, me: &Me<Self>, LeaseMsg::Look: LeaseMsg) -> Result<(), Fault> {
        if self.keeper.as_ref().is_some_and(|keeper| !keeper.is_alive()) {
            return Err(Fault { reason: "the thread that renews the lease has ended".to_owned() });
        }
        let is_late = |keeper: &Keeper| keeper.age() > self.shared.config.engine.lease();
        let state =
            if self.keeper.as_ref().is_some_and(is_late) { "lease run out" } else { "leased" };
        me.show(state, Some(self.shared.node().to_string()));
        me.address().after(self.shared.config.engine.renew(), || LeaseMsg::Look);
        Ok(())
    }

    /// The last one to leave: whoever needs the lease has left before.
    async fn leave(&mut self, _me: &Me<Self>) -> Result<Leaving, Fault> {
        self.keeper = None;
        let ended = async {
            let mut tx = self.shared.store.write().await?;
            nodes::end(&mut tx, &self.shared.node()).await?;
            tx.commit().await
        };
        if let Err(error) = ended.await {
            tracing::warn!(error = chain(&error), "the lease is left to run out");
        }
        Ok(Leaving::Now)
    }
}
