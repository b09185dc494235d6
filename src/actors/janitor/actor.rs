//! Makes a round at the start and then from time to time, one after the other.

use super::messages::JanitorMsg;
use super::round;
use crate::actors::engine::Shared;
use crate::actors::supervise::{ActorSpec, Fault, Limits, Me, Restart, Role};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

/// A round may purge a great deal; begun again, it would only take longer.
const ROUND: Limits = Limits::ORDINARY.handler(Duration::from_secs(600)).only_told();

pub struct JanitorActor {
    shared: Arc<Shared>,
}

#[derive(Clone)]
pub struct JanitorArgs {
    pub shared: Arc<Shared>,
}

#[async_trait]
impl Role for JanitorActor {
    type Args = JanitorArgs;
    type Message = JanitorMsg;
    const SPEC: ActorSpec = ActorSpec::new("janitor", 4, Restart::permanent(10)).limits(ROUND);

    async fn start(me: &Me<Self>, JanitorArgs { shared }: Self::Args) -> Result<Self, Fault> {
        // An actor that is starting can always be sent to.
        let _ = me.address().report(JanitorMsg::Round);
        Ok(Self { shared })
    }

    async fn handle(&mut self, me: &Me<Self>, message: JanitorMsg) -> Result<(), Fault> {
        match message {
            JanitorMsg::Round => {
                me.show("sweeping", None);
                let swept = round::make(&self.shared).await;
                me.show("idle", swept.told());
                me.address().after(self.shared.config.engine.sweep(), || JanitorMsg::Round);
                Ok(())
            }
        }
    }
}
