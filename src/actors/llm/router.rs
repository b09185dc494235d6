//! Hands each call to the desk of its provider, and starts a failed desk again.

use super::desk::{DeskActor, DeskArgs};
use super::messages::{Asked, DeskMsg, LlmMsg, Outcome};
use crate::actors::engine::Shared;
use crate::actors::supervise::{
    ActorSpec, Children, Fault, Me, Post, Restart, Role, SendError, Spent, Strategy,
};
use crate::domain::llm::ProviderId;
use async_trait::async_trait;
use std::sync::Arc;

pub struct RouterActor {
    desks: Vec<(ProviderId, Post<DeskMsg>)>,
    children: Children,
}

#[derive(Clone)]
pub struct RouterArgs {
    pub shared: Arc<Shared>,
}

#[async_trait]
impl Role for RouterActor {
    type Args = RouterArgs;
    type Message = LlmMsg;
    const SPEC: ActorSpec = ActorSpec::new("llm", 256, Restart::permanent(10));

    async fn start(me: &Me<Self>, RouterArgs { shared }: Self::Args) -> Result<Self, Fault> {
        shared.llm.set(me.address().clone());
        let (mut desks, mut children) = (Vec::new(), Children::new(Strategy::OneForOne));
        for id in shared.staff.chain.iter().copied() {
            let Some(provider) = shared.staff.provider(id).cloned() else { continue };
            let post = Post::default();
            desks.push((id, post.clone()));
            let shared = shared.clone();
            children.add::<DeskActor, _>(me, id.as_str(), Spent::Escalates, move || DeskArgs {
                shared: shared.clone(),
                provider: provider.clone(),
                post: post.clone(),
            });
        }
        let names: Vec<&str> = desks.iter().map(|(id, _)| id.as_str()).collect();
        me.show("idle", Some(names.join(", ")).filter(|names| !names.is_empty()));
        Ok(Self { desks, children })
    }

    async fn handle(&mut self, _me: &Me<Self>, message: LlmMsg) -> Result<(), Fault> {
        match message {
            LlmMsg::Call(asked) => self.pass_on(asked),
            LlmMsg::Abort(job) => {
                for (_, desk) in &self.desks {
                    // A desk that is gone has no call under way.
                    let _ = desk.report(DeskMsg::Abort(job));
                }
            }
        }
        Ok(())
    }

    fn children(&mut self) -> Option<&mut Children> {
        Some(&mut self.children)
    }
}

impl RouterActor {
    fn pass_on(&self, asked: Box<Asked>) {
        let found = self.desks.iter().find(|(id, _)| *id == asked.ask.provider);
        match found.map(|(_, desk)| desk) {
            // Refused as gone, the call is dropped, which tells its job through the reply.
            Some(desk) => match desk.send(DeskMsg::Call(asked)) {
                Ok(()) | Err(SendError::Busy | SendError::Gone) => {}
            },
            None => asked.reply.give(Outcome::NotMade),
        }
    }
}
