//! The controller: it hears of brokers that come and go, elects leaders, and keeps account of who is in sync.
//!
//! It is not simulated as a machine, and never fails.

use super::cluster::Replicating;
use super::node::Node;
use super::replication::{BrokerId, Clock, Election, Replicas};
use super::transactions::marker_of;
use super::{Broker, ClusterFact, Fact, GroupId, Out, ProduceError};
use crate::log::{BatchView, Log, Offset, ProducerId, TopicId, TopicPartition};
use crate::time::{Instant, Span};

impl Broker {
    /// The brokers, in the order of their numbers.
    pub fn nodes(&self) -> &[Node] {
        &self.cluster.nodes
    }

    /// The replicas of a partition, if the topic has so many.
    pub fn replicas(&self, partition: TopicPartition) -> Option<&Replicas> {
        Some(self.topics.get(usize::from(partition.topic.0))?.replicated(partition.partition)?.1)
    }

    /// The broker that coordinates a group; `None` while nobody does.
    pub fn coordinator_of(&self, group: GroupId) -> Option<BrokerId> {
        let coordinator = self.cluster.coordinators.get(usize::from(group.0))?;
        coordinator.replicas.leader().filter(|broker| self.cluster.is_heard(*broker))
    }

    /// The broker that coordinates transactions; `None` while nobody does.
    pub fn transaction_coordinator(&self) -> Option<BrokerId> {
        self.cluster.transactions.replicas.leader().filter(|broker| self.cluster.is_heard(*broker))
    }

    /// Whether a partition has a leader that can be reached.
    pub fn is_available(&self, partition: TopicPartition) -> bool {
        let leader = self.replicas(partition).and_then(Replicas::leader);
        leader.is_some_and(|leader| self.cluster.is_heard(leader))
    }

    /// Lets a broker fail, or start again, if it is not so already. One that is back before the controller has missed it is let in when
    /// the session of the broker that it was has ended.
    pub fn set_broker_online(&mut self, now: Instant, broker: BrokerId, online: bool, out: &mut Out) {
        let Some(node) = self.cluster.node_mut(broker).filter(|node| node.is_online != online) else { return };
        node.is_online = online;
        node.awaits_session = online && !node.is_fenced;
        out.facts.push(Fact::Cluster(ClusterFact::Switched { broker, online }));
        self.renew(now, broker, out);
    }

    /// Cuts a broker off from everybody, or joins it again, if it is not so already.
    pub fn set_broker_connected(&mut self, now: Instant, broker: BrokerId, connected: bool, out: &mut Out) {
        let Some(node) = self.cluster.node_mut(broker).filter(|node| node.is_connected != connected) else { return };
        node.is_connected = connected;
        out.facts.push(Fact::Cluster(ClusterFact::Connected { broker, connected }));
        self.renew(now, broker, out);
    }

    /// Elects leaders where there is none: a setting has changed that may allow it.
    pub fn elect_missing(&mut self, now: Instant, out: &mut Out) {
        if !self.cluster.is_settled {
            self.elect_where(now, |replicas| replicas.leader().is_none(), out);
            self.settle(now, out);
        }
    }

    /// When something is due in the cluster.
    pub(super) fn cluster_deadline(&self) -> Option<Instant> {
        let arrives = self.cluster.replicating.front().map(|it| it.due);
        if self.cluster.is_settled {
            return arrives;
        }
        let silent = self.cluster.nodes.iter().filter(|node| !node.is_fenced).filter_map(|node| node.silent_since);
        let fenced = silent.map(|since| since + self.config.broker_session_timeout).min();
        let shrinks = self.each_replicated().filter_map(|(end, replicas)| self.shrinks_at(end, replicas)).min();
        let balances = self.is_unbalanced().then_some(self.cluster.balances_at);
        [arrives, fenced, shrinks, balances].into_iter().flatten().min()
    }

    /// Does what is due in the cluster.
    pub(super) fn cluster_tick(&mut self, now: Instant, out: &mut Out) {
        self.replicate(now, out);
        if self.cluster.is_settled {
            return;
        }
        let mut is_stirred = std::mem::take(&mut self.cluster.is_stirred);
        let is_due = |node: &&Node| {
            let since = node.silent_since.filter(|_| !node.is_fenced);
            since.is_some_and(|since| since + self.config.broker_session_timeout <= now)
        };
        let due: Vec<BrokerId> = self.cluster.nodes.iter().filter(is_due).map(Node::id).collect();
        for broker in due {
            is_stirred = true;
            self.fence(now, broker, out);
            if self.cluster.is_heard(broker) {
                self.renew(now, broker, out);
            }
        }
        self.drop_lagging(now, out);
        if self.cluster.balances_at <= now {
            is_stirred = true;
            self.prefer(now, out);
        }
        if is_stirred {
            self.settle(now, out);
        }
    }

    /// A broker is heard of again, or no longer.
    fn renew(&mut self, now: Instant, broker: BrokerId, out: &mut Out) {
        if self.cluster.is_settled {
            self.cluster.is_settled = false;
            self.cluster.balances_at = next_multiple(now, self.config.leader_imbalance_check_interval);
        }
        let Some(node) = self.cluster.node_mut(broker) else { return };
        let is_heard = node.is_heard();
        node.silent_since = if is_heard { None } else { node.silent_since.or(Some(now)) };
        if is_heard && std::mem::take(&mut node.is_fenced) {
            out.facts.push(Fact::Cluster(ClusterFact::Fenced { broker, fenced: false }));
            self.elect_where(now, |replicas| replicas.leader().is_none(), out);
        } else if !is_heard {
            self.drop_acks(broker, out);
        }
        self.settle(now, out);
    }

    /// The controller gives a broker up: others lead in its place, and it is in sync with nothing, unless nobody else is.
    fn fence(&mut self, now: Instant, broker: BrokerId, out: &mut Out) {
        let Some(node) = self.cluster.node_mut(broker).filter(|node| !node.is_fenced) else { return };
        (node.is_fenced, node.awaits_session) = (true, false);
        out.facts.push(Fact::Cluster(ClusterFact::Fenced { broker, fenced: true }));
        for partition in self.all_partitions() {
            let Some((_, replicas)) = self.replicated_mut(partition) else { continue };
            if replicas.leave(&[broker]) {
                let isr = replicas.isr().clone();
                out.facts.push(Fact::Cluster(ClusterFact::IsrChanged { partition, isr }));
                self.advance(now, partition, out);
            }
        }
        for coordinator in self.cluster.coordinators.iter_mut().chain([&mut self.cluster.transactions]) {
            coordinator.replicas.leave(&[broker]);
        }
        self.elect_where(now, |replicas| replicas.leader() == Some(broker), out);
    }

    /// Elects a leader for every partition for which this is wanted.
    fn elect_where(&mut self, now: Instant, is_wanted: impl Fn(&Replicas) -> bool, out: &mut Out) {
        for partition in self.all_partitions() {
            let is_unclean = self.topic(partition.topic).config().unclean_leader_election;
            let election = if is_unclean { Election::Unclean } else { Election::Online };
            if self.replicas(partition).is_some_and(&is_wanted) {
                self.elect(now, partition, election, out);
            }
        }
        let nodes = &self.cluster.nodes;
        let is_alive = |id: BrokerId| nodes.iter().any(|node| node.id() == id && !node.is_fenced());
        for coordinator in self.cluster.coordinators.iter_mut().chain([&mut self.cluster.transactions]) {
            if is_wanted(&coordinator.replicas) {
                coordinator.replicas.elect(Election::Online, &is_alive, Offset::ZERO, now);
            }
        }
    }

    /// Elects a leader. What it does not have is lost.
    fn elect(&mut self, now: Instant, partition: TopicPartition, election: Election, out: &mut Out) {
        let nodes = self.cluster.nodes.clone();
        let is_alive = |id: BrokerId| nodes.iter().any(|node| node.id() == id && !node.is_fenced());
        let Some((log, replicas)) = self.replicated_mut(partition) else { return };
        let end_before = log.log_end_offset();
        let Some((elected, end)) = replicas.elect(election, &is_alive, end_before, now) else { return };
        let epoch = replicas.epoch();
        log.set_leader_epoch(epoch);
        let isr = elected.is_unclean.then(|| replicas.isr().clone());
        let (leader, is_unclean) = (elected.leader, elected.is_unclean);
        out.facts.push(Fact::Cluster(ClusterFact::Elected { partition, leader, epoch, is_unclean }));
        if let Some(isr) = isr {
            out.facts.push(Fact::Cluster(ClusterFact::IsrChanged { partition, isr }));
        }
        self.give_up_acks(partition, Some(&ProduceError::NotLeaderOrFollower), out);
        if end < end_before {
            self.cut_off(now, partition, end, out);
        }
        self.advance(now, partition, out);
    }

    /// Cuts off what a new leader does not have. A marker that was there and is wanted still is written again: its coordinator has
    /// not heard that it is replicated.
    fn cut_off(&mut self, now: Instant, partition: TopicPartition, end: Offset, out: &mut Out) {
        let topic = self.topics.get_mut(usize::from(partition.topic.0));
        let Some((log, _)) = topic.and_then(|topic| topic.partition_mut(partition.partition)) else { return };
        let log_end_before = log.log_end_offset();
        let cut: Vec<BatchView<'_>> =
            log.batches_between(end, log_end_before).filter(|it| it.last_offset() >= end).collect();
        let markers: Vec<_> = cut.iter().copied().filter_map(marker_of).collect();
        let offsets = cut.iter().filter(|it| !it.is_control()).flat_map(|it| it.base_offset().0..=it.last_offset().0);
        let awaited = &mut self.cluster.awaited;
        let is_awaited = |offset: &Offset| {
            let mut awaited = awaited.iter().filter(|it| it.partition == partition);
            awaited.any(|it| (it.base_offset..it.required).contains(offset))
        };
        let lost = offsets.map(Offset).filter(|offset| !is_awaited(offset)).collect();
        log.truncate_to(end, now.timestamp_ms());
        let is_open =
            |producer: ProducerId| log.producers().any(|(id, it)| id == producer && it.txn_first_offset().is_some());
        let open: Vec<_> = markers.into_iter().filter(|(producer, _)| is_open(producer.id)).collect();
        let log_end = log.log_end_offset();
        out.facts.push(Fact::Cluster(ClusterFact::CutOff { partition, log_end, log_end_before, lost }));
        awaited.retain(|it| it.partition != partition || it.required <= log_end);
        for (producer, result) in open {
            self.write_marker(now, partition, producer, result, out);
        }
    }

    /// Drops those that have lagged too long from the replicas in sync. Only a leader that can be heard says so.
    fn drop_lagging(&mut self, now: Instant, out: &mut Out) {
        let clock = Clock { now, lag_max: self.config.replica_lag_time_max };
        for partition in self.all_partitions().into_iter().filter(|it| self.is_available(*it)).collect::<Vec<_>>() {
            let Some((log, replicas)) = self.replicated_mut(partition) else { continue };
            if replicas.shrink(log.log_end_offset(), clock) {
                let isr = replicas.isr().clone();
                out.facts.push(Fact::Cluster(ClusterFact::IsrChanged { partition, isr }));
                self.advance(now, partition, out);
            }
        }
    }

    /// Lets preferred leaders lead again (`auto.leader.rebalance.enable`).
    fn prefer(&mut self, now: Instant, out: &mut Out) {
        self.cluster.balances_at = next_multiple(now, self.config.leader_imbalance_check_interval);
        for partition in self.all_partitions() {
            if self.replicas(partition).is_some_and(can_prefer(&self.cluster.nodes)) {
                self.elect(now, partition, Election::Preferred, out);
            }
        }
        let nodes = &self.cluster.nodes;
        let (is_alive, can_prefer) =
            (|id: BrokerId| nodes.iter().any(|it| it.id() == id && !it.is_fenced()), can_prefer(nodes));
        for coordinator in self.cluster.coordinators.iter_mut().chain([&mut self.cluster.transactions]) {
            if can_prefer(&coordinator.replicas) {
                coordinator.replicas.elect(Election::Preferred, &is_alive, Offset::ZERO, now);
            }
        }
    }

    /// Lets every follower fetch that can, and everybody know who has to: after anything has changed in the cluster.
    fn settle(&mut self, now: Instant, out: &mut Out) {
        for partition in self.all_partitions() {
            self.let_fetch(now, partition);
        }
        self.renew_coordinators(now, out);
        self.parked.look_again((&self.topics, &self.cluster), out);
        self.end_transactions(now, out);
        let is_well = |node: &Node| node.is_heard() && !node.is_fenced;
        let is_settled =
            |replicas: &Replicas| replicas.is_whole() && replicas.leader() == replicas.assigned().first().copied();
        let coordinators = self.cluster.coordinators.iter().chain([&self.cluster.transactions]);
        self.cluster.is_settled = self.cluster.nodes.iter().all(is_well)
            && self.each_replicated().all(|(_, replicas)| is_settled(replicas))
            && coordinators.map(|it| &it.replicas).all(is_settled);
    }

    /// Tells groups that their coordinator cannot be reached any more, or that there is another. Their state is safe meanwhile.
    fn renew_coordinators(&mut self, now: Instant, out: &mut Out) {
        let nodes = self.cluster.nodes.clone();
        let is_heard = |id: &BrokerId| nodes.iter().any(|node| node.id() == *id && node.is_heard());
        let mut moved = Vec::new();
        for (coordinator, group) in self.cluster.coordinators.iter_mut().zip(0..) {
            if coordinator.renew(now, &is_heard) {
                moved.push((GroupId(group), coordinator.serves));
            }
        }
        for (group, broker) in moved {
            out.facts.push(Fact::Cluster(ClusterFact::CoordinatorMoved { group, broker }));
            self.groups[usize::from(group.0)].coordinator_moved(now, broker.is_some(), out);
        }
        self.cluster.transactions.renew(now, &is_heard);
    }

    fn let_fetch(&mut self, now: Instant, partition: TopicPartition) {
        let nodes = self.cluster.nodes.clone();
        let is_heard = |id: BrokerId| nodes.iter().any(|node| node.id() == id && node.is_heard());
        let Some((log, replicas)) = self.replicated_mut(partition) else { return };
        let (end, epoch) = (log.log_end_offset(), replicas.epoch());
        let is_led = replicas.leader().is_some_and(is_heard);
        let mut somebody_begins = false;
        for broker in replicas.assigned().clone().iter() {
            if is_led && is_heard(*broker) {
                somebody_begins |= replicas.begin_fetching(*broker, end, now);
            } else {
                replicas.stop_fetching(*broker, now);
            }
        }
        if somebody_begins {
            let due = now + self.config.replication_delay;
            self.cluster.replicating.push_back(Replicating { due, sent: now, partition, epoch, end });
        }
    }

    fn shrinks_at(&self, end: Offset, replicas: &Replicas) -> Option<Instant> {
        let is_led = replicas.leader().is_some_and(|leader| self.cluster.is_heard(leader));
        replicas.shrinks_at(end, self.config.replica_lag_time_max).filter(|_| is_led)
    }

    fn is_unbalanced(&self) -> bool {
        let can_prefer = can_prefer(&self.cluster.nodes);
        let coordinators = self.cluster.coordinators.iter().chain([&self.cluster.transactions]);
        self.each_replicated().any(|(_, replicas)| can_prefer(replicas))
            || coordinators.map(|it| &it.replicas).any(&can_prefer)
    }

    /// Nobody hears of what waits at a broker that fails; one that is cut off tells nothing.
    fn drop_acks(&mut self, broker: BrokerId, out: &mut Out) {
        let is_online = self.cluster.node(broker).is_some_and(Node::is_online);
        let error = (!is_online).then_some(ProduceError::Disconnected);
        for partition in self.all_partitions() {
            if self.replicas(partition).and_then(Replicas::leader) == Some(broker) {
                self.give_up_acks(partition, error.as_ref(), out);
            }
        }
    }

    fn replicated_mut(&mut self, partition: TopicPartition) -> Option<(&mut Log, &mut Replicas)> {
        self.topics.get_mut(usize::from(partition.topic.0))?.partition_mut(partition.partition)
    }

    fn all_partitions(&self) -> Vec<TopicPartition> {
        let topics = (0..self.topics.len() as u16).map(TopicId);
        topics.flat_map(|topic| self.partitions(topic)).collect()
    }

    fn each_replicated(&self) -> impl Iterator<Item = (Offset, &Replicas)> {
        let replicated = self.topics.iter().flat_map(|topic| topic.logs().iter().zip(topic.replicas()));
        replicated.map(|(log, replicas)| (log.log_end_offset(), replicas))
    }
}

/// Whether the preferred leader of these replicas does not lead, and could.
fn can_prefer(nodes: &[Node]) -> impl Fn(&Replicas) -> bool {
    |replicas| {
        let is_alive = |id: BrokerId| nodes.iter().any(|node| node.id() == id && !node.is_fenced());
        let preferred = replicas.assigned().first().copied();
        let can_lead = |id: &BrokerId| replicas.isr().contains(id) && is_alive(*id);
        preferred != replicas.leader() && preferred.as_ref().is_some_and(can_lead)
    }
}

fn next_multiple(now: Instant, interval: Span) -> Instant {
    let interval_us = interval.as_us().max(1);
    Instant::from_us((now.as_us() / interval_us + 1).saturating_mul(interval_us))
}
