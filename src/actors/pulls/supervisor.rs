//! Gets the models that the board asks for, one after the other; drops one that nobody wants any more.

use super::board::{Board, Ticket};
use super::messages::PullsMsg;
use crate::actors::supervise::{ActorSpec, Fault, Me, Post, Reply, Restart, Role};
use crate::providers::models::{Catalog, Library, pull};
use crate::telemetry::chain;
use async_trait::async_trait;
use tokio::task::JoinSet;

pub struct PullsActor {
    args: PullsArgs,
    current: Option<Current>,
}

#[derive(Clone)]
pub struct PullsArgs {
    pub board: Board,
    pub library: Library,
    pub post: Post<PullsMsg>,
}

struct Current {
    ticket: Ticket,
    /// Dropping it ends the download; what has come so far stays for the next try.
    _task: JoinSet<()>,
}

#[async_trait]
impl Role for PullsActor {
    type Args = PullsArgs;
    type Message = PullsMsg;
    const SPEC: ActorSpec = ActorSpec::new("pulls", 64, Restart::permanent(10));

    async fn start(me: &Me<Self>, args: Self::Args) -> Result<Self, Fault> {
        args.post.set(me.address().clone());
        args.board.put_back();
        // An actor that is starting can always be sent to.
        let _ = me.address().report(PullsMsg::Look);
        Ok(Self { args, current: None })
    }

    async fn handle(&mut self, me: &Me<Self>, message: PullsMsg) -> Result<(), Fault> {
        if let PullsMsg::Ended(ticket, outcome) = message
            && self.current.as_ref().is_some_and(|current| current.ticket == ticket)
        {
            self.current = None;
            let lost = || Err("the download ended without a word; try it again".to_owned());
            let outcome = outcome.unwrap_or_else(lost);
            if let Err(error) = &outcome {
                tracing::warn!(error, "a model could not be got");
            }
            self.args.board.end(ticket, outcome);
        }
        self.look(me);
        Ok(())
    }
}

impl PullsActor {
    fn look(&mut self, me: &Me<Self>) {
        let Self { args, current } = self;
        if current.as_ref().is_some_and(|current| !args.board.wants(current.ticket)) {
            *current = None;
        }
        while current.is_none() {
            let Some((ticket, name)) = args.board.take() else { break };
            me.show("pulling", Some(name.clone()));
            *current = self::begin(me, args, ticket, &name);
        }
        if current.is_none() {
            me.show("idle", None);
        }
    }
}

fn begin(me: &Me<PullsActor>, args: &PullsArgs, ticket: Ticket, name: &str) -> Option<Current> {
    let entry = match Catalog::builtin().and_then(|catalog| catalog.find(name).cloned()) {
        Ok(entry) => entry,
        Err(error) => {
            args.board.end(ticket, Err(chain(&error)));
            return None;
        }
    };
    let (board, library, address) =
        (args.board.clone(), args.library.clone(), me.address().clone());
    let reply = Reply::new(move |outcome| {
        // An actor that is gone needs no answer: the next one begins anew.
        let _ = address.report(PullsMsg::Ended(ticket, outcome));
    });
    let mut task = JoinSet::new();
    task.spawn(async move {
        let told = |event| board.told(ticket, &event);
        let outcome = pull(&library, &entry, &told).await;
        reply.give(outcome.map(drop).map_err(|error| chain(&error)));
    });
    Some(Current { ticket, _task: task })
}
