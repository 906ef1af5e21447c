//! What checks can be trusted that have never failed? Here a run is told as it was not: each test plants one bug into the trace of a
//! run that is right, and fails unless the checks, which see nothing but the trace, name it.

use super::observed::{LOGISTICS, NOTIFICATIONS, Observed, arrivals, config, delivery, publishes, switch};
use catchup::broker::{GroupFact, GroupId, LogFact, MemberId, OffsetsFact};
use catchup::check::promises::{Promise, Verdict};
use catchup::check::{Checker, Invariant, Ledger, Promises};
use catchup::log::{Offset, PartitionId, ProducerId, TopicId, TopicPartition, TransactionResult};
use catchup::sim::{CommitPolicy, Event, ServiceEvent, ServiceId, Stamped, WorkEvent, World, WorldSpec};
use catchup::time::{Instant, Span};
use std::sync::Arc;

const PARTITION: TopicPartition = TopicPartition { topic: TopicId(0), partition: PartitionId(0) };

/// What the checks say of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// Nothing is wrong.
    Nothing,
    /// An invariant does not hold.
    Violated(Invariant),
    /// A promise is broken.
    Broke(Promise),
    /// The ledger has another number of records than the broker.
    Disagrees,
}

/// A run that is right: both readers crash and come back, and read everything in the end.
struct Told {
    spec: WorldSpec,
    events: Vec<Stamped>,
    /// How many records the broker has.
    records: u64,
    group: GroupId,
}

impl Told {
    fn new(policy: CommitPolicy) -> Self {
        let mut spec = delivery();
        publishes(&mut spec).in_progress_at_start = 10;
        for name in [LOGISTICS, NOTIFICATIONS] {
            let reader = config(&mut spec, name);
            (reader.commit_policy, reader.instances, reader.max_poll_records) = (policy, 2, 4);
            reader.session_timeout = Span::from_ms(6_000);
        }
        let mut observed = Observed::new(spec.clone(), 7);
        observed.run_ms(6_000);
        observed.apply(switch(NOTIFICATIONS, false));
        observed.run_ms(4_000);
        observed.apply(switch(NOTIFICATIONS, true));
        observed.apply(arrivals(60));
        observed.drain();
        let logs = observed.partitions().filter_map(|it| observed.world.broker().log(it));
        let records = logs.map(|log| log.log_end_offset().records_since(Offset::ZERO)).sum();
        Self { spec, records, group: observed.group_id(NOTIFICATIONS), events: observed.events }
    }

    /// What the checks say of this trace.
    fn judged(&self) -> Said {
        let world = World::new(Arc::new(self.spec.clone()), 7);
        let (mut checker, mut ledger, mut promises) = (Checker::of(&world), Ledger::of(&world), Promises::of(&world));
        for stamped in &self.events {
            ledger.observe(stamped);
            promises.observe(stamped, &ledger);
            if let Err(violation) = checker.observe(stamped) {
                return Said::Violated(violation.invariant);
            }
        }
        let is_broken = |verdict: Verdict| matches!(verdict, Verdict::Broken(_));
        let broken = promises.standings(&ledger, true).into_iter().find(|it| is_broken(it.verdict));
        let disagrees = ledger.account(self.group).published != self.records;
        broken.map_or(if disagrees { Said::Disagrees } else { Said::Nothing }, |it| Said::Broke(it.promise))
    }

    /// Where the `number`-th event of a kind is.
    fn place(&self, number: usize, is_meant: impl Fn(&Event) -> bool) -> usize {
        let mut places = (0..self.events.len()).filter(|place| is_meant(&self.events[*place].event));
        places.nth(number).expect("the run is long enough")
    }

    fn is_processed(&self, event: &Event) -> bool {
        matches!(event, Event::Work(WorkEvent::Processed { group, partition: PARTITION, .. }) if *group == self.group)
    }

    fn processed(&self, number: usize) -> usize {
        self.place(number, |event| self.is_processed(event))
    }

    /// Where orders is told for the `number`-th time that records are in the partition.
    fn acknowledged(&self, number: usize) -> usize {
        let is_told =
            |event: &Event| matches!(event, Event::Service(ServiceEvent::Acknowledged { partition: PARTITION, .. }));
        self.place(number, is_told)
    }

    /// Where two records are processed one after the other, of the same poll.
    fn two_of_one_poll(&self) -> [usize; 2] {
        let is_poll =
            |event: &Event| matches!(event, Event::Work(WorkEvent::Polled { group, .. }) if *group == self.group);
        let mut first = None;
        for (place, stamped) in self.events.iter().enumerate() {
            match first {
                Some(first) if self.is_processed(&stamped.event) => return [first, place],
                Some(_) if is_poll(&stamped.event) => first = None,
                None if self.is_processed(&stamped.event) => first = Some(place),
                Some(_) | None => {}
            }
        }
        panic!("the run is too short");
    }

    fn end(&self) -> Offset {
        let ends = self.events.iter().rev().filter_map(|it| match it.event {
            Event::Appended { partition: PARTITION, base_offset, records, .. } => {
                Some(base_offset.plus(records.into()))
            }
            Event::Log(LogFact::MarkerWritten { partition: PARTITION, offset, .. }) => Some(offset.next()),
            _ => None,
        });
        ends.max().expect("something was published")
    }

    fn add(&mut self, event: Event) {
        let at = self.events.last().map_or(Instant::START, |it| it.at);
        self.events.push(Stamped { at, event });
    }

    fn work(&self, offset: Offset) -> Event {
        let (service, group, partition) = (ServiceId(2), self.group, PARTITION);
        Event::Work(WorkEvent::Processed { service, group, partition, offset, key: None, epoch: None })
    }
}

/// Plants a bug into the trace of a run under `policy`, and says what the checks are to say.
fn check(policy: CommitPolicy, plant: impl FnOnce(&mut Told), expect: Said) {
    let mut told = Told::new(policy);
    assert_eq!(told.judged(), Said::Nothing, "the run is right as it is");
    plant(&mut told);
    assert_eq!(told.judged(), expect);
}

fn at_least_once(plant: impl FnOnce(&mut Told), expect: Said) {
    check(CommitPolicy::AfterProcessing, plant, expect);
}

#[test]
fn a_skipped_offset() {
    let skip = |told: &mut Told| drop(told.events.remove(told.two_of_one_poll()[0]));
    at_least_once(skip, Said::Violated(Invariant::FirstDeliveriesAreInOrder));
}

#[test]
fn a_commit_of_what_was_not_processed() {
    let jump = |told: &mut Told| {
        let group = told.group;
        let is_commit = |event: &Event| matches!(event, Event::Offsets(OffsetsFact::Committed { group: of, partition: PARTITION, .. }) if *of == group);
        let place = told.place(2, is_commit);
        if let Event::Offsets(OffsetsFact::Committed { offset, .. }) = &mut told.events[place].event {
            *offset = offset.next();
        }
    };
    at_least_once(jump, Said::Violated(Invariant::OnlyProcessedRecordsAreCommitted));
}

#[test]
fn a_double_commit_that_goes_back() {
    let again = |told: &mut Told| {
        let (group, member, partition) = (told.group, None, PARTITION);
        told.add(Event::Offsets(OffsetsFact::Committed { group, member, partition, offset: Offset(1), epoch: None }));
    };
    at_least_once(again, Said::Violated(Invariant::CommittedOffsetNeverRegresses));
}

#[test]
fn a_dropped_batch() {
    let drop_one = |told: &mut Told| {
        let place = told.place(3, |event| matches!(event, Event::Appended { partition: PARTITION, .. }));
        drop(told.events.remove(place));
    };
    at_least_once(drop_one, Said::Violated(Invariant::OnlyPublishedRecordsAreProcessed));
}

#[test]
fn a_batch_that_was_acknowledged_and_is_not_in_the_log() {
    let lose = |told: &mut Told| {
        let (service, partition, base_offset) = (Some(ServiceId(0)), PARTITION, told.end());
        let (records, content_hash, transactional) = (1, 99, None);
        told.add(Event::Appended {
            service,
            is_numbered: true,
            partition,
            base_offset,
            records,
            content_hash,
            updates: Arc::default(),
            transactional,
        });
    };
    at_least_once(lose, Said::Disagrees);
}

#[test]
fn a_record_that_was_acknowledged_at_an_offset_that_the_log_never_had() {
    let lose = |told: &mut Told| {
        let end = told.end();
        let place = told.acknowledged(0);
        if let Event::Service(ServiceEvent::Acknowledged { base_offset, .. }) = &mut told.events[place].event {
            *base_offset = end;
        }
    };
    at_least_once(lose, Said::Broke(Promise::AcknowledgedIsThere));
}

#[test]
fn two_acknowledged_records_that_change_places() {
    let swap = |told: &mut Told| {
        let [first, second] = [1, 2].map(|number| told.acknowledged(number));
        let at = |event: &Event| match event {
            Event::Service(ServiceEvent::Acknowledged { sends, .. }) => *sends,
            _ => panic!("it tells of something else"),
        };
        let sends = [second, first].map(|place| at(&told.events[place].event));
        for (place, new) in [first, second].into_iter().zip(sends) {
            if let Event::Service(ServiceEvent::Acknowledged { sends, .. }) = &mut told.events[place].event {
                *sends = new;
            }
        }
    };
    at_least_once(swap, Said::Broke(Promise::SentInOrder));
}

#[test]
fn a_partition_with_two_owners() {
    let share = |told: &mut Told| {
        let group = told.group;
        let is_meant = |event: &Event| matches!(event, Event::Group(GroupFact::Assigned { group: of, partitions, .. }) if *of == group && partitions.contains(&PARTITION));
        let place = told.place(0, is_meant);
        let mut copy = told.events[place].clone();
        if let Event::Group(GroupFact::Assigned { member, .. }) = &mut copy.event {
            *member = MemberId(member.0 + 1_000);
        }
        told.events.insert(place + 1, copy);
    };
    at_least_once(share, Said::Broke(Promise::OneOwner));
}

#[test]
fn a_log_start_that_goes_back() {
    let go_back = |told: &mut Told| {
        for at in [3, 2] {
            let (partition, log_start_offset) = (PARTITION, Offset(at));
            told.add(Event::Log(LogFact::Deleted { partition, log_start_offset }));
        }
    };
    at_least_once(go_back, Said::Violated(Invariant::LogStartNeverRegresses));
}

#[test]
fn two_records_in_the_wrong_order() {
    let swap = |told: &mut Told| {
        let [first, second] = told.two_of_one_poll();
        let [a, b] = [first, second].map(|place| told.events[place].event.clone());
        (told.events[first].event, told.events[second].event) = (b, a);
    };
    at_least_once(swap, Said::Violated(Invariant::FirstDeliveriesAreInOrder));
}

#[test]
fn a_phantom_record() {
    let invent = |told: &mut Told| told.add(told.work(told.end().plus(3)));
    at_least_once(invent, Said::Violated(Invariant::OnlyPublishedRecordsAreProcessed));
}

#[test]
fn a_duplicate_append() {
    let repeat = |told: &mut Told| {
        let is_meant = |it: &Stamped| matches!(it.event, Event::Appended { partition: PARTITION, .. });
        let mut copy = told.events.iter().rfind(|it| is_meant(it)).expect("something was published").event.clone();
        let end = told.end();
        if let Event::Appended { base_offset, records, .. } = &mut copy {
            *base_offset = end;
            told.records += u64::from(*records);
        }
        told.add(copy);
    };
    at_least_once(repeat, Said::Broke(Promise::RetriedOnce));
}

#[test]
fn an_aborted_record_that_is_read() {
    let read = |told: &mut Told| {
        let (service, partition, offset, producer) = (None, PARTITION, told.end(), ProducerId(77));
        let (records, content_hash, transactional) = (1, 5, Some(producer));
        told.add(Event::Appended {
            service,
            is_numbered: true,
            partition,
            base_offset: offset,
            records,
            content_hash,
            updates: Arc::default(),
            transactional,
        });
        let result = TransactionResult::Abort;
        told.add(Event::Log(LogFact::MarkerWritten { partition, offset: offset.next(), producer, result }));
        told.add(told.work(offset));
        told.records += 1;
    };
    check(CommitPolicy::ExactlyOnce, read, Said::Violated(Invariant::AbortedRecordsAreNotProcessed));
}

#[test]
fn a_record_that_exactly_once_processes_twice() {
    let repeat = |told: &mut Told| told.add(told.events[told.processed(3)].event.clone());
    check(CommitPolicy::ExactlyOnce, repeat, Said::Broke(Promise::NothingTwice));
}

#[test]
fn a_poll_that_leaves_out_what_it_was_given() {
    let leave_out = |told: &mut Told| {
        let group = told.group;
        let is_meant = |event: &Event| matches!(event, Event::Work(WorkEvent::Polled { group: of, partition: PARTITION, records: 2.., .. }) if *of == group);
        let place = told.events.iter().rposition(|it| is_meant(&it.event)).expect("it polled several");
        if let Event::Work(WorkEvent::Polled { records, .. }) = &mut told.events[place].event {
            *records -= 1;
        }
    };
    at_least_once(leave_out, Said::Broke(Promise::NoneLeftOut));
}

#[test]
fn a_record_that_is_lost_under_at_least_once() {
    let lose = |told: &mut Told| {
        let (service, partition, offset) = (Some(ServiceId(0)), PARTITION, told.end());
        let (records, content_hash, transactional) = (1, 99, None);
        told.add(Event::Appended {
            service,
            is_numbered: true,
            partition,
            base_offset: offset,
            records,
            content_hash,
            updates: Arc::default(),
            transactional,
        });
        told.add(Event::Log(LogFact::Deleted { partition, log_start_offset: offset.next() }));
        told.records += 1;
    };
    at_least_once(lose, Said::Broke(Promise::NothingIsLost));
}
