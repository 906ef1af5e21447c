//! The brokers of the cluster, what is on its way between them, and who waits for it.

use super::BrokerConfig;
use super::node::{Node, Reach};
use super::replication::{BrokerId, LeaderEpoch, Replicas};
use super::request::Ticket;
use crate::log::{Offset, TopicPartition};
use crate::time::Instant;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many replicas the coordinators' own topics have (`offsets.topic.replication.factor`), if there are so many brokers.
const INTERNAL_REPLICATION: u32 = 3;

/// Who coordinates a group, or the transactions: whoever leads the partition in which its state is kept.
#[derive(Clone, Debug)]
pub(super) struct Coordinator {
    pub(super) replicas: Replicas,
    /// Who it was when that was last looked at, if it could be reached.
    pub(super) serves: Option<BrokerId>,
}

/// A stretch of a log on its way from the leader to its followers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replicating {
    pub(super) due: Instant,
    pub(super) sent: Instant,
    pub(super) partition: TopicPartition,
    pub(super) epoch: LeaderEpoch,
    pub(super) end: Offset,
}

/// A batch that its producer does not count as written until every in-sync replica has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct AwaitedAck {
    /// Who waits; `None` if it was told to try again.
    pub(super) ticket: Option<Ticket>,
    pub(super) partition: TopicPartition,
    pub(super) base_offset: Offset,
    pub(super) required: Offset,
}

/// The cluster.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pub(super) nodes: Vec<Node>,
    /// Of each group.
    pub(super) coordinators: Vec<Coordinator>,
    pub(super) transactions: Coordinator,
    /// In the order in which it arrives.
    pub(super) replicating: VecDeque<Replicating>,
    pub(super) awaited: Vec<AwaitedAck>,
    /// Whether every broker is well, every replica in sync, and every preferred leader leads: then nothing changes with time.
    pub(super) is_settled: bool,
    /// Whether something has changed that may have settled it.
    pub(super) is_stirred: bool,
    /// When the controller next lets preferred leaders lead again, if there are any that do not.
    pub(super) balances_at: Instant,
}

impl Cluster {
    pub(super) fn new(config: &BrokerConfig) -> Self {
        let nodes: Vec<Node> = (1..=config.brokers.max(1)).map(|id| Node::new(BrokerId(id))).collect();
        let transactions = Coordinator::new(&nodes, nodes.len() - 1);
        Self {
            nodes,
            coordinators: Vec::new(),
            transactions,
            replicating: VecDeque::new(),
            awaited: Vec::new(),
            is_settled: true,
            is_stirred: false,
            balances_at: Instant::START + config.leader_imbalance_check_interval,
        }
    }

    /// Where the replicas of a partition are: on brokers that follow each other, beginning with another for each.
    pub(super) fn place(&self, first: usize, factor: u32) -> Arc<[BrokerId]> {
        place(&self.nodes, first, factor)
    }

    /// Finds a coordinator for one more group, among the brokers that count as alive if any does.
    pub(super) fn add_group(&mut self) {
        let alive: Vec<Node> = self.nodes.iter().filter(|node| !node.is_fenced()).copied().collect();
        let among = if alive.is_empty() { &self.nodes } else { &alive };
        let mut coordinator = Coordinator::new(among, self.coordinators.len());
        coordinator.serves = coordinator.serves.filter(|broker| self.is_heard(*broker));
        self.coordinators.push(coordinator);
    }

    pub(super) fn node(&self, id: BrokerId) -> Option<&Node> {
        self.nodes.get(usize::from(id.0).checked_sub(1)?)
    }

    pub(super) fn node_mut(&mut self, id: BrokerId) -> Option<&mut Node> {
        self.nodes.get_mut(usize::from(id.0).checked_sub(1)?)
    }

    pub(super) fn is_heard(&self, id: BrokerId) -> bool {
        self.node(id).is_some_and(Node::is_heard)
    }

    /// What comes of a request to the leader of these replicas.
    pub(super) fn reach(&self, replicas: &Replicas) -> Reach {
        let Some(leader) = replicas.leader() else {
            return if self.reach_any() == Reach::Serves { Reach::NoLeader } else { self.reach_any() };
        };
        match self.node(leader) {
            Some(node) if node.is_heard() => Reach::Serves,
            Some(node) if !node.is_connected() => Reach::Silent,
            Some(_) | None => Reach::Refused,
        }
    }

    /// What comes of a request that any broker can answer.
    pub(super) fn reach_any(&self) -> Reach {
        if self.nodes.iter().any(Node::is_heard) {
            Reach::Serves
        } else if self.nodes.iter().any(|node| node.is_online() && !node.is_connected()) {
            Reach::Silent
        } else {
            Reach::Refused
        }
    }
}

impl Coordinator {
    /// Lets the replicas of its state follow, and says whether another serves than before, or none.
    pub(super) fn renew(&mut self, now: Instant, is_heard: &dyn Fn(&BrokerId) -> bool) -> bool {
        let leader = self.replicas.leader().filter(is_heard);
        for broker in self.replicas.assigned().clone().iter() {
            if leader.is_some() && is_heard(broker) {
                self.replicas.begin_fetching(*broker, Offset::ZERO, now);
            } else {
                self.replicas.stop_fetching(*broker, now);
            }
        }
        if leader.is_some() {
            self.replicas.fetched(now, Offset::ZERO, Offset::ZERO, now);
            self.replicas.expand(Offset::ZERO);
        }
        std::mem::replace(&mut self.serves, leader) != leader
    }

    fn new(nodes: &[Node], first: usize) -> Self {
        let replicas = Replicas::new(place(nodes, first, INTERNAL_REPLICATION));
        Self { serves: replicas.leader(), replicas }
    }
}

fn place(nodes: &[Node], first: usize, factor: u32) -> Arc<[BrokerId]> {
    let count = nodes.len().min(factor.max(1) as usize);
    (0..count).map(|step| nodes[(first + step) % nodes.len()].id()).collect()
}
