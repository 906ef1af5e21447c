//! Lag that means something: how many records and how old the oldest of them is, whether the group gains on it, and whether
//! retention will be there first.

use super::model::Model;
use crate::broker::GroupId;
use crate::log::{Isolation, Log, Offset, TopicPartition};
use crate::sim::{ServiceId, World};
use crate::time::{Instant, Span};

/// What is left of a limit of retention when it counts as about to overtake a reader: a fifth.
const WARNED_PARTS: u64 = 5;

/// Whether and when a group will have read everything, at the rates of the last seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatchUp {
    /// It has not more before it than its polls explain.
    KeepsUp,
    /// After so long.
    In(Span),
    /// Never: as much arrives as it processes, or more.
    Never,
    /// Not while it is away.
    Away,
}

/// Retention is about to delete what a group has not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threat {
    /// In which partition.
    pub partition: TopicPartition,
    /// The oldest record that it has not read.
    pub offset: Offset,
    /// How long retention waits still; `None` if it goes by size, and little more has to come in.
    pub left: Option<Span>,
}

/// Why a group lags where nothing waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LagReason {
    /// All of it is processed; only the commit is outstanding.
    Uncommitted,
    /// Nobody may read it before every replica in sync has it.
    Replicating,
    /// It was deleted before it was read.
    Deleted,
    /// It is nothing but control markers, which nobody reads.
    Markers,
}

/// How late a group is in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionLateness {
    /// The partition.
    pub partition: TopicPartition,
    /// How many records it has before it, as Kafka counts.
    pub lag: u64,
    /// How old the oldest record is that it has not committed, if there is one.
    pub oldest: Option<Span>,
    /// Why it lags, if nothing there waits for it.
    pub behind: Option<LagReason>,
}

/// How late a group is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lateness {
    /// In each partition.
    pub partitions: Vec<PartitionLateness>,
    /// How many records arrive for it a second, times ten.
    pub arrival_tenths_per_s: u64,
    /// How many it processes a second, times ten.
    pub processing_tenths_per_s: u64,
    /// When it will have read everything.
    pub catch_up: CatchUp,
    /// What retention is about to delete before it is read.
    pub threat: Option<Threat>,
}

impl Lateness {
    /// How old the oldest record is that the group has not committed.
    pub fn oldest(&self) -> Option<Span> {
        self.partitions.iter().filter_map(|it| it.oldest).max()
    }

    /// Why the group lags, if nothing waits for it.
    pub fn behind(&self) -> Option<LagReason> {
        let mut lagging = self.partitions.iter().filter(|it| it.lag > 0);
        let first = lagging.next()?.behind;
        first.filter(|_| lagging.all(|it| it.behind.is_some()))
    }
}

impl Model {
    /// How late a service is that reads.
    pub fn lateness(&self, service: ServiceId) -> Option<Lateness> {
        let (world, rates) = (self.world(), &self.moment.rates);
        let group = world.group_of(service)?;
        let partitions: Vec<_> = partitions_of(world, service).collect();
        let arrival_tenths_per_s = rates.arrival_tenths_per_s(service);
        let processing_tenths_per_s = rates.tenths_per_s(service);
        let catch_up = self.catch_up(service, arrival_tenths_per_s, processing_tenths_per_s);
        let spare = if let CatchUp::In(span) = catch_up { Some(span) } else { None };
        let is_done = self.account_of(service).waiting == 0;
        let is_met = |threat: &Threat| threat.left.zip(spare).is_some_and(|(left, spare)| spare < left);
        let threats = partitions.iter().filter_map(|partition| threat(world, group, *partition));
        Some(Lateness {
            threat: threats.filter(|threat| !is_met(threat)).min_by_key(|threat| threat.left),
            partitions: partitions.iter().map(|partition| lateness(world, group, *partition, is_done)).collect(),
            arrival_tenths_per_s,
            processing_tenths_per_s,
            catch_up,
        })
    }

    fn catch_up(&self, service: ServiceId, arrival: u64, processing: u64) -> CatchUp {
        let waiting = self.world().waiting(service);
        if !self.is_behind(service) {
            return CatchUp::KeepsUp;
        }
        match processing.checked_sub(arrival) {
            _ if !self.is_reading(service) => CatchUp::Away,
            Some(gain @ 1..) => CatchUp::In(Span::from_ms(waiting * 10_000 / gain)),
            Some(0) | None => CatchUp::Never,
        }
    }

    /// Whether a service can get anything done.
    fn is_reading(&self, service: ServiceId) -> bool {
        let world = self.world();
        world.is_online(service) && world.is_connected(service) && world.instances(service).any(|it| it.ended.is_none())
    }
}

/// The partitions that a service reads.
pub(super) fn partitions_of(world: &World, service: ServiceId) -> impl Iterator<Item = TopicPartition> {
    let topics = world.service_spec(service).consumes.iter().flat_map(|consumes| &consumes.topics);
    topics.flat_map(|topic| world.broker().partitions(*topic))
}

/// How old the oldest record is that a service has not committed, over all its partitions.
pub(super) fn oldest_unread(world: &World, service: ServiceId) -> Span {
    let Some(group) = world.group_of(service).filter(|_| world.has_service(service)) else { return Span::ZERO };
    let ages = partitions_of(world, service).filter_map(|partition| oldest(world, group, partition));
    ages.max().unwrap_or(Span::ZERO)
}

/// How late a group is in a partition, of which it is known whether it has processed everything that is there.
fn lateness(world: &World, group: GroupId, partition: TopicPartition, is_done: bool) -> PartitionLateness {
    let (lag, oldest) = (world.broker().partition_lag(group, partition), oldest(world, group, partition));
    let behind = match oldest {
        _ if lag == 0 => None,
        Some(_) => is_done.then_some(LagReason::Uncommitted),
        None => world.broker().log(partition).map(|log| behind(world, group, partition, log)),
    };
    PartitionLateness { partition, lag, oldest, behind }
}

/// How old the oldest record is that a group has not committed and that is there to be read, by and by.
fn oldest(world: &World, group: GroupId, partition: TopicPartition) -> Option<Span> {
    let broker = world.broker();
    let log = broker.log(partition).filter(|_| broker.partition_lag(group, partition) > 0)?;
    let unread = log.records(next_of(world, group, partition, log), Isolation::ReadUncommitted).next()?;
    Some(world.now().since(Instant::from_ms(u64::try_from(unread.timestamp_ms).unwrap_or(0))))
}

/// What there is where a group lags and no record is to be read.
fn behind(world: &World, group: GroupId, partition: TopicPartition, log: &Log) -> LagReason {
    match next_of(world, group, partition, log) {
        _ if log.high_watermark() < log.log_end_offset() => LagReason::Replicating,
        next if next == log.log_end_offset() => LagReason::Deleted,
        _ => LagReason::Markers,
    }
}

/// The first offset that a group has not committed and that is still there.
fn next_of(world: &World, group: GroupId, partition: TopicPartition, log: &Log) -> Offset {
    let committed = world.broker().group(group).committed(partition);
    committed.unwrap_or_default().max(log.log_start_offset())
}

/// Whether the segment that holds the oldest record that the group has not read is to go soon.
fn threat(world: &World, group: GroupId, partition: TopicPartition) -> Option<Threat> {
    let log = world.broker().log(partition)?;
    let (offset, config) = (next_of(world, group, partition, log), log.config());
    let is_in_danger = config.cleanup_policy.deletes() && offset < log.log_end_offset();
    let mut segments = log.segments().skip_while(|segment| segment.end_offset() <= offset);
    let unread = segments.next().filter(|_| is_in_danger)?;
    let bytes_behind: u64 = segments.map(|segment| segment.len_bytes() as u64).sum();
    let is_tight = |bound: u64| bytes_behind + bound / WARNED_PARTS > bound;
    let by_size = config.retention_bytes.is_some_and(is_tight).then_some(None);
    let by_time = config.retention_ms.and_then(|limit_ms| {
        let goes_at_ms = unread.retention_time_ms().saturating_add(limit_ms);
        let left_ms = u64::try_from(goes_at_ms - world.now().timestamp_ms()).unwrap_or(0);
        (left_ms < limit_ms as u64 / WARNED_PARTS).then_some(Some(Span::from_ms(left_ms)))
    });
    by_time.or(by_size).map(|left| Threat { partition, offset, left })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::rehearsal::{delivery, go_on, switch};
    use crate::app::{Msg, update};
    use crate::sim::Command;

    const NOTIFICATIONS: ServiceId = ServiceId(2);

    fn model(ms: u64) -> Model {
        let mut model = delivery();
        model.advance_to(Instant::from_ms(ms));
        model
    }

    fn act(model: &mut Model, command: Command) {
        update(model, Msg::Do(command));
        assert_eq!(model.notice(), None);
    }

    fn rate(model: &mut Model, arrivals_per_min: u32) {
        act(model, Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min });
    }

    fn lateness_of(model: &Model) -> Lateness {
        model.lateness(NOTIFICATIONS).expect("it reads")
    }

    #[test]
    fn whoever_keeps_up_is_not_late() {
        let lateness = lateness_of(&model(30_000));
        assert_eq!((lateness.catch_up, lateness.threat), (CatchUp::KeepsUp, None));
        assert!(lateness.oldest().is_none_or(|age| age < Span::from_ms(2_000)), "{lateness:?}");
        let (arrives, processes) = (lateness.arrival_tenths_per_s, lateness.processing_tenths_per_s);
        assert!(arrives > 0 && arrives.abs_diff(processes) <= arrives / 2, "{arrives} and {processes}");
    }

    #[test]
    fn what_waits_for_an_absent_service_grows_old() {
        let mut model = model(20_000);
        switch(&mut model, "notifications", false);
        go_on(&mut model, 60_000);
        let lateness = lateness_of(&model);
        let oldest = lateness.oldest().expect("something waits");
        assert!((55_000..62_000).contains(&oldest.as_ms()), "{oldest:?}");
        assert_eq!(lateness.partitions.iter().map(|it| it.lag).sum::<u64>(), model.world().lag(NOTIFICATIONS));
        assert_eq!(lateness.catch_up, CatchUp::Away);
    }

    /// Goes on until it lags for this reason.
    fn until_behind(model: &mut Model, wanted: LagReason) {
        for _ in 0..2_000 {
            let lateness = lateness_of(model);
            if lateness.behind() == Some(wanted) {
                assert!(model.world().lag(NOTIFICATIONS) > 0);
                return;
            }
            go_on(model, 5);
        }
        panic!("it never lags like that: {wanted:?}");
    }

    #[test]
    fn where_nothing_waits_it_is_known_why_it_lags_all_the_same() {
        let mut model = model(20_000);
        until_behind(&mut model, LagReason::Replicating);
        until_behind(&mut model, LagReason::Uncommitted);
        assert_eq!(model.account_of(NOTIFICATIONS).waiting, 0);
        for (name, value) in [("retention.ms", "10000"), ("segment.ms", "5000")] {
            let (topic, name, value) = ("order-status".to_owned(), name.to_owned(), value.to_owned());
            act(&mut model, Command::SetTopicConfig { topic, name, value });
        }
        switch(&mut model, "notifications", false);
        go_on(&mut model, 2_000);
        assert_eq!(lateness_of(&model).behind(), None, "there is something that waits");
        rate(&mut model, 0);
        go_on(&mut model, 600_000);
        assert_eq!(lateness_of(&model).behind(), Some(LagReason::Deleted), "{:?}", lateness_of(&model));
    }

    #[test]
    fn whoever_gains_catches_up_when_it_says() {
        let mut model = model(20_000);
        switch(&mut model, "notifications", false);
        rate(&mut model, 600);
        go_on(&mut model, 60_000);
        rate(&mut model, 0);
        go_on(&mut model, 1_000);
        switch(&mut model, "notifications", true);
        while !matches!(lateness_of(&model).catch_up, CatchUp::In(_)) {
            go_on(&mut model, 250);
            assert!(model.world().now() < Instant::from_ms(120_000), "{:?}", lateness_of(&model));
        }
        go_on(&mut model, 2_000);
        let (CatchUp::In(left), waiting) = (lateness_of(&model).catch_up, model.world().waiting(NOTIFICATIONS)) else {
            return; // it was faster than that
        };
        go_on(&mut model, left.as_ms() * 2);
        assert!(model.world().waiting(NOTIFICATIONS) < waiting / 2, "{waiting} waited, and {left:?} were left");
    }

    #[test]
    fn whoever_gets_more_than_it_can_process_never_catches_up() {
        let mut model = model(10_000);
        let (service, name, value) =
            ("notifications".to_owned(), "processing_ms".to_owned(), "2000 to 2000".to_owned());
        act(&mut model, Command::SetServiceConfig { service, name, value });
        rate(&mut model, 3_000);
        go_on(&mut model, 60_000);
        let lateness = lateness_of(&model);
        assert_eq!(lateness.catch_up, CatchUp::Never, "{lateness:?}");
    }

    #[test]
    fn retention_warns_before_it_overtakes_a_reader() {
        let mut model = model(0);
        for (name, value) in [("retention.ms", "100000"), ("segment.ms", "10000")] {
            let (topic, name, value) = ("order-status".to_owned(), name.to_owned(), value.to_owned());
            act(&mut model, Command::SetTopicConfig { topic, name, value });
        }
        go_on(&mut model, 20_000);
        switch(&mut model, "notifications", false);
        go_on(&mut model, 40_000);
        assert_eq!(lateness_of(&model).threat, None);
        while lateness_of(&model).threat.is_none() {
            go_on(&mut model, 1_000);
            assert!(model.world().now() < Instant::from_ms(200_000), "nobody warned");
        }
        assert_eq!(model.account_of(NOTIFICATIONS).lost, 0, "the warning comes first");
    }
}
