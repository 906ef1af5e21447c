//! What the ledger makes of a run.

mod listing;

use super::*;
use crate::broker::{LogFact, OffsetsFact};
use crate::check::Listed;
use crate::check::rehearsal::{GROUP, committed, deleted, partition, processed};
use crate::log::{ProducerId, RecordRef, TransactionResult};
use crate::sim::{Ended, ServiceEvent, ServiceId, WorkEvent};

/// The group in which its service reads its retry topic.
const RETRIES: GroupId = GroupId(1);

fn ledger_after(events: &[Event]) -> Ledger {
    let mut ledger =
        Ledger::new(vec![Subscription { group: GROUP, topics: vec![TopicId(0)], retries_in: Some(RETRIES) }]);
    for (event, ms) in events.iter().zip(0..) {
        ledger.observe(&Stamped { at: Instant::from_ms(ms), event: event.clone() });
    }
    ledger
}

fn appended_by(transactional: Option<ProducerId>, records: u32) -> Event {
    let (partition, base_offset) = (partition(), Offset::ZERO);
    Event::Appended {
        service: None,
        transactional,
        is_numbered: false,
        partition,
        base_offset,
        records,
        content_hash: 0,
        updates: std::sync::Arc::default(),
    }
}

fn appended(records: u32) -> Event {
    appended_by(None, records)
}

fn total(account: Account) -> u64 {
    let aside = account.retrying + account.dead_lettered;
    account.processed + account.waiting + aside + account.compacted + account.aborted + account.lost
}

fn polled(instance: u32, first: i64, last: i64) -> Event {
    let (first, last) = (Offset(first), Offset(last));
    Event::Work(WorkEvent::Polled {
        service: ServiceId(0),
        group: GROUP,
        instance,
        partition: partition(),
        first,
        last,
        records: 1,
        epoch: None,
    })
}

fn ended(instance: u32) -> Event {
    Event::Service(ServiceEvent::InstanceChanged {
        service: ServiceId(0),
        instance,
        change: InstanceChange::Ended(Ended::Crashed),
    })
}

/// The partition where records are tried again.
fn retry_partition() -> TopicPartition {
    TopicPartition { topic: TopicId(1), ..TopicPartition::default() }
}

/// A place there.
fn aside(offset: i64) -> RecordRef {
    RecordRef { partition: retry_partition(), offset: Offset(offset) }
}

fn fared(offset: i64, how: Fared) -> Event {
    Event::Work(WorkEvent::Fared {
        service: ServiceId(0),
        group: GROUP,
        partition: partition(),
        offset: Offset(offset),
        key: None,
        epoch: None,
        how,
    })
}

fn sought(to: i64) -> Event {
    Event::Service(ServiceEvent::Sought { group: GROUP, partition: partition(), from: Offset::ZERO, to: Offset(to) })
}

fn check(events: &[Event], expect: Account) {
    let account = ledger_after(events).account(GROUP);
    assert_eq!(account, expect);
    assert_eq!(account.published, total(account));
}

/// What a list says: the offset, and what befell it.
fn listed(events: &[Event], listed: Listed) -> Vec<(i64, Option<What>)> {
    let entries = ledger_after(events).entries(GROUP, listed, 10);
    entries.into_iter().map(|entry| (entry.offset.0, entry.what)).collect()
}

#[test]
fn a_marker_counts_for_nothing() {
    let (producer, result) = (ProducerId(0), TransactionResult::Commit);
    let marker = Event::Log(LogFact::MarkerWritten { partition: partition(), offset: Offset(1), producer, result });
    let expect = Account { published: 2, processed: 2, ..Account::default() };
    check(&[appended(1), marker, appended(1), processed(0), processed(2), committed(3), deleted(3)], expect);
}

#[test]
fn a_record_waits_until_it_is_processed() {
    let expect = Account { published: 3, processed: 1, waiting: 2, ..Account::default() };
    check(&[appended(3), processed(0)], expect);
}

#[test]
fn processing_a_record_again_is_counted() {
    let expect = Account { published: 1, processed: 1, processed_again: 1, ..Account::default() };
    check(&[appended(1), processed(0), processed(0)], expect);
}

#[test]
fn committing_past_a_record_loses_it() {
    let expect = Account { published: 2, processed: 1, lost: 1, ..Account::default() };
    check(&[appended(2), processed(1), committed(2)], expect);
}

#[test]
fn a_record_that_is_processed_after_all_is_not_lost() {
    let expect = Account { published: 1, processed: 1, ..Account::default() };
    check(&[appended(1), committed(1), processed(0)], expect);
}

#[test]
fn deleting_an_unread_record_loses_it() {
    let expect = Account { published: 3, processed: 1, waiting: 1, lost: 1, ..Account::default() };
    check(&[appended(3), processed(0), deleted(2)], expect);
}

#[test]
fn a_record_that_was_in_hand_when_it_was_deleted_is_not_lost_once_it_is_processed() {
    let lost = Account { published: 3, processed: 1, lost: 2, ..Account::default() };
    check(&[appended(3), processed(0), deleted(3)], lost);
    let expect = Account { processed: 2, lost: 1, ..lost };
    check(&[appended(3), processed(0), deleted(3), processed(1)], expect);
}

#[test]
fn a_deleted_record_is_processed_for_the_first_time_only_once() {
    let expect = Account { published: 3, processed: 2, lost: 1, processed_again: 2, ..Account::default() };
    check(&[appended(3), processed(0), deleted(3), processed(0), processed(1), processed(1)], expect);
}

#[test]
fn a_record_that_was_skipped_and_deleted_and_processed_after_all_is_not_lost() {
    let expect = Account { published: 1, processed: 1, ..Account::default() };
    check(&[appended(1), committed(1), deleted(1), processed(0)], expect);
}

#[test]
fn a_record_that_was_never_published_is_not_accounted_for() {
    check(&[processed(0)], Account::default());
}

fn compacted(offset: i64) -> Event {
    let (removed, spent) = ([Offset(offset)].into(), [].into());
    Event::Log(LogFact::Compacted { partition: partition(), removed, spent, saved_bytes: 0 })
}

#[test]
fn a_record_that_was_replaced_counts_as_processed_once_it_is() {
    let events = [appended(2), compacted(0), deleted(1), processed(0)];
    let [replaced, deleted, processed] = [2, 3, 4].map(|count| ledger_after(&events[..count]).account(GROUP));
    for account in [replaced, deleted] {
        assert_eq!((account.compacted, account.lost, account.waiting), (1, 0, 1), "{account:?}");
    }
    assert_eq!((processed.processed, processed.compacted, processed.processed_again), (1, 0, 0), "{processed:?}");
}

/// Every run of six events over two records, as far as a log could have it.
#[test]
fn the_account_adds_up_after_every_event_of_every_short_run() {
    let events =
        [appended(1), processed(0), processed(1), committed(1), committed(2), deleted(1), deleted(2), compacted(0)];
    for run in 0..events.len().pow(6) {
        let chosen = (0..6).map(|place| events[run / events.len().pow(place) % events.len()].clone());
        let mut ledger =
            Ledger::new(vec![Subscription { group: GROUP, topics: vec![TopicId(0)], retries_in: Some(RETRIES) }]);
        let (mut start, mut end, mut processed) = (0, 0, crate::sorted::SortedSet::new());
        for event in chosen {
            match event {
                Event::Appended { .. } => end += 1,
                Event::Log(LogFact::Deleted { log_start_offset: Offset(offset), .. }) if offset > end => break,
                Event::Log(LogFact::Deleted { log_start_offset: Offset(offset), .. }) => start = offset.max(start),
                Event::Log(LogFact::Compacted { .. }) if start > 0 || end == 0 => break,
                Event::Work(WorkEvent::Processed { offset: Offset(offset), .. }) if offset >= end => break,
                Event::Work(WorkEvent::Processed { offset, .. }) => drop(processed.insert(offset)),
                _ => {}
            }
            ledger.observe(&Stamped { at: Instant::START, event });
            let account = ledger.account(GROUP);
            assert_eq!((account.published, account.processed), (end as u64, processed.len() as u64), "run {run}");
            assert_eq!(account.published, total(account), "run {run}");
        }
    }
}

#[test]
fn a_fate_tells_when_and_how_often() {
    let ledger = ledger_after(&[appended(1), processed(0), processed(0)]);
    let fate = ledger.fate(GROUP, partition(), Offset(0)).expect("it was appended");
    assert_eq!((fate.first_at, fate.last_at), (Some(Instant::from_ms(1)), Some(Instant::from_ms(2))));
    assert_eq!(ledger.fate(GROUP, partition(), Offset(1)), None);
}

#[test]
fn what_is_committed_first_is_lost_only_when_nobody_has_it_in_hand_any_more() {
    let at_work = Account { published: 2, waiting: 2, ..Account::default() };
    check(&[appended(2), polled(0, 0, 1), committed(2)], at_work);
    let half_done = Account { published: 2, processed: 1, lost: 1, ..Account::default() };
    check(&[appended(2), polled(0, 0, 1), committed(2), processed(0), ended(0)], half_done);
    check(
        &[appended(2), polled(0, 0, 1), committed(2), processed(0), ended(1)],
        Account { lost: 0, waiting: 1, ..half_done },
    );
    check(
        &[appended(3), polled(0, 0, 1), committed(2), processed(0), polled(0, 2, 2)],
        Account { published: 3, waiting: 1, ..half_done },
    );
}

#[test]
fn a_crash_loses_nothing_that_was_not_committed() {
    check(&[appended(2), polled(0, 0, 1), ended(0)], Account { published: 2, waiting: 2, ..Account::default() });
}

#[test]
fn a_record_on_which_a_service_fails_is_put_aside_and_comes_back() {
    let published = Account { published: 1, ..Account::default() };
    let events = [
        appended(1),
        fared(0, Fared::Failed(1)),
        fared(0, Fared::SentToRetry(Some(aside(0)))),
        committed(1),
        fared(0, Fared::Failed(1)),
        fared(0, Fared::DeadLettered(Some(aside(1)))),
        fared(0, Fared::Redriven(Some(aside(2)))),
        processed(0),
    ];
    check(&events[..2], Account { waiting: 1, ..published });
    check(&events[..5], Account { retrying: 1, ..published });
    check(&events[..6], Account { dead_lettered: 1, ..published });
    check(&events[..7], Account { retrying: 1, ..published });
    check(&events, Account { processed: 1, ..published });
}

#[test]
fn what_was_put_aside_outlives_its_first_place() {
    let events = [
        appended(1),
        fared(0, Fared::SentToRetry(Some(aside(0)))),
        committed(1),
        deleted(1),
        fared(0, Fared::DeadLettered(Some(aside(1)))),
    ];
    let published = Account { published: 1, ..Account::default() };
    check(&events[..4], Account { retrying: 1, ..published });
    check(&events, Account { dead_lettered: 1, ..published });
    check(&[&events[..], &[processed(0)]].concat(), Account { processed: 1, ..published });
    check(&[&events[..4], &[fared(0, Fared::Skipped)]].concat(), Account { lost: 1, ..published });
}

#[test]
fn what_is_deleted_where_it_was_put_aside_is_lost() {
    let lies = [appended(1), fared(0, Fared::SentToRetry(Some(aside(3))))];
    let deleted_aside = |log_start: i64| {
        Event::Log(LogFact::Deleted { partition: retry_partition(), log_start_offset: Offset(log_start) })
    };
    let published = Account { published: 1, ..Account::default() };
    check(&[&lies[..], &[deleted_aside(3)]].concat(), Account { retrying: 1, ..published });
    let lost = [&lies[..], &[deleted_aside(4)]].concat();
    check(&lost, Account { lost: 1, ..published });
    assert_eq!(listed(&lost, Listed::Lost), [(0, Some(What::Lost(Lost::GoneAside)))]);
    check(&[&lies[..], &[processed(0), deleted_aside(4)]].concat(), Account { processed: 1, ..published });
    let (partition, removed, spent) = (retry_partition(), [Offset(3)].into(), [].into());
    let compacted = Event::Log(LogFact::Compacted { partition, removed, spent, saved_bytes: 1 });
    check(&[&lies[..], &[compacted]].concat(), Account { lost: 1, ..published });
}

#[test]
fn what_is_committed_where_it_is_tried_again_and_in_nobody_s_hand_is_lost() {
    let lies = [appended(1), fared(0, Fared::SentToRetry(Some(aside(3))))];
    let partition = retry_partition();
    let committed = |group| {
        Event::Offsets(OffsetsFact::Committed { group, member: None, partition, offset: Offset(4), epoch: None })
    };
    let (service, first, last) = (ServiceId(0), Offset(3), Offset(3));
    let polled = Event::Work(WorkEvent::Polled {
        service,
        group: RETRIES,
        instance: 1,
        partition,
        first,
        last,
        records: 1,
        epoch: None,
    });
    let published = Account { published: 1, ..Account::default() };
    check(&[&lies[..], &[committed(RETRIES)]].concat(), Account { lost: 1, ..published });
    check(&[&lies[..], &[committed(GroupId(7))]].concat(), Account { retrying: 1, ..published });
    let in_hand = [&lies[..], &[polled, committed(RETRIES)]].concat();
    check(&in_hand, Account { retrying: 1, ..published });
    check(&[&in_hand[..], &[ended(1)]].concat(), Account { lost: 1, ..published });
}

#[test]
fn what_is_put_aside_where_nobody_knows_is_not_followed_and_that_is_told() {
    let expect = Account { published: 1, retrying: 1, unfollowed: 1, ..Account::default() };
    check(&[appended(1), fared(0, Fared::SentToRetry(None))], expect);
}

#[test]
fn nobody_waits_for_what_was_aborted() {
    let producer = ProducerId(5);
    let ends =
        |result| Event::Log(LogFact::MarkerWritten { partition: partition(), offset: Offset(2), producer, result });
    let written = appended_by(Some(producer), 2);
    let open = Account { published: 2, waiting: 2, ..Account::default() };
    check(std::slice::from_ref(&written), open);
    check(&[written.clone(), ends(TransactionResult::Commit)], open);
    let aborted = [written, ends(TransactionResult::Abort)];
    check(&aborted, Account { waiting: 0, aborted: 2, ..open });
    check(&[&aborted[..], &[committed(3)]].concat(), Account { waiting: 0, aborted: 2, ..open });
    let read_uncommitted = Account { waiting: 0, aborted: 1, processed: 1, ..open };
    check(&[&aborted[..], &[processed(0)]].concat(), read_uncommitted);
}

#[test]
fn a_record_that_is_left_out_is_lost() {
    check(
        &[appended(1), fared(0, Fared::Skipped), committed(1)],
        Account { published: 1, lost: 1, ..Account::default() },
    );
}

#[test]
fn what_was_done_before_costs_nothing_when_it_comes_again() {
    let expect = Account { published: 2, processed: 2, recognised: 2, ..Account::default() };
    let again = fared(0, Fared::Deduplicated);
    check(&[appended(2), processed(0), again, fared(1, Fared::Deduplicated), committed(2)], expect);
}

#[test]
fn a_seek_back_gives_another_chance_to_what_was_lost() {
    let lost = Account { published: 2, lost: 2, ..Account::default() };
    check(&[appended(2), sought(2)], lost);
    check(&[appended(2), sought(2), sought(1)], Account { waiting: 1, lost: 1, ..lost });
    let again = Account { published: 2, processed: 2, processed_again: 1, ..Account::default() };
    check(&[appended(2), processed(0), processed(1), committed(2), sought(1), processed(1)], again);
}
