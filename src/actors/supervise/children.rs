//! The one supervisor: what an actor with children does when one of them ends, whoever the actor is.
//!
//! It never sleeps in a handler: whatever has to wait comes back as a message. A start that fails is a failure like
//! any other. An event of a child that is no longer the present one changes nothing.

use super::address::Envelope;
use super::budget::{Budget, Decision};
use super::directory::Directory;
use super::failure::{Failure, Fault};
use super::role::{Me, Role, start};
use super::spec::{ActorSpec, RestartKind};
use crate::clock;
use futures::future::{BoxFuture, join_all};
use ractor::{ActorCell, ActorId, ActorProcessingErr, ActorStatus};
use std::time::{Duration, Instant};

/// How long a child may take over the message in hand when it is told to make way for its next incarnation.
const MAKE_WAY: Duration = Duration::from_secs(2);
/// How often it is looked whether it has.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
/// What the children of a failing actor have, all together, to finish the message in hand. What they would do next is
/// begun again by the next incarnation; what they are doing, most often a write, is not torn apart.
const BEFORE_FAILING: Duration = Duration::from_millis(100);

/// Who is started again when one fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// The one that failed.
    OneForOne,
    /// All of them.
    OneForAll,
    /// The one that failed, and those that were started after it.
    RestForOne,
}

/// What a spent budget of restarts means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// The parent cannot do without the child: it fails itself.
    Escalates,
    /// The parent is told, and does without it.
    IsTold,
}

/// What has become of a child, as its parent is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Up {
        name: String,
    },
    /// It is started again in a while.
    Down {
        name: String,
    },
    /// It does not come back; with a failure where it should have.
    Gone {
        name: String,
        failure: Option<Failure>,
    },
}

/// How a child has ended.
#[derive(Debug)]
pub(super) enum End {
    Orderly,
    Killed,
    Failed(ActorProcessingErr),
}

/// The children of one actor, in the order in which they were added.
pub struct Children {
    strategy: Strategy,
    slots: Vec<Slot>,
    turn: u64,
}

struct Slot {
    name: String,
    path: String,
    spec: ActorSpec,
    spent: Spent,
    start: Box<dyn FnMut(Start) -> BoxFuture<'static, Result<ActorCell, Failure>> + Send + Sync>,
    budget: Budget,
    phase: Phase,
    /// An incarnation that was told to make way, and until when it may take its time.
    before: Option<(ActorCell, Instant)>,
}

enum Phase {
    Up(ActorCell),
    /// Started with all that have the same turn.
    Down {
        turn: u64,
    },
    /// Told to end for good.
    Leaving(ActorCell),
}

/// What the start of a child needs of its parent.
struct Start {
    directory: Directory,
    path: String,
    parent: ActorCell,
}

impl Children {
    pub fn new(strategy: Strategy) -> Self {
        Self { strategy, slots: Vec::new(), turn: 0 }
    }

    /// Adds a child, which is started with the parent's next message. `args` makes the arguments of each incarnation.
    pub fn add<R: Role, P: Role>(
        &mut self,
        me: &Me<P>,
        name: &str,
        spent: Spent,
        mut args: impl FnMut() -> R::Args + Send + Sync + 'static,
    ) {
        let path = format!("{}/{name}", me.path());
        let start = move |from: Start| -> BoxFuture<'static, Result<ActorCell, Failure>> {
            let args = args();
            let Start { directory, path, parent } = from;
            Box::pin(async move { start::<R>(&directory, path, Some(parent), args).await })
        };
        self.turn += 1;
        self.slots.push(Slot {
            name: name.to_owned(),
            path,
            spec: R::SPEC,
            spent,
            start: Box::new(start),
            budget: Budget::new(R::SPEC.restart),
            phase: Phase::Down { turn: self.turn },
            before: None,
        });
        me.address().tell(Envelope::Respawn(self.turn));
    }

    /// Ends a child at once, in the middle of whatever it does, and forgets it.
    pub fn remove<P: Role>(&mut self, me: &Me<P>, name: &str) {
        let Some(index) = self.slots.iter().position(|slot| slot.name == name) else { return };
        let slot = self.slots.remove(index);
        slot.kill();
        me.directory().leave(&slot.path);
    }

    /// Starts the children that wait for this turn, once their earlier incarnations have made way.
    pub(super) async fn respawn<P: Role>(
        &mut self,
        me: &Me<P>,
        turn: u64,
    ) -> Result<Vec<Change>, Fault> {
        let now = clock::tick();
        let waits = |slot: &Slot| matches!(slot.phase, Phase::Down { turn: its } if its == turn);
        let in_the_way =
            self.slots.iter().filter(|slot| waits(slot)).filter(|slot| slot.is_in_the_way(now));
        if in_the_way.count() > 0 {
            me.address().tell_after(BETWEEN_LOOKS, Envelope::Respawn(turn));
            return Ok(Vec::new());
        }
        let mut changes = Vec::new();
        while let Some(index) = self.slots.iter().position(waits) {
            let slot = &mut self.slots[index];
            slot.before = None;
            let (directory, path) = (me.directory().clone(), slot.path.clone());
            let from = Start { directory, path, parent: me.address().cell() };
            match (slot.start)(from).await {
                Ok(cell) => {
                    slot.phase = Phase::Up(cell);
                    changes.push(Change::Up { name: slot.name.clone() });
                }
                Err(failure) => changes.extend(self.failed(me, index, failure)?),
            }
        }
        Ok(changes)
    }

    /// A child has ended.
    pub(super) fn ended<P: Role>(
        &mut self,
        me: &Me<P>,
        child: ActorId,
        end: End,
    ) -> Result<Vec<Change>, Fault> {
        let is_it = |slot: &Slot| slot.cell().is_some_and(|cell| cell.get_id() == child);
        let Some(index) = self.slots.iter().position(is_it) else { return Ok(Vec::new()) };
        let slot = &self.slots[index];
        let failure = match end {
            End::Orderly => None,
            End::Killed => Some(Failure::new(&slot.path, "it was killed")),
            End::Failed(error) => Some(Failure::read(&slot.path, &error)),
        };
        let comes_back = match (&slot.phase, slot.spec.restart.kind) {
            (Phase::Leaving(_), _) | (_, RestartKind::Temporary) => false,
            (_, RestartKind::Transient) => failure.is_some(),
            (_, RestartKind::Permanent) => true,
        };
        if !comes_back {
            return Ok(vec![self.gone(me, index, failure)]);
        }
        let failure = failure.unwrap_or_else(|| Failure::new(&slot.path, "it ended"));
        self.failed(me, index, failure)
    }

    /// Starts a child again because a person, or the watchdog, says so: that is no failure of the child.
    pub(super) fn restart<P: Role>(&mut self, me: &Me<P>, name: &str) -> Vec<Change> {
        let found = self.slots.iter().position(|slot| slot.name == name);
        let Some(index) = found.filter(|index| matches!(self.slots[*index].phase, Phase::Up(_)))
        else {
            return Vec::new();
        };
        tracing::info!(actor = self.slots[index].path, "it is started again on order");
        self.down(me, index, Duration::ZERO, None)
    }

    fn failed<P: Role>(
        &mut self,
        me: &Me<P>,
        index: usize,
        failure: Failure,
    ) -> Result<Vec<Change>, Fault> {
        let slot = &mut self.slots[index];
        match slot.budget.failed(clock::tick()) {
            Decision::RestartAfter(wait) => {
                // What has ended is in nobody's way.
                slot.phase = Phase::Down { turn: 0 };
                Ok(self.down(me, index, wait, Some(&failure)))
            }
            Decision::Spent if slot.spent == Spent::IsTold => {
                Ok(vec![self.gone(me, index, Some(failure))])
            }
            Decision::Spent => {
                me.directory().failed(&slot.path, Some(&failure));
                let (name, reason) = (&slot.name, &failure.reason);
                let reason = format!("{name} fails too often, last ({}): {reason}", failure.id);
                Err(Fault { reason })
            }
        }
    }

    /// Takes down whom the strategy names, last one first, and starts them together after the wait.
    fn down<P: Role>(
        &mut self,
        me: &Me<P>,
        index: usize,
        wait: Duration,
        failure: Option<&Failure>,
    ) -> Vec<Change> {
        self.turn += 1;
        let turn = self.turn;
        let range = match self.strategy {
            Strategy::OneForOne => index..index + 1,
            Strategy::OneForAll => 0..self.slots.len(),
            Strategy::RestForOne => index..self.slots.len(),
        };
        let make_way = clock::tick() + MAKE_WAY;
        let mut changes = Vec::new();
        for at in range.rev() {
            let slot = &mut self.slots[at];
            match std::mem::replace(&mut slot.phase, Phase::Down { turn }) {
                Phase::Leaving(cell) => {
                    slot.phase = Phase::Leaving(cell);
                    continue;
                }
                Phase::Up(cell) => {
                    cell.stop(None);
                    slot.before = Some((cell, make_way));
                }
                Phase::Down { .. } => {}
            }
            if at != index && slot.spec.restart.kind == RestartKind::Temporary {
                changes.push(self.gone(me, at, None));
                continue;
            }
            me.directory().failed(&slot.path, failure.filter(|_| at == index));
            changes.push(Change::Down { name: slot.name.clone() });
        }
        me.address().tell_after(wait, Envelope::Respawn(turn));
        changes
    }

    fn gone<P: Role>(&mut self, me: &Me<P>, index: usize, failure: Option<Failure>) -> Change {
        let slot = self.slots.remove(index);
        me.directory().leave(&slot.path);
        Change::Gone { name: slot.name, failure }
    }

    /// Tells the next ones to leave, if nobody is leaving: siblings of one kind together, and the kinds one after the
    /// other, last started first, since they work for those that were started later. Says whether any are left.
    pub(super) fn leave(&mut self, directory: &Directory, by: Instant) -> bool {
        // Whoever waits for its restart has nothing that it could finish.
        self.slots.retain(|slot| {
            let is_down = matches!(slot.phase, Phase::Down { .. });
            if is_down {
                slot.kill();
                directory.leave(&slot.path);
            }
            !is_down
        });
        if self.slots.iter().any(|slot| matches!(slot.phase, Phase::Leaving(_))) {
            return true;
        }
        let Some(kind) = self.slots.last().map(|slot| slot.spec.kind) else { return false };
        for slot in self.slots.iter_mut().rev().take_while(|slot| slot.spec.kind == kind) {
            if let Phase::Up(cell) = &slot.phase {
                directory.tell_to_leave(&slot.path, by);
                slot.phase = Phase::Leaving(cell.clone());
            }
        }
        true
    }

    /// Lets all of them end in good order, while their parent stays.
    pub fn drain<P: Role>(&mut self, me: &Me<P>, by: Instant) {
        self.leave(me.directory(), by);
    }

    /// Kills whoever has not left in time.
    pub(super) fn kill_all(&self) {
        for slot in &self.slots {
            if let Some(cell) = slot.cell() {
                tracing::warn!(actor = slot.path, "it does not end in time, and is killed");
                cell.kill();
            }
        }
    }

    /// Ends all of them before their parent fails, without tearing apart what can be finished in a moment.
    pub(super) async fn end_before_failing(&self) {
        let cells = || self.slots.iter().rev().filter_map(Slot::cell);
        cells().for_each(|cell| cell.stop(None));
        let patience = Some(ractor::concurrency::Duration::from(BEFORE_FAILING));
        let all = join_all(cells().map(|cell| cell.wait(patience))).await;
        if all.iter().any(Result::is_err) {
            cells().for_each(ActorCell::kill);
        }
    }
}

impl Slot {
    fn cell(&self) -> Option<&ActorCell> {
        match &self.phase {
            Phase::Up(cell) | Phase::Leaving(cell) => Some(cell),
            Phase::Down { .. } => None,
        }
    }

    /// Whether its earlier incarnation is still there. One that takes too long is killed.
    fn is_in_the_way(&self, now: Instant) -> bool {
        let Some((cell, until)) = &self.before else { return false };
        if now > *until {
            cell.kill();
        }
        cell.get_status() != ActorStatus::Stopped
    }

    fn kill(&self) {
        let before = self.before.as_ref().map(|(cell, _)| cell);
        self.cell().into_iter().chain(before).for_each(ActorCell::kill);
    }
}
