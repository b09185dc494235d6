//! Empties the write-ahead log of SQLite beside the commits.

use super::messages::CheckpointerMsg;
use crate::actors::engine::Shared;
use crate::actors::supervise::{ActorSpec, Fault, Me, Restart, Role};
use crate::telemetry::chain;
use async_trait::async_trait;
use std::sync::Arc;

pub struct CheckpointerActor {
    shared: Arc<Shared>,
}

#[derive(Clone)]
pub struct CheckpointerArgs {
    pub shared: Arc<Shared>,
}

#[async_trait]
impl Role for CheckpointerActor {
    type Args = CheckpointerArgs;
    type Message = CheckpointerMsg;
    /// However many ask meanwhile, once more is enough.
    const SPEC: ActorSpec = ActorSpec::new("checkpointer", 1, Restart::permanent(10));

    async fn start(me: &Me<Self>, CheckpointerArgs { shared }: Self::Args) -> Result<Self, Fault> {
        shared.checkpointer.set(me.address().clone());
        Ok(Self { shared })
    }

    async fn handle(&mut self, _me: &Me<Self>, message: CheckpointerMsg) -> Result<(), Fault> {
        match message {
            CheckpointerMsg::Checkpoint => {
                // Nothing is lost: it stays in the log, and a commit empties that when it has become too long.
                if let Err(error) = self.shared.store.checkpoint().await {
                    tracing::warn!(error = chain(&error), "the write-ahead log stays as it is");
                }
                Ok(())
            }
        }
    }
}
