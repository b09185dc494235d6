//! The true tree of actors with what each is doing, written by the actors themselves, read by anyone.

use super::failure::Failure;
use super::figures::Histogram;
use super::meta::{Meta, Stuck};
use super::spec::ActorSpec;
use super::view::{ActorView, KindView, LatencyView, LeftOutView, Part};
use crate::clock;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Every live actor by its path, `root`, `root/jobs`, `root/jobs/<id>`.
#[derive(Clone)]
pub struct Directory(Arc<Inner>);

struct Inner {
    base: Instant,
    entries: Mutex<BTreeMap<String, Entry>>,
    kinds: Mutex<BTreeMap<&'static str, Arc<Histogram>>>,
}

struct Entry {
    meta: Arc<Meta>,
    order: Box<dyn Fn(Order) + Send>,
}

/// What an actor can be told from outside its room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Panic at the next message.
    Crash,
    /// Start this child again.
    Restart(String),
    /// End in good order, at the latest then.
    Leave(Instant),
}

/// Why an actor was not started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRestarted {
    #[error("there is no such actor")]
    Unknown,
    #[error("nobody is above the root to start it again; drain the node instead")]
    Root,
}

impl Default for Directory {
    fn default() -> Self {
        let (entries, kinds) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { base: clock::tick(), entries, kinds }))
    }
}

impl Directory {
    /// Enters an actor that is about to start, with the figures of its earlier incarnations.
    pub(super) fn enter(&self, path: &str, spec: ActorSpec) -> Arc<Meta> {
        if let Some(entry) = self.lock().get(path) {
            return entry.meta.clone();
        }
        let mut kinds = self.0.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let latencies = kinds.entry(spec.kind).or_default().clone();
        Arc::new(Meta::new(path, spec, self.0.base, latencies))
    }

    pub(super) fn started(&self, meta: &Arc<Meta>, order: impl Fn(Order) + Send + 'static) {
        let entry = Entry { meta: meta.clone(), order: Box::new(order) };
        self.lock().insert(meta.path().to_owned(), entry);
    }

    /// Notes the end of an actor that will be started again. The actors below it are gone with it.
    pub(super) fn failed(&self, path: &str, failure: Option<&Failure>) {
        let mut entries = self.lock();
        remove_below(&mut entries, path);
        if let Some(entry) = entries.get(path) {
            entry.meta.fail(failure);
        }
    }

    /// Removes an actor that will not come back, and all below it.
    pub(super) fn leave(&self, path: &str) {
        let mut entries = self.lock();
        remove_below(&mut entries, path);
        entries.remove(path);
    }

    /// Makes an actor panic at its next message, to see its supervisor at work. Says whether it was found.
    pub fn crash(&self, path: &str) -> bool {
        self.lock().get(path).map(|entry| (entry.order)(Order::Crash)).is_some()
    }

    /// Lets its supervisor start an actor again, and all below it.
    pub fn restart(&self, path: &str) -> Result<(), NotRestarted> {
        let entries = self.lock();
        if !entries.contains_key(path) {
            return Err(NotRestarted::Unknown);
        }
        let (above, name) = path.rsplit_once('/').ok_or(NotRestarted::Root)?;
        let above = entries.get(above).ok_or(NotRestarted::Unknown)?;
        (above.order)(Order::Restart(name.to_owned()));
        Ok(())
    }

    /// Asks an actor to end in good order.
    pub(super) fn tell_to_leave(&self, path: &str, by: Instant) {
        if let Some(entry) = self.lock().get(path) {
            entry.meta.leave();
            (entry.order)(Order::Leave(by));
        }
    }

    /// The actors that have become stuck since the last look, and whether each wants to be started again for it.
    pub(super) fn newly_stuck(&self, percent: u32) -> Vec<(String, Stuck, bool)> {
        let check = |meta: &Arc<Meta>| {
            let stuck = meta.check(percent)?;
            Some((meta.path().to_owned(), stuck, meta.spec().limits.restarts))
        };
        self.all().iter().filter_map(check).collect()
    }

    /// All kinds of actors that there have been, with what can be said of each kind as a whole.
    pub fn kinds(&self) -> Vec<KindView> {
        let view = |kind: &'static str, latency_us: LatencyView| KindView {
            kind: kind.to_owned(),
            actors: 0,
            handled: 0,
            restarts: 0,
            waiting: 0,
            stuck: 0,
            latency_us,
        };
        let mut views: BTreeMap<&'static str, KindView> =
            self.latencies().into_iter().map(|(kind, it)| (kind, view(kind, it))).collect();
        for meta in self.all() {
            let Some(view) = views.get_mut(meta.spec().kind) else { continue };
            view.actors += 1;
            view.handled += meta.count_handled();
            view.restarts += meta.restarts();
            view.waiting += meta.depth();
            view.stuck += usize::from(meta.is_stuck());
        }
        views.into_values().collect()
    }

    /// A part of the tree. Of many children those are shown that are most worth it, and the others are counted.
    pub fn tree(&self, part: &Part) -> Option<ActorView> {
        let metas = self.all();
        let wanted = part.kind.as_deref().map(|kind| of_kind(&metas, kind));
        let is_wanted =
            |path: &str| path == part.root || wanted.as_ref().is_none_or(|all| all.contains(path));
        let mut below: HashMap<&str, Vec<&Meta>> = HashMap::new();
        for meta in metas.iter().filter(|meta| is_wanted(meta.path())) {
            let above = meta.path().rsplit_once('/').map_or("", |(above, _)| above);
            below.entry(above).or_default().push(meta);
        }
        let root = metas.iter().find(|meta| meta.path() == part.root)?;
        let latencies = self.latencies();
        Some(grow(root, &mut below, &latencies, part.depth, part.limit))
    }

    fn latencies(&self) -> BTreeMap<&'static str, LatencyView> {
        let kinds = self.0.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.iter().map(|(kind, histogram)| (*kind, LatencyView::of(histogram))).collect()
    }

    fn all(&self) -> Vec<Arc<Meta>> {
        self.lock().values().map(|entry| entry.meta.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn remove_below(entries: &mut BTreeMap<String, Entry>, path: &str) {
    // '0' is what follows '/'.
    let mut rest = entries.split_off(&format!("{path}/"));
    entries.append(&mut rest.split_off(&format!("{path}0")));
}

/// The paths of all actors of a kind, and of whoever is above them.
fn of_kind<'a>(metas: &'a [Arc<Meta>], kind: &str) -> HashSet<&'a str> {
    let mut paths = HashSet::new();
    for meta in metas.iter().filter(|meta| meta.spec().kind == kind) {
        let mut path = Some(meta.path());
        while let Some(each) = path.filter(|path| paths.insert(*path)) {
            path = each.rsplit_once('/').map(|(above, _)| above);
        }
    }
    paths
}

fn grow(
    meta: &Meta,
    below: &mut HashMap<&str, Vec<&Meta>>,
    latencies: &BTreeMap<&'static str, LatencyView>,
    depth: usize,
    limit: usize,
) -> ActorView {
    let latency_us = latencies.get(meta.spec().kind).cloned().unwrap_or_default();
    let mut view = meta.view(latency_us);
    let mut children = below.remove(meta.path()).unwrap_or_default();
    let shown = if depth == 0 { 0 } else { limit };
    if children.len() > shown {
        children.sort_by_cached_key(|child| child.rank());
        let mut states = BTreeMap::new();
        let left_out = children.split_off(shown);
        for child in &left_out {
            *states.entry(child.label().into_owned()).or_default() += 1;
        }
        view.left_out = Some(LeftOutView { count: left_out.len(), states });
        children.sort_by(|a, b| a.path().cmp(b.path()));
    }
    view.children =
        children.into_iter().map(|child| grow(child, below, latencies, depth - 1, limit)).collect();
    view
}
