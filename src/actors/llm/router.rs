//! Hands each call to the desk of its provider, and starts a failed desk again.

use super::desk::{DeskActor, DeskArgs};
use super::messages::{Asked, DeskMsg, LlmMsg, Outcome};
use crate::actors::engine::Shared;
use crate::actors::supervise::{
    ActorSpec, Budget, Child, Decision, Ended, Fault, Me, Restart, Role, SendError, spawn,
};
use crate::clock;
use crate::domain::llm::ProviderId;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::Arc;

pub struct RouterActor {
    shared: Arc<Shared>,
    desks: HashMap<ProviderId, Desk>,
}

pub struct RouterArgs {
    pub shared: Arc<Shared>,
}

struct Desk {
    budget: Budget,
    /// `None` while it waits for its restart.
    child: Option<Child<DeskMsg>>,
}

#[async_trait]
impl Role for RouterActor {
    type Args = RouterArgs;
    type Message = LlmMsg;
    const SPEC: ActorSpec = ActorSpec { kind: "llm", intake: 256, restart: Restart::permanent(10) };

    async fn start(me: &Me<Self>, RouterArgs { shared }: Self::Args) -> Self {
        shared.llm.set(me.address().clone());
        let open = |id: &ProviderId| shared.staff.provider(*id).is_some();
        for id in shared.staff.chain.iter().copied().filter(open) {
            // An actor that is starting can always be sent to.
            let _ = me.address().report(LlmMsg::Restart(id));
        }
        Self { shared, desks: HashMap::new() }
    }

    async fn handle(&mut self, me: &Me<Self>, message: LlmMsg) -> Result<(), Fault> {
        match message {
            LlmMsg::Call(asked) => self.pass_on(asked),
            LlmMsg::Abort(job) => {
                for child in self.desks.values().filter_map(|desk| desk.child.as_ref()) {
                    // A desk that is gone has no call under way.
                    let _ = child.address.report(DeskMsg::Abort(job));
                }
            }
            LlmMsg::Restart(id) => self.open(me, id).await?,
        }
        let names: Vec<&str> = self.desks.keys().map(|id| id.as_str()).collect();
        me.show("idle", Some(names.join(", ")).filter(|names| !names.is_empty()));
        Ok(())
    }

    async fn child_ended(&mut self, me: &Me<Self>, ended: Ended) -> Result<(), Fault> {
        let is_it =
            |desk: &Desk| desk.child.as_ref().is_some_and(|child| child.id() == ended.child);
        let found = self.desks.iter().find(|(_, desk)| is_it(desk)).map(|(id, _)| *id);
        match found {
            Some(id) => self.again(me, id, ended.failure.as_deref().unwrap_or("it ended")),
            None => Ok(()),
        }
    }
}

impl RouterActor {
    fn pass_on(&self, asked: Box<Asked>) {
        let desk = self.desks.get(&asked.ask.provider).and_then(|desk| desk.child.as_ref());
        match desk {
            // Refused as gone, the call is dropped, which tells its job through the reply.
            Some(child) => match child.address.send(DeskMsg::Call(asked)) {
                Ok(()) | Err(SendError::Busy | SendError::Gone) => {}
            },
            None => asked.reply.give(Outcome::NotMade),
        }
    }

    async fn open(&mut self, me: &Me<Self>, id: ProviderId) -> Result<(), Fault> {
        let Some(provider) = self.shared.staff.provider(id).cloned() else { return Ok(()) };
        let budget = || Budget::new(DeskActor::SPEC.restart);
        let desk = self.desks.entry(id).or_insert_with(|| Desk { budget: budget(), child: None });
        let args = DeskArgs { shared: self.shared.clone(), provider };
        match spawn::<DeskActor, _>(me, id.as_str(), args).await {
            Ok(child) => {
                desk.child = Some(child);
                Ok(())
            }
            Err(fault) => self.again(me, id, &fault.reason),
        }
    }

    fn again(&mut self, me: &Me<Self>, id: ProviderId, reason: &str) -> Result<(), Fault> {
        let Some(desk) = self.desks.get_mut(&id) else { return Ok(()) };
        if let Some(child) = desk.child.take() {
            tracing::warn!(actor = child.path, reason, "desk failed");
            me.directory().failed(&child.path, reason);
        }
        match desk.budget.failed(clock::tick()) {
            Decision::RestartAfter(wait) => {
                me.address().after(wait, move || LlmMsg::Restart(id));
                Ok(())
            }
            Decision::Spent => {
                Err(Fault { reason: format!("the desk of {id} fails too often, last: {reason}") })
            }
        }
    }
}
