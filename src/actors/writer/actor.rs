//! Takes what waits in its mailbox, and makes one commit of it.

use super::commit::Batch;
use super::heads::Heads;
use super::messages::{CheckpointerMsg, Past, WriterMsg};
use crate::actors::engine::Shared;
use crate::actors::supervise::{ActorSpec, Fault, Leaving, Me, Restart, Role};
use async_trait::async_trait;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Writes in one commit. More would keep the first of them waiting for the last.
const MOST: usize = 256;
/// Commits after which the write-ahead log is emptied, before one of them would have to.
const CHECKPOINT_EVERY: u32 = 8;

pub struct WriterActor {
    shared: Arc<Shared>,
    batch: Batch,
    heads: Heads,
    /// Commits that are waited for.
    commits: JoinSet<()>,
    /// How many have been begun.
    begun: u64,
    /// Since the log was last to be emptied.
    since_checkpoint: u32,
}

#[derive(Clone)]
pub struct WriterArgs {
    pub shared: Arc<Shared>,
}

#[async_trait]
impl Role for WriterActor {
    type Args = WriterArgs;
    type Message = WriterMsg;
    const SPEC: ActorSpec = ActorSpec::new("writer", 1_024, Restart::permanent(10));

    async fn start(me: &Me<Self>, WriterArgs { shared }: Self::Args) -> Result<Self, Fault> {
        shared.writer.set(me.address().clone());
        let (batch, heads, commits) = (Batch::default(), Heads::default(), JoinSet::new());
        Ok(Self { shared, batch, heads, commits, begun: 0, since_checkpoint: 0 })
    }

    async fn handle(&mut self, me: &Me<Self>, message: WriterMsg) -> Result<(), Fault> {
        let was_idle = self.batch.is_empty();
        match message {
            WriterMsg::Save(step, reply) => self.batch.save(*step, reply),
            WriterMsg::Arrive(arrival, reply) => self.batch.take_in(*arrival, reply),
            WriterMsg::Claim => self.look_again(),
            WriterMsg::Commit => self.commit().await,
            WriterMsg::Committed(past) => self.follow(&past),
        }
        if self.batch.count() >= MOST {
            self.commit().await;
        } else if was_idle && !self.batch.is_empty() {
            // Behind all that waits already: it comes along.
            let _ = me.address().report(WriterMsg::Commit);
        }
        Ok(())
    }

    async fn leave(&mut self, _me: &Me<Self>) -> Result<Leaving, Fault> {
        self.commit().await;
        self.wait_for_commits(0).await;
        Ok(Leaving::Now)
    }
}

impl WriterActor {
    /// Waits until the next one may begin, and no longer: what comes in meanwhile is the next one.
    async fn commit(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        self.begun += 1;
        let batch = std::mem::take(&mut self.batch);
        let begun = batch.begin(self.shared.clone(), &mut self.heads, self.begun).await;
        self.commits.spawn(begun.end());
        self.wait_for_commits(self.shared.store.commits_at_once() - 1).await;
        self.since_checkpoint += 1;
        if self.since_checkpoint >= CHECKPOINT_EVERY {
            self.since_checkpoint = 0;
            // Refused, it is at it already, or has nothing to do with this database.
            let _ = self.shared.checkpointer.send(CheckpointerMsg::Checkpoint);
        }
    }

    async fn wait_for_commits(&mut self, most: usize) {
        while self.commits.len() > most {
            if let Some(Err(error)) = self.commits.join_next().await
                && let Ok(panic) = error.try_into_panic()
            {
                std::panic::resume_unwind(panic);
            }
        }
    }

    /// Some may be in line who have not come in here. Where there is no place, they are found by whoever leaves one.
    fn look_again(&mut self) {
        self.heads.forget();
        self.batch.is_asked |= !self.shared.places.are_full();
    }

    fn follow(&mut self, past: &Past) {
        // Those that had begun by then have not seen whom it has left in line, and may have places for them.
        if past.is_full && past.nth < self.begun {
            self.look_again();
        }
        if past.is_undone {
            self.heads.forget();
        }
    }
}
