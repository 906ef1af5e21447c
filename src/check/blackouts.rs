//! Absences of brokers, and what came of them: what was led elsewhere, how long nobody led, and what was lost. From the events
//! alone; what a reader missed meanwhile is the ledger's.

use crate::broker::{Broker, BrokerId, ClusterFact};
use crate::log::{PartitionId, TopicId, TopicPartition};
use crate::sim::{Event, ServiceEvent, Stamped, World};
use crate::sorted::{SortedMap, SortedSet};
use crate::time::{Instant, Span};

/// The time during which brokers were away: from when the first could not be reached until all could, each partition had a leader,
/// and every replica had everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blackout {
    /// Which brokers were away.
    pub brokers: SortedSet<BrokerId>,
    /// The partitions that others have led in their place.
    pub led_elsewhere: SortedSet<TopicPartition>,
    /// The partitions that nobody led for a while.
    pub unled: SortedSet<TopicPartition>,
    /// The longest time for which nobody led one of them.
    pub unled_for: Span,
    /// How many records were lost in elections of which their publishers had heard, or assumed, that they are written.
    pub lost: u64,
    /// How many records never came into the log that their publishers counted as written, because nobody led where they were to go.
    pub never_written: u64,
    /// When it was over.
    pub over_at: Instant,
}

/// A partition, as far as it can be led.
#[derive(Clone, Copy, Debug)]
struct Led {
    leader: Option<BrokerId>,
    /// Who led it when the first broker went away.
    home: Option<BrokerId>,
    assigned: usize,
    in_sync: usize,
    unled_since: Option<Instant>,
}

/// A broker, as far as it can be reached.
#[derive(Clone, Copy, Debug)]
struct Reached {
    is_online: bool,
    is_connected: bool,
    /// Whether the controller has let it in since it was last started.
    is_let_in: bool,
}

impl Reached {
    const fn is_heard(self) -> bool {
        self.is_online && self.is_connected && self.is_let_in
    }
}

/// Watches brokers come and go.
#[derive(Clone, Debug)]
pub struct Blackouts {
    brokers: SortedMap<BrokerId, Reached>,
    partitions: SortedMap<TopicPartition, Led>,
    open: Option<Blackout>,
    latest: Option<Blackout>,
}

impl Blackouts {
    /// None yet, of the brokers of `world`.
    pub fn of(world: &World) -> Self {
        let reached = Reached { is_online: true, is_connected: true, is_let_in: true };
        let nodes = world.broker().nodes().iter().map(|node| (node.id(), reached));
        Self { brokers: nodes.collect(), partitions: partitions(world.broker()), open: None, latest: None }
    }

    /// The latest that is over, unless another has begun since.
    pub fn latest(&self) -> Option<&Blackout> {
        self.latest.as_ref().filter(|_| self.open.is_none())
    }

    /// Whether something was lost in the one that is not over yet.
    pub fn has_lost(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.lost > 0 || open.never_written > 0)
    }

    /// Takes in what happened.
    pub fn observe(&mut self, stamped: &Stamped) {
        match &stamped.event {
            Event::Cluster(fact) => self.observe_cluster(stamped.at, fact),
            Event::Service(ServiceEvent::NeverWritten { partition, records, .. }) => {
                if let Some(open) = self.open.as_mut().filter(|it| it.unled.contains(partition)) {
                    open.never_written += u64::from(*records);
                }
            }
            Event::Appended { .. }
            | Event::TopicConfigured { .. }
            | Event::Log(_)
            | Event::Offsets(_)
            | Event::Group(_)
            | Event::Transaction(_)
            | Event::Work(_)
            | Event::Outcome(_)
            | Event::Service(_) => {}
        }
    }

    fn observe_cluster(&mut self, at: Instant, fact: &ClusterFact) {
        match *fact {
            ClusterFact::Switched { broker, online } => self.reach(broker, |it| {
                it.is_online = online;
                it.is_let_in &= online;
            }),
            ClusterFact::Connected { broker, connected } => self.reach(broker, |it| it.is_connected = connected),
            ClusterFact::Elected { partition, leader, .. } => self.elected(partition, leader),
            ClusterFact::IsrChanged { partition, ref isr } => {
                self.partitions.get_mut(&partition).into_iter().for_each(|it| it.in_sync = isr.len());
            }
            ClusterFact::CutOff { ref lost, .. } => {
                self.open.iter_mut().for_each(|open| open.lost += lost.len() as u64);
            }
            ClusterFact::Fenced { broker, fenced: false } => self.reach(broker, |it| it.is_let_in = true),
            ClusterFact::Fenced { .. } | ClusterFact::CoordinatorMoved { .. } => return,
        }
        self.look(at);
    }

    /// A broker can be reached, or not any more.
    fn reach(&mut self, broker: BrokerId, change: impl FnOnce(&mut Reached)) {
        let Some(reached) = self.brokers.get_mut(&broker) else { return };
        change(reached);
        if reached.is_heard() {
            return;
        }
        if self.open.is_none() {
            self.partitions.values_mut().for_each(|it| it.home = it.leader);
        }
        self.open.get_or_insert_default().brokers.insert(broker);
    }

    fn elected(&mut self, partition: TopicPartition, leader: Option<BrokerId>) {
        let Some(led) = self.partitions.get_mut(&partition) else { return };
        led.leader = leader;
        let is_elsewhere = leader.is_some() && leader != led.home;
        let Some(open) = self.open.as_mut().filter(|_| is_elsewhere) else { return };
        if led.home.is_some_and(|home| open.brokers.contains(&home)) {
            open.led_elsewhere.insert(partition);
        }
    }

    /// Notes which partitions are led at this instant, and whether it is over.
    fn look(&mut self, at: Instant) {
        let Some(open) = &mut self.open else { return };
        let heard = |broker: &BrokerId| self.brokers.get(broker).is_some_and(|it| it.is_heard());
        for (partition, led) in self.partitions.iter_mut() {
            match (led.leader.as_ref().is_some_and(heard), led.unled_since) {
                (false, None) => {
                    led.unled_since = Some(at);
                    open.unled.insert(*partition);
                }
                (true, Some(since)) => {
                    led.unled_since = None;
                    open.unled_for = open.unled_for.max(at.since(since));
                }
                (false, Some(_)) | (true, None) => {}
            }
        }
        let is_whole = |it: &Led| it.unled_since.is_none() && it.in_sync == it.assigned;
        if self.brokers.values().all(|it| it.is_heard()) && self.partitions.values().all(is_whole) {
            open.over_at = at;
            self.latest = self.open.take();
        }
    }
}

fn partitions(broker: &Broker) -> SortedMap<TopicPartition, Led> {
    let topics = broker.topics().iter().enumerate();
    let of_topic = topics.flat_map(|(topic, it)| {
        it.replicas().iter().enumerate().map(move |(partition, replicas)| {
            let place = TopicPartition { topic: TopicId(topic as u16), partition: PartitionId(partition as u32) };
            let (leader, assigned, in_sync) = (replicas.leader(), replicas.assigned().len(), replicas.isr().len());
            (place, Led { leader, home: leader, assigned, in_sync, unled_since: None })
        })
    });
    of_topic.collect()
}
