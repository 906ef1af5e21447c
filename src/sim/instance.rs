//! One instance of a service that reads: its consumer, what it has in hand, and what it is to do next.

use super::asides::{Aside, PutAside};
use super::policy::CommitPolicy;
use super::service::Publisher;
use crate::broker::{ClientId, MemberId};
use crate::client::{ConsumedRecord, Consumer, ConsumerConfig, ConsumerState, RecordHandle};
use crate::log::{OffsetAndEpoch, RecordRef, TopicPartition};
use crate::sorted::{SortedMap, SortedSet};
use crate::time::Instant;
use std::collections::VecDeque;

/// From where an instance reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// From the service's topics.
    Main,
    /// From its retry topic, in a group of its own, so that what waits there holds up nothing.
    Retry,
}

/// What an instance waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// For records.
    Idle,
    /// For the answer to its commit, before it begins with what it has.
    CommittingFirst,
    /// For the end of its work on a record.
    Working,
    /// For the broker to take the record in hand where it is put aside, under this number.
    PuttingAside(RecordHandle, Aside),
    /// For the broker to take what it published for the records.
    Publishing,
    /// For the answer to its commit, after its work.
    Committing,
    /// For its transaction to end.
    EndingTransaction,
    /// For the answers to its last commit and its good-bye, no longer than until then.
    Closing { until: Instant },
    /// To try again: its group does not take it in as long as there are members with another assignor, or has fenced it.
    Barred { until: Instant },
}

impl Phase {
    /// When it has waited long enough, if it waits for a time.
    pub(super) const fn waits_until(self) -> Option<Instant> {
        match self {
            Self::Closing { until } | Self::Barred { until } => Some(until),
            Self::Idle
            | Self::CommittingFirst
            | Self::Working
            | Self::PuttingAside(..)
            | Self::Publishing
            | Self::Committing
            | Self::EndingTransaction => None,
        }
    }
}

/// A record on which an instance fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Which.
    pub record: RecordRef,
    /// How often in a row.
    pub failures: u32,
}

/// What becomes of an instance when it has finished what it has in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// It goes on.
    GoOn,
    /// It says good-bye to its group, and ends.
    End(Ended),
    /// It says good-bye, and begins anew with the service's present settings.
    BeginAnew,
}

impl Plan {
    /// The plan of one that is to go on after all, or for the first time; `is_outdated` says whether its settings have changed.
    pub(super) const fn of(is_outdated: bool) -> Self {
        if is_outdated { Self::BeginAnew } else { Self::GoOn }
    }

    /// The plan after its settings have changed: one that is to end does not begin anew.
    pub(super) const fn outdated(self) -> Self {
        match self {
            Self::GoOn | Self::BeginAnew => Self::BeginAnew,
            Self::End(why) => Self::End(why),
        }
    }
}

/// Why an instance is not running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It crashed: it said good-bye to nobody.
    Crashed,
    /// It finished what it had in hand, committed, and left its group.
    ShutDown,
    /// It failed on a record, and that is where it is to stop.
    Failed,
    /// Its client gave up: another took its place, or there was nowhere to begin.
    Refused,
}

/// An instance that runs.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) role: Role,
    pub(super) client: ClientId,
    pub(super) consumer: Consumer,
    /// What publishes for it: the records that its work brings forth, and those that it puts aside.
    pub(super) output: Option<Publisher>,
    /// What it took with its last poll, less what it is done with.
    pub(super) work: VecDeque<ConsumedRecord>,
    /// Where in each partition that began.
    pub(super) taken_from: SortedMap<TopicPartition, OffsetAndEpoch>,
    /// How far it has come in each partition without having committed it.
    pub(super) uncommitted: SortedMap<TopicPartition, OffsetAndEpoch>,
    /// When it commits what it has taken. A change of the setting is for the next poll.
    pub(super) policy: CommitPolicy,
    pub(super) phase: Phase,
    /// The record on which it has failed last, as long as nothing else has become of it.
    pub(super) trouble: Option<Trouble>,
    /// Until when it polls without taking anything, because a record is to be tried again no sooner.
    pub(super) rests_until: Option<Instant>,
    /// What the broker said of the record that is being put aside.
    pub(super) put_aside: Option<PutAside>,
    /// What it published that the broker has not acknowledged.
    pub(super) unacknowledged: SortedSet<RecordHandle>,
    /// Whether something that it published for the records in hand is not known to be in the log.
    pub(super) has_failed_to_publish: bool,
    /// The work in hand whose output the memory does not know to be published yet.
    pub(super) to_be_told: Vec<u128>,
    /// A pause, which ends then: meanwhile it sends heartbeats and does nothing else.
    pub(super) stalled_until: Option<Instant>,
    pub(super) plan: Plan,
    /// Whether a setting has changed since it began that it does not obey.
    pub(super) is_outdated: bool,
    /// When it will be woken.
    pub(super) ticks: SortedSet<Instant>,
    /// The number of the next record that it publishes.
    pub(super) next_handle: u64,
}

impl Running {
    pub(super) fn new(role: Role, client: ClientId, config: ConsumerConfig, output: Option<Publisher>) -> Self {
        Self {
            role,
            client,
            consumer: Consumer::new(config),
            output,
            work: VecDeque::new(),
            taken_from: SortedMap::new(),
            uncommitted: SortedMap::new(),
            policy: CommitPolicy::default(),
            phase: Phase::Idle,
            trouble: None,
            rests_until: None,
            put_aside: None,
            unacknowledged: SortedSet::new(),
            has_failed_to_publish: false,
            to_be_told: Vec::new(),
            stalled_until: None,
            plan: Plan::GoOn,
            is_outdated: false,
            ticks: SortedSet::new(),
            next_handle: 0,
        }
    }

    /// All connections that it has.
    pub(super) fn clients(&self) -> impl Iterator<Item = ClientId> + use<> {
        [Some(self.client), self.output.as_ref().map(|output| output.client)].into_iter().flatten()
    }
}

/// The place of an instance in its service.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub(super) role: Role,
    /// Its number among those of its role.
    pub(super) number: u32,
    pub(super) state: InstanceState,
}

/// Whether an instance runs.
#[derive(Clone, Debug)]
pub(super) enum InstanceState {
    Running(Box<Running>),
    Ended(Ended),
}

impl Instance {
    pub(super) fn running(&self) -> Option<&Running> {
        match &self.state {
            InstanceState::Running(running) => Some(running),
            InstanceState::Ended(_) => None,
        }
    }

    pub(super) fn running_mut(&mut self) -> Option<&mut Running> {
        match &mut self.state {
            InstanceState::Running(running) => Some(running),
            InstanceState::Ended(_) => None,
        }
    }
}

/// What there is to see of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceInfo<'a> {
    /// From where it reads.
    pub role: Role,
    /// Its number among those of its role.
    pub number: u32,
    /// Why it does not run, if it does not.
    pub ended: Option<Ended>,
    /// Whether it stands still at present.
    pub is_stalled: bool,
    /// Whether it finishes what it has in hand, to end then or begin anew.
    pub is_ending: bool,
    /// The record on which it has failed last, if that is still to be tried again.
    pub trouble: Option<Trouble>,
    /// Until when it waits to try a record again, and polls meanwhile without taking anything; `None` if it does not.
    pub rests_until: Option<Instant>,
    /// The id that its group has given it.
    pub member: Option<MemberId>,
    /// How far it has come with its membership.
    pub membership: Option<ConsumerState>,
    /// The partitions that it reads.
    pub assignment: &'a [TopicPartition],
    /// How many records it has in hand.
    pub in_hand: usize,
}

impl Instance {
    pub(super) fn info(&self, now: Instant) -> InstanceInfo<'_> {
        let running = self.running();
        let ended = match self.state {
            InstanceState::Running(_) => None,
            InstanceState::Ended(why) => Some(why),
        };
        InstanceInfo {
            role: self.role,
            number: self.number,
            ended,
            is_stalled: running.is_some_and(|it| it.stalled_until.is_some_and(|until| until > now)),
            is_ending: running.is_some_and(|it| it.plan != Plan::GoOn),
            trouble: running.and_then(|it| it.trouble),
            rests_until: running.and_then(|it| it.rests_until).filter(|until| *until > now),
            member: running.and_then(|it| it.consumer.member()),
            membership: running.map(|it| it.consumer.state()),
            assignment: running.map_or(&[], |it| it.consumer.assignment()),
            in_hand: running.map_or(0, |it| it.work.len()),
        }
    }
}
