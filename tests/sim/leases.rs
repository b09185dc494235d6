//! Who may work: a node's lease as the store keeps it, and as the node itself believes in it.

use chrono::TimeDelta;
use diarist::domain::Timestamp;
use diarist::domain::ids::NodeId;
use std::collections::BTreeMap;

pub const LEASE: TimeDelta = TimeDelta::milliseconds(4_000);
pub const RENEW: TimeDelta = TimeDelta::milliseconds(1_000);

/// The table of nodes: until when each may work.
#[derive(Default)]
pub struct Leases(BTreeMap<String, Timestamp>);

impl Leases {
    pub fn begin(&mut self, node: &NodeId, now: Timestamp) {
        self.0.insert(node.0.clone(), now + LEASE);
    }

    /// Refused once the lease was taken away: then somebody else has the node's work.
    pub fn renew(&mut self, node: &NodeId, now: Timestamp) -> bool {
        self.0.get_mut(&node.0).map(|until| *until = now + LEASE).is_some()
    }

    /// Takes away what has expired; says whose it was.
    pub fn sweep(&mut self, now: Timestamp) -> Vec<NodeId> {
        let expired: Vec<_> = self
            .0
            .iter()
            .filter(|(_, until)| **until <= now)
            .map(|(node, _)| node.clone())
            .collect();
        self.0.retain(|_, until| *until > now);
        expired.into_iter().map(NodeId).collect()
    }

    pub fn is_valid(&self, node: &NodeId, now: Timestamp) -> bool {
        self.0.get(&node.0).is_some_and(|until| *until > now)
    }
}
