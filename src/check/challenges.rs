//! Challenges: what is worth bringing about once, judged by what became of the run and never by what was pressed.
//!
//! Not promises: nothing here is demanded of a system, and some of it is a loss. Each is done once, at the instant at which it came
//! about first.

mod absence;

use self::absence::Reader;
use super::costs::Costs;
use super::incident::{Lost, What};
use super::ledger::Ledger;
use crate::broker::{BrokerId, ClusterFact, GroupId, OffsetsFact};
use crate::log::{Offset, TopicPartition};
use crate::sim::{Event, Fared, Outcome, ServiceEvent, ServiceId, Stamped, WorkEvent, World};
use crate::sorted::SortedSet;
use crate::time::{Instant, Span};

/// How long a service must be away for [`Challenge::NothingLost`].
pub const AWAY_MIN: Span = Span::from_ms(30_000);
/// How many redriven records of a run are followed; of more, it is not seen that they are processed.
const REDRIVEN_MAX: usize = 1_024;

/// What is worth bringing about, from easy to hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// A service that reads was away for [`AWAY_MIN`], switched off or cut off, missed something, and has caught up without losing
    /// anything.
    NothingLost,
    /// Somebody has seen the same thing twice.
    SaidTwice,
    /// A group has gone past a record for good that lies in the log, and nobody has processed it.
    MissedForGood,
    /// A record was delivered again to a service that knew it, and did nothing.
    Recognised,
    /// A record on which a service had given up was processed after all.
    Redriven,
    /// A broker was given up, others led in its place, and it is back: all replicas are in sync, and nothing acknowledged is gone.
    BrokerBack,
    /// An election has thrown away a record that was acknowledged.
    AcknowledgedLost,
}

/// By whom a challenge is done, or where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A service.
    Service(ServiceId),
    /// A broker.
    Broker(BrokerId),
    /// A partition.
    Partition(TopicPartition),
}

/// That a challenge is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// When it came about first.
    pub at: Instant,
    /// By whom, or where.
    pub by: By,
}

/// All challenges, each with how it was done if it is, in the order of [`Challenge::ALL`].
pub type AllDone = [Option<Done>; Challenge::ALL.len()];

impl Challenge {
    /// All of them, in their order.
    pub const ALL: [Self; 7] = [
        Self::NothingLost,
        Self::SaidTwice,
        Self::MissedForGood,
        Self::Recognised,
        Self::Redriven,
        Self::BrokerBack,
        Self::AcknowledgedLost,
    ];

    /// Its name for scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NothingLost => "nothing_lost",
            Self::SaidTwice => "said_twice",
            Self::MissedForGood => "missed_for_good",
            Self::Recognised => "recognised",
            Self::Redriven => "redriven",
            Self::BrokerBack => "broker_back",
            Self::AcknowledgedLost => "acknowledged_lost",
        }
    }
}

/// A broker that the controller has given up, until everything is in sync again.
#[derive(Clone, Copy, Debug)]
struct Failure {
    broker: BrokerId,
    is_back: bool,
    /// Whether somebody else was elected while it was away.
    is_replaced: bool,
    /// Whether something that was acknowledged is gone since.
    has_cost: bool,
}

/// The challenges of a run.
#[derive(Clone, Debug, Default)]
pub struct Challenges {
    done: AllDone,
    /// Up to when each does not count, if there is such an instant.
    not_until: [Option<Instant>; Challenge::ALL.len()],
    readers: Vec<Reader>,
    /// What was taken out of dead letter topics, and not processed since.
    redriven: SortedSet<(GroupId, TopicPartition, Offset)>,
    /// How many replicas a partition has, of each topic.
    replicas: Vec<usize>,
    /// The partitions of which not all replicas are in sync.
    short: SortedSet<TopicPartition>,
    failures: Vec<Failure>,
}

impl Challenges {
    /// The challenges of a world at its beginning.
    pub fn of(world: &World) -> Self {
        let reader = |service| Some(Reader::new(service, world.group_of(service)?));
        let topics = world.broker().topics().iter();
        let replicas = topics.map(|topic| topic.replicas().first().map_or(0, |it| it.assigned().len()));
        Self {
            readers: world.service_ids().filter_map(reader).collect(),
            replicas: replicas.collect(),
            ..Self::default()
        }
    }

    /// What comes about up to this instant does not count as done.
    pub fn count_after(&mut self, at: Instant) {
        self.not_until = [Some(at); Challenge::ALL.len()];
    }

    /// A challenge counts whenever it comes about.
    pub fn count_always(&mut self, challenge: Challenge) {
        self.not_until[challenge as usize] = None;
    }

    /// Which are done, and how.
    pub fn done(&self) -> &AllDone {
        &self.done
    }

    /// Takes in what happened, after the ledger and the costs have.
    pub fn observe(&mut self, stamped: &Stamped, ledger: &Ledger, costs: &Costs) {
        let at = stamped.at;
        match &stamped.event {
            Event::Work(work @ WorkEvent::Processed { .. }) => return self.observe_work(at, work),
            Event::Work(work) => self.observe_work(at, work),
            Event::Service(event) => self.observe_service(at, event, ledger),
            Event::Cluster(fact) => self.observe_cluster(at, fact),
            Event::Outcome(Outcome { service, .. }) if costs.repeated(*service) > 0 => {
                return self.is_done(Challenge::SaidTwice, at, By::Service(*service));
            }
            Event::Offsets(OffsetsFact::Committed { group, .. }) => self.committed(at, *group, ledger),
            Event::Offsets(OffsetsFact::Expired { .. }) => {}
            Event::Outcome(_)
            | Event::Appended { .. }
            | Event::Log(_)
            | Event::TopicConfigured { .. }
            | Event::Group(_)
            | Event::Transaction(_) => return,
        }
        self.look_for_missed(at, ledger);
    }

    fn is_done(&mut self, challenge: Challenge, at: Instant, by: By) {
        if self.not_until[challenge as usize].is_none_or(|until| at > until) {
            self.done[challenge as usize].get_or_insert(Done { at, by });
        }
    }

    fn is_open(&self, challenge: Challenge) -> bool {
        self.done[challenge as usize].is_none()
    }

    fn observe_work(&mut self, at: Instant, work: &WorkEvent) {
        match *work {
            WorkEvent::Processed { service, group, partition, offset, .. } => {
                if !self.redriven.is_empty() && self.redriven.remove(&(group, partition, offset)) {
                    self.is_done(Challenge::Redriven, at, By::Service(service));
                }
            }
            WorkEvent::Fared { service, how: Fared::Deduplicated, .. } => {
                self.is_done(Challenge::Recognised, at, By::Service(service));
            }
            WorkEvent::Fared { group, partition, offset, how: Fared::Redriven(_), .. } => {
                if self.redriven.len() < REDRIVEN_MAX {
                    self.redriven.insert((group, partition, offset));
                }
            }
            WorkEvent::Fared { .. } | WorkEvent::Polled { .. } => {}
        }
    }

    /// A record that was lost just now, though it lies in the log.
    fn look_for_missed(&mut self, at: Instant, ledger: &Ledger) {
        if !self.is_open(Challenge::MissedForGood) {
            return;
        }
        let is_missed = |group: GroupId| {
            let latest = ledger.incidents(group).and_then(|it| it.lost().back());
            let lost_now = latest.filter(|it| it.at == at && ledger.account(group).lost > 0);
            lost_now.is_some_and(|it| match it.what {
                What::Lost(Lost::Committed | Lost::ReadPast | Lost::SkippedOnFailure | Lost::Sought) => true,
                What::Lost(Lost::Expired | Lost::GoneAside | Lost::ThrownAway)
                | What::Again(_)
                | What::SentToRetry
                | What::DeadLettered => false,
            })
        };
        if let Some(service) = self.readers.iter().find(|it| is_missed(it.group)).map(|it| it.service) {
            self.is_done(Challenge::MissedForGood, at, By::Service(service));
        }
    }

    fn observe_service(&mut self, at: Instant, event: &ServiceEvent, ledger: &Ledger) {
        match *event {
            ServiceEvent::Switched { service, online } => {
                self.reader_mut(service).into_iter().for_each(|it| it.switched(at, online, ledger));
            }
            ServiceEvent::NetworkSwitched { service, connected } => {
                self.reader_mut(service).into_iter().for_each(|it| it.network_switched(at, connected, ledger));
            }
            ServiceEvent::CaughtUp { service } => {
                let kept = self.reader_mut(service).is_some_and(|it| it.has_caught_up(ledger));
                self.nothing_lost(kept, at, service);
            }
            ServiceEvent::NeverWritten { .. } => self.failures.iter_mut().for_each(|it| it.has_cost = true),
            ServiceEvent::Added { service, groups: Some((group, _)), .. } => {
                self.readers.push(Reader::new(service, group));
            }
            ServiceEvent::Added { .. }
            | ServiceEvent::Removed { .. }
            | ServiceEvent::InstanceChanged { .. }
            | ServiceEvent::Configured { .. }
            | ServiceEvent::RateChanged { .. }
            | ServiceEvent::Sought { .. }
            | ServiceEvent::ProducerBegan { .. }
            | ServiceEvent::Acknowledged { .. }
            | ServiceEvent::SentAgain { .. }
            | ServiceEvent::Refused { .. }
            | ServiceEvent::Limited { .. } => {}
        }
    }

    fn reader_mut(&mut self, service: ServiceId) -> Option<&mut Reader> {
        self.readers.iter_mut().find(|it| it.service == service)
    }

    /// A group has committed: one that was cut off may be where it would be.
    fn committed(&mut self, at: Instant, group: GroupId, ledger: &Ledger) {
        let Some(reader) = self.readers.iter_mut().find(|it| it.group == group) else { return };
        let (service, kept) = (reader.service, reader.has_committed(ledger));
        self.nothing_lost(kept, at, service);
    }

    fn nothing_lost(&mut self, is_so: bool, at: Instant, service: ServiceId) {
        if is_so {
            self.is_done(Challenge::NothingLost, at, By::Service(service));
        }
    }

    fn observe_cluster(&mut self, at: Instant, fact: &ClusterFact) {
        match *fact {
            ClusterFact::Fenced { broker, fenced: true } => {
                self.failures.retain(|it| it.broker != broker);
                self.failures.push(Failure { broker, is_back: false, is_replaced: false, has_cost: false });
            }
            ClusterFact::Fenced { broker, fenced: false } => {
                self.failures.iter_mut().filter(|it| it.broker == broker).for_each(|it| it.is_back = true);
            }
            ClusterFact::Elected { leader: Some(leader), .. } => {
                let away = self.failures.iter_mut().filter(|it| it.broker != leader && !it.is_back);
                away.for_each(|it| it.is_replaced = true);
            }
            ClusterFact::IsrChanged { partition, ref isr } => {
                let all = self.replicas.get(usize::from(partition.topic.0));
                if all.is_some_and(|all| isr.len() < *all) {
                    self.short.insert(partition);
                } else {
                    self.short.remove(&partition);
                    self.look_at_brokers(at);
                }
            }
            ClusterFact::CutOff { partition, ref lost, .. } if !lost.is_empty() => {
                self.failures.iter_mut().for_each(|it| it.has_cost = true);
                self.is_done(Challenge::AcknowledgedLost, at, By::Partition(partition));
            }
            ClusterFact::CutOff { .. }
            | ClusterFact::Elected { leader: None, .. }
            | ClusterFact::Switched { .. }
            | ClusterFact::Connected { .. }
            | ClusterFact::CoordinatorMoved { .. } => {}
        }
    }

    /// If everything is in sync again, and nobody is missing, the failures are over.
    fn look_at_brokers(&mut self, at: Instant) {
        if !self.short.is_empty() || self.failures.iter().any(|it| !it.is_back) {
            return;
        }
        let failures = std::mem::take(&mut self.failures);
        if let Some(survived) = failures.iter().find(|it| it.is_replaced && !it.has_cost) {
            self.is_done(Challenge::BrokerBack, at, By::Broker(survived.broker));
        }
    }
}
