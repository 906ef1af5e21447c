//! Each invariant, broken by the fewest events that break it.

use super::*;
use crate::check::rehearsal::{GROUP, check_invariants as check, committed, deleted, processed};
use crate::sim::ServiceId;

fn appended(base: i64, records: u32) -> Event {
    let partition = TopicPartition::default();
    Event::Appended {
        service: None,
        transactional: None,
        is_numbered: false,
        partition,
        base_offset: Offset(base),
        records,
        content_hash: 0,
        updates: std::sync::Arc::default(),
    }
}

#[test]
fn an_ordinary_run_violates_nothing() {
    check(&[appended(0, 2), processed(0), processed(1), committed(2), appended(2, 1)], None);
}

#[test]
fn a_marker_takes_an_offset_and_is_not_delivered() {
    let (partition, producer) = (TopicPartition::default(), ProducerId(0));
    let marker = |at| {
        let (offset, result) = (Offset(at), TransactionResult::Commit);
        Event::Log(LogFact::MarkerWritten { partition, offset, producer, result })
    };
    check(&[appended(0, 1), marker(1), appended(2, 1), processed(0), processed(2), committed(3)], None);
    check(&[appended(0, 1), marker(2)], Some(Invariant::OffsetsAreDense));
}

#[test]
fn what_was_aborted_may_be_passed_over_and_is_not_for_who_reads_what_is_committed() {
    let (partition, producer) = (TopicPartition::default(), ProducerId(0));
    let written = |base| Event::Appended {
        service: None,
        transactional: Some(producer),
        is_numbered: true,
        partition,
        base_offset: Offset(base),
        records: 1,
        content_hash: 0,
        updates: std::sync::Arc::default(),
    };
    let aborted = |at| {
        let (offset, result) = (Offset(at), TransactionResult::Abort);
        Event::Log(LogFact::MarkerWritten { partition, offset, producer, result })
    };
    check(&[written(0), aborted(1), appended(2, 1), processed(2), committed(3)], None);
    check(&[written(0), aborted(1), processed(0), committed(1)], None);
    let reads_committed = Leeway { reads_committed: true, ..Leeway::default() };
    let leeways = [(ServiceId(0), (GROUP, reads_committed))].into();
    let mut checker = Checker { leeways, ..Checker::default() };
    let events = [written(0), aborted(1), processed(0)];
    let broken = events.map(|event| checker.observe(&Stamped { at: Instant::START, event }).err());
    assert_eq!(broken[2].map(|it| it.invariant), Some(Invariant::AbortedRecordsAreNotProcessed));
}

#[test]
fn delivering_again_from_the_committed_offset_violates_nothing() {
    check(&[appended(0, 2), processed(0), processed(1), processed(0), processed(1), committed(2)], None);
}

#[test]
fn a_gap_in_the_offsets_is_noticed() {
    check(&[appended(0, 2), appended(3, 1)], Some(Invariant::OffsetsAreDense));
}

#[test]
fn a_log_start_that_goes_back_is_noticed() {
    check(&[deleted(5), deleted(4)], Some(Invariant::LogStartNeverRegresses));
}

#[test]
fn a_commit_that_goes_back_is_noticed() {
    let events = [appended(0, 2), processed(0), processed(1), committed(2), committed(1)];
    check(&events, Some(Invariant::CommittedOffsetNeverRegresses));
}

#[test]
fn a_commit_before_processing_is_noticed() {
    check(&[appended(0, 2), processed(0), committed(2)], Some(Invariant::OnlyProcessedRecordsAreCommitted));
}

#[test]
fn a_skipped_record_is_noticed() {
    check(&[appended(0, 2), processed(1)], Some(Invariant::FirstDeliveriesAreInOrder));
}

#[test]
fn a_record_out_of_nowhere_is_noticed() {
    check(&[processed(0)], Some(Invariant::OnlyPublishedRecordsAreProcessed));
}

#[test]
fn a_group_that_is_known_to_read_other_topics_is_not_judged_by_what_it_processes() {
    let check = |commits: [i64; 2], expect: Option<Invariant>| {
        let subscriptions = [(GROUP, vec![TopicId(1)])].into();
        let mut checker = Checker { subscriptions, ..Checker::default() };
        let events = [appended(0, 3), processed(2), committed(commits[0]), committed(commits[1])];
        let broken = events.map(|event| checker.observe(&Stamped { at: Instant::START, event }).err());
        assert_eq!(broken.into_iter().flatten().next().map(|it| it.invariant), expect);
    };
    check([1, 3], None);
    check([3, 1], Some(Invariant::CommittedOffsetNeverRegresses));
}

#[test]
fn beginning_again_after_retention_violates_nothing() {
    check(&[appended(0, 9), processed(0), deleted(5), processed(5), committed(6)], None);
}
