//! Looks from time to time whether everybody makes progress, says once who does not, and has it started again where
//! that is its policy.
//!
//! Silence is no fault: an actor with nothing to do makes no progress. Stuck is one whose message takes too long, one
//! whose mailbox waits while it handles nothing, and one whose work outside its handler has shown no progress.

use super::failure::Fault;
use super::role::{Me, Role};
use super::spec::{ActorSpec, Restart};
use async_trait::async_trait;
use std::time::Duration;

pub struct WatchdogActor {
    args: WatchdogArgs,
}

#[derive(Debug, Clone, Copy)]
pub struct WatchdogArgs {
    pub every: Duration,
    /// Stretches or shortens the limits of all kinds, in hundredths.
    pub percent: u32,
}

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum WatchdogMsg {
    Look,
}

#[async_trait]
impl Role for WatchdogActor {
    type Args = WatchdogArgs;
    type Message = WatchdogMsg;
    const SPEC: ActorSpec = ActorSpec::new("watchdog", 4, Restart::permanent(10));

    async fn start(me: &Me<Self>, args: Self::Args) -> Result<Self, Fault> {
        me.address().after(args.every, || WatchdogMsg::Look);
        Ok(Self { args })
    }

    async fn handle(&mut self, me: &Me<Self>, _look: WatchdogMsg) -> Result<(), Fault> {
        for (path, stuck, restarts) in me.directory().newly_stuck(self.args.percent) {
            let lasts_ms = u64::try_from(stuck.lasts.as_millis()).unwrap_or(u64::MAX);
            let (what, message) = (stuck.what, stuck.message);
            tracing::warn!(actor = path, what, message, lasts_ms, restarts, "an actor is stuck");
            if restarts && let Err(error) = me.directory().restart(&path) {
                tracing::warn!(actor = path, %error, "it cannot be started again");
            }
        }
        me.address().after(self.args.every, || WatchdogMsg::Look);
        Ok(())
    }
}
