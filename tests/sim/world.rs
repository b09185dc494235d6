//! One seed: its clock, its nodes, its faults, and what the outside world knows.

use crate::leases::Leases;
use crate::ledger::{self, Ledger};
use crate::made_up;
use crate::node::Node;
use chrono::TimeDelta;
use diarist::domain::Timestamp;
use diarist::domain::ids::{JobId, NodeId, TenantId};
use diarist::domain::job::Job;
use diarist::domain::job_state::Event;
use diarist::store::arrivals::{self, Arrival, Arrived};
use diarist::store::{Store, StoreError, Tx, jobs};
use fastrand::Rng;
use uuid::Uuid;

const NODES: usize = 3;
const MOVES: usize = 250;
/// Moves without a fault after which everything has to be over.
const TO_HEAL: usize = 4_000;
const JOBS: usize = 4;
const LOOK_EVERY: usize = 8;

/// What is wrong with the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    Sound,
    /// A late writer takes the number that is current instead of its own.
    NoFencing,
    /// A node that was frozen renews its lease without asking whether it still has one.
    RenewalLate,
    /// A sender is answered before the job is durable.
    AckBeforeCommit,
}

pub struct Failed {
    pub seed: u64,
    pub why: String,
    pub trace: Vec<String>,
}

impl std::fmt::Debug for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "seed {}: {}", self.seed, self.why)
    }
}

/// Why a step was not made.
#[derive(Debug)]
pub enum Halt {
    /// The job is somebody else's now.
    Stale,
    /// The store has failed, before the commit or after it: the caller cannot tell.
    Lost,
    /// Something that must never be.
    Broken(String),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::StaleEpoch { .. } | StoreError::StaleVersion { .. } => Self::Stale,
            other => Self::Broken(format!("the store: {other:?}")),
        }
    }
}

pub struct World<'s> {
    pub store: &'s Store,
    pub tenant: TenantId,
    pub now: Timestamp,
    pub random: Rng,
    pub variant: Variant,
    pub leases: Leases,
    pub ledger: Ledger,
    /// Whether things go wrong.
    is_rough: bool,
    seed: u64,
    nodes: Vec<Node>,
    sent: Vec<Sent>,
    ids: u64,
    trace: Vec<String>,
}

/// A memo as its sender knows it.
struct Sent {
    job: Job,
    acked: bool,
}

impl<'s> World<'s> {
    pub fn new(store: &'s Store, seed: u64, variant: Variant) -> Self {
        Self {
            store,
            tenant: TenantId::from(format!("seed-{seed}-{variant:?}")),
            now: Timestamp::UNIX_EPOCH + TimeDelta::days(20_000),
            random: Rng::with_seed(seed),
            variant,
            leases: Leases::default(),
            ledger: Ledger::default(),
            is_rough: true,
            seed,
            nodes: Vec::new(),
            sent: Vec::new(),
            ids: 0,
            trace: Vec::new(),
        }
    }

    pub async fn run(&mut self) -> Result<(), Failed> {
        let outcome = self.play().await;
        outcome.map_err(|why| Failed {
            seed: self.seed,
            why,
            trace: std::mem::take(&mut self.trace),
        })
    }

    pub fn into_trace(self) -> Vec<String> {
        self.trace
    }

    async fn play(&mut self) -> Result<(), String> {
        for _ in 0..NODES {
            let node = self.incarnation();
            self.nodes.push(node);
        }
        for _ in 0..MOVES {
            self.make_a_move().await?;
        }
        self.is_rough = false;
        for n in 0..TO_HEAL {
            if n % LOOK_EVERY == 0 && self.is_over().await? {
                return ledger::settle(self).await;
            }
            self.calm_move().await?;
        }
        Err(format!("it never comes to an end: {}", self.states().await?.join(", ")))
    }

    async fn make_a_move(&mut self) -> Result<(), String> {
        let which = self.random.usize(0..self.nodes.len());
        match self.random.u8(0..100) {
            0..6 => self.hand_in().await,
            6..9 => self.ask_again().await,
            9..11 => {
                self.note(format!("node {which} dies"));
                self.nodes[which].die();
                Ok(())
            }
            11..15 => {
                let until = self.now + TimeDelta::milliseconds(self.random.i64(100..9_000));
                self.note(format!("node {which} freezes"));
                self.nodes[which].freeze(until);
                Ok(())
            }
            15..18 => self.by_hand().await,
            18..40 => {
                self.pass_time(1..700);
                Ok(())
            }
            _ => self.work(which).await,
        }
    }

    async fn calm_move(&mut self) -> Result<(), String> {
        self.pass_time(1..400);
        self.ask_again().await?;
        let which = self.random.usize(0..self.nodes.len());
        self.work(which).await
    }

    async fn work(&mut self, which: usize) -> Result<(), String> {
        let mut node = std::mem::replace(&mut self.nodes[which], Node::nobody());
        if node.is_dead() && (!self.is_rough || self.random.u8(0..4) == 0) {
            node = self.incarnation();
        }
        let outcome = node.turn(self).await;
        self.nodes[which] = node;
        outcome
    }

    fn incarnation(&mut self) -> Node {
        let number = self.number();
        let id = NodeId(format!("{}-node-{number}", self.tenant.as_str()));
        self.leases.begin(&id, self.now);
        Node::new(id, self.now)
    }

    /// A new memo. Its sender takes no answer for a reason to come again, with the same key.
    async fn hand_in(&mut self) -> Result<(), String> {
        if self.sent.len() == JOBS {
            return Ok(());
        }
        let id = JobId(Uuid::from_u128((u128::from(self.seed) << 64) | u128::from(self.number())));
        let job = made_up::job(id, &self.tenant, self.now);
        self.sent.push(Sent { job, acked: false });
        self.deliver(self.sent.len() - 1).await
    }

    async fn ask_again(&mut self) -> Result<(), String> {
        match self.sent.iter().position(|sent| !sent.acked) {
            Some(which) => self.deliver(which).await,
            None => Ok(()),
        }
    }

    async fn deliver(&mut self, which: usize) -> Result<(), String> {
        let job = self.sent[which].job.clone();
        let taken = self.take_in(&job).await;
        self.note(format!("handed in {}: {taken:?}", job.id));
        let acked = match taken {
            Ok(()) => true,
            Err(Halt::Lost) => self.variant == Variant::AckBeforeCommit,
            Err(Halt::Stale) => return Err("a new job is stale".into()),
            Err(Halt::Broken(why)) => return Err(why),
        };
        self.sent[which].acked |= acked;
        Ok(())
    }

    async fn take_in(&mut self, job: &Job) -> Result<(), Halt> {
        let states = job.state.way_in(self.now, self.now);
        let mut arrival = Arrival::new(job.clone(), states, job.id.to_string());
        arrival.key = Some(job.id.to_string());
        let mut tx = self.store.write().await?;
        let taken = arrivals::take_all(&mut tx, &[arrival], self.now).await?;
        if let [Arrived::KeyReused] = taken[..] {
            return Err(Halt::Broken(format!("the key of {} means something else", job.id)));
        }
        self.commit(tx).await
    }

    /// A person cancels a job, or asks for another try.
    async fn by_hand(&mut self) -> Result<(), String> {
        if self.sent.is_empty() {
            return Ok(());
        }
        let id = self.sent[self.random.usize(0..self.sent.len())].job.id;
        let event = if self.random.u8(0..4) == 0 { Event::Cancel } else { Event::Retry };
        let found =
            jobs::get(self.store, &self.tenant, id).await.map_err(|error| error.to_string())?;
        let changed = self.change(id, event.clone()).await;
        if let Some(job) = found {
            self.ledger.revoked(id, job.epoch);
        }
        self.note(format!("{event:?} of {id} by hand: {changed:?}"));
        match changed {
            Err(Halt::Broken(why)) => Err(why),
            _ => Ok(()),
        }
    }

    /// A change from outside, as the engine makes it: looked at, decided, and saved if nobody was quicker.
    pub async fn change(&mut self, id: JobId, event: Event) -> Result<(), Halt> {
        let Some(job) = jobs::get(self.store, &self.tenant, id).await? else { return Ok(()) };
        let Ok(step) = job.state.clone().apply(event, self.now) else { return Ok(()) };
        let mut tx = self.store.write().await?;
        jobs::change(&mut tx, &job, &step.next, self.now).await?;
        self.commit(tx).await
    }

    /// Commits, or fails before that, or loses the answer.
    pub async fn commit(&mut self, tx: Tx) -> Result<(), Halt> {
        match self.fate() {
            Fate::Done => Ok(tx.commit().await?),
            Fate::Undone => Err(Halt::Lost),
            Fate::Unanswered => {
                tx.commit().await?;
                Err(Halt::Lost)
            }
        }
    }

    pub fn fate(&mut self) -> Fate {
        match self.random.u8(0..100) {
            0..3 if self.is_rough => Fate::Undone,
            3..6 if self.is_rough => Fate::Unanswered,
            _ => Fate::Done,
        }
    }

    /// Something that goes wrong so often, as long as things go wrong.
    pub fn happens(&mut self, percent: u8) -> bool {
        self.random.u8(0..100) < percent && self.is_rough
    }

    async fn is_over(&self) -> Result<bool, String> {
        for sent in &self.sent {
            let found = jobs::get(self.store, &self.tenant, sent.job.id).await;
            let is_over = found.map_err(|error| error.to_string())?.map(|job| job.state.is_over());
            match is_over {
                Some(true) => {}
                Some(false) => return Ok(false),
                None if sent.acked => {
                    return Err(format!("{} was taken, and is lost", sent.job.id));
                }
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    async fn states(&self) -> Result<Vec<String>, String> {
        let mut states = Vec::new();
        for id in self.jobs() {
            let found = jobs::get(self.store, &self.tenant, id).await;
            let found = found.map_err(|error| error.to_string())?;
            states.push(format!("{id} {:?}", found.map(|job| job.state)));
        }
        Ok(states)
    }

    pub fn jobs(&self) -> Vec<JobId> {
        self.sent.iter().map(|sent| sent.job.id).collect()
    }

    /// Who else has this job in hand, and a valid lease.
    pub fn holds_too(&self, job: JobId) -> Option<&NodeId> {
        let holds = |node: &&Node| {
            let held = node.holds(job).filter(|held| !self.ledger.is_revoked(held));
            held.is_some() && self.leases.is_valid(&node.id, self.now)
        };
        self.nodes.iter().find(holds).map(|node| &node.id)
    }

    pub fn number(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    pub fn note(&mut self, line: String) {
        let at = (self.now - Timestamp::UNIX_EPOCH).num_milliseconds() % 1_000_000_000;
        self.trace.push(format!("{at:>9} {line}"));
    }

    fn pass_time(&mut self, ms: std::ops::Range<i64>) {
        self.now += TimeDelta::milliseconds(self.random.i64(ms));
    }
}

/// What becomes of a commit.
pub enum Fate {
    Done,
    Undone,
    /// It is done, and nobody is told.
    Unanswered,
}
