//! One start of a node: renews its lease, takes over from the dead, claims, and works on what it has claimed.

use crate::leases::{LEASE, RENEW};
use crate::life::Hand;
use crate::world::{Fate, Halt, Variant, World};
use diarist::domain::Timestamp;
use diarist::domain::dispatch::Lane;
use diarist::domain::ids::{JobId, NodeId};
use diarist::domain::job::Job;
use diarist::domain::job_state::{Event, JobState};
use diarist::store::claims::{self, Head, Wish};

const HANDS: usize = 2;

pub struct Node {
    pub id: NodeId,
    is_dead: bool,
    frozen_until: Timestamp,
    renewed_at: Timestamp,
    hands: Vec<Hand>,
}

impl Node {
    pub fn new(id: NodeId, now: Timestamp) -> Self {
        Self { id, is_dead: false, frozen_until: now, renewed_at: now, hands: Vec::new() }
    }

    /// Stands in for a node that is taking its turn.
    pub fn nobody() -> Self {
        Self { is_dead: true, ..Self::new(NodeId(String::new()), Timestamp::UNIX_EPOCH) }
    }

    pub fn die(&mut self) {
        self.is_dead = true;
        self.hands.clear();
    }

    pub fn is_dead(&self) -> bool {
        self.is_dead
    }

    pub fn freeze(&mut self, until: Timestamp) {
        self.frozen_until = until;
    }

    /// The job as it has it in hand.
    pub fn holds(&self, job: JobId) -> Option<&Job> {
        self.hands.iter().map(|hand| &hand.job).find(|held| held.id == job)
    }

    pub async fn turn(&mut self, world: &mut World<'_>) -> Result<(), String> {
        if self.is_dead || world.now < self.frozen_until {
            return Ok(());
        }
        // The lease is looked after by a thread of its own: work may come first, even on a lease that has run out.
        if world.random.bool() && !self.renew(world) {
            return Ok(());
        }
        let outcome = match world.random.u8(0..10) {
            0..2 => self.sweep(world).await,
            2..5 if self.hands.len() < HANDS => self.claim(world).await,
            _ => self.work(world).await,
        };
        match outcome {
            Err(Halt::Broken(why)) => Err(why),
            Ok(()) | Err(Halt::Stale | Halt::Lost) => Ok(()),
        }
    }

    /// A node that cannot renew its lease any more has lost its work; it ends, and begins as a new one.
    fn renew(&mut self, world: &mut World<'_>) -> bool {
        if world.now < self.renewed_at + RENEW {
            return true;
        }
        let is_late = world.now >= self.renewed_at + LEASE;
        if world.variant == Variant::RenewalLate {
            world.leases.begin(&self.id, world.now);
        } else if is_late || !world.leases.renew(&self.id, world.now) {
            world.note(format!("{} has lost its lease", self.id.0));
            self.die();
            return false;
        }
        self.renewed_at = world.now;
        true
    }

    /// Gives back what is claimed and nobody works on: of nodes whose lease has run out, and of actors that failed.
    async fn sweep(&mut self, world: &mut World<'_>) -> Result<(), Halt> {
        for node in world.leases.sweep(world.now) {
            world.note(format!("{} finds {} gone", self.id.0, node.0));
        }
        let holds = |job| self.holds(job).is_some();
        let is_alive = |node: &NodeId| world.leases.is_valid(node, world.now);
        for (job, epoch) in world.ledger.forsaken(&self.id, holds, is_alive) {
            if !world.ledger.is_claimed(world.store, &world.tenant, job, epoch).await? {
                world.ledger.given_back(job, epoch);
                continue;
            }
            world.note(format!("{} gives {job} back, epoch {}", self.id.0, epoch.0));
            world.change(job, Event::Interrupted).await?;
            world.ledger.given_back(job, epoch);
        }
        Ok(())
    }

    async fn claim(&mut self, world: &mut World<'_>) -> Result<(), Halt> {
        let mut tx = world.store.write().await?;
        claims::wake_queued(&mut tx, world.now).await?;
        let tenant = world.tenant.clone();
        let most = HANDS - self.hands.len();
        let heads = Head::all(&Lane::ALL);
        let wish = Wish { tenant: &tenant, heads: &heads, most, home: None };
        let claimed = claims::claim(&mut tx, &self.id, &wish, world.now).await?;
        let fate = world.fate();
        if !matches!(fate, Fate::Undone) {
            tx.commit().await?;
            for job in &claimed {
                world.ledger.claimed(&self.id, job)?;
            }
        }
        if matches!(fate, Fate::Done) {
            for job in claimed {
                world.note(format!("{} claims {} epoch {}", self.id.0, job.id, job.epoch.0));
                self.hands.push(Hand::new(job));
            }
            self.wake_parked(world).await?;
        }
        Ok(())
    }

    async fn wake_parked(&self, world: &mut World<'_>) -> Result<(), Halt> {
        for job in claims::due(world.store, world.now).await? {
            if job.tenant == world.tenant && matches!(job.state, JobState::Parked(_)) {
                world.change(job.id, Event::Due).await?;
            }
        }
        Ok(())
    }

    /// One action on one of the jobs in hand. A hand whose store has failed is dropped, as a failed actor is.
    async fn work(&mut self, world: &mut World<'_>) -> Result<(), Halt> {
        if self.hands.is_empty() {
            return Ok(());
        }
        let which = world.random.usize(0..self.hands.len());
        let mut hand = self.hands.swap_remove(which);
        let is_valid =
            world.leases.is_valid(&self.id, world.now) && !world.ledger.is_revoked(&hand.job);
        if let Some(other) = world.holds_too(hand.job.id).filter(|_| is_valid) {
            let why = format!("{} and {} both have {} in hand", self.id.0, other.0, hand.job.id);
            return Err(Halt::Broken(why));
        }
        hand.job = as_believed(world, &hand.job).await?;
        let outcome = hand.act(world).await;
        world.note(format!("{} {}: {outcome:?}", self.id.0, hand.told()));
        if outcome? {
            self.hands.push(hand);
        }
        Ok(())
    }
}

/// What a write goes by: the job as its holder knows it, or, without fencing, whatever is current.
async fn as_believed(world: &World<'_>, job: &Job) -> Result<Job, Halt> {
    if world.variant != Variant::NoFencing {
        return Ok(job.clone());
    }
    let found = diarist::store::jobs::get(world.store, &world.tenant, job.id).await?;
    Ok(found.map_or_else(
        || job.clone(),
        |found| Job { epoch: found.epoch, version: found.version, ..job.clone() },
    ))
}
