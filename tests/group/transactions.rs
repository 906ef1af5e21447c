//! Offsets that a transaction commits, and those that are set from outside.

use super::broker_bench::{Bench, partition};
use catchup::broker::{GroupError, OffsetFetchRequest, Request, Response};
use catchup::log::{Offset, ProducerId};

const PRODUCER: ProducerId = ProducerId(1_000);

fn commit(bench: &mut Bench, offset: i64) -> Result<(), GroupError> {
    let offsets = [(partition(0), Offset(offset).into())];
    bench.manage(|broker, now, group, _| broker.commit_transactional(now, group, PRODUCER, None, &offsets))
}

fn end(bench: &mut Bench, committed: bool) {
    bench.manage(|broker, _, group, out| broker.end_transaction(group, PRODUCER, committed, out));
}

/// What `read_committed` and `read_uncommitted` consumers are told.
fn fetch(bench: &mut Bench) -> [Result<Option<Offset>, GroupError>; 2] {
    [true, false].map(|require_stable| {
        let request = OffsetFetchRequest { group: bench.group, partitions: vec![partition(0)], require_stable };
        let ticket = bench.ask(Request::OffsetFetch(request));
        let Some(Response::OffsetFetch(offsets)) = bench.answer(ticket) else { panic!("it is answered at once") };
        offsets[0].1.map(|place| place.map(|place| place.offset))
    })
}

#[test]
fn what_a_transaction_commits_counts_when_it_has_committed() {
    let (mut bench, members) = Bench::with_members(1);
    assert_eq!(bench.commit(members[0], 1, 3), Ok(()));
    assert_eq!(commit(&mut bench, 25), Ok(()));
    assert_eq!(fetch(&mut bench), [Err(GroupError::UnstableOffsetCommit), Ok(Some(Offset(3)))]);
    end(&mut bench, true);
    assert_eq!(fetch(&mut bench), [Ok(Some(Offset(25))); 2]);
}

#[test]
fn what_an_aborted_transaction_would_have_committed_is_forgotten() {
    let mut bench = Bench::new();
    assert_eq!(commit(&mut bench, 25), Ok(()));
    end(&mut bench, false);
    end(&mut bench, true);
    assert_eq!(fetch(&mut bench), [Ok(None); 2]);
}

#[test]
fn a_later_commit_outlasts_a_transaction_that_ends_after_it() {
    let (mut bench, members) = Bench::with_members(1);
    assert_eq!(commit(&mut bench, 25), Ok(()));
    assert_eq!(bench.commit(members[0], 1, 30), Ok(()));
    end(&mut bench, true);
    assert_eq!(bench.committed(), Some(30));
}

#[test]
fn a_transactional_commit_that_shows_a_membership_must_show_the_present_one() {
    let (mut bench, members) = Bench::with_members(1);
    let mut check = |generation, expect| {
        let membership = bench.membership(members[0], generation);
        let answer = bench.manage(|broker, now, group, _| {
            broker.commit_transactional(now, group, PRODUCER, Some(&membership), &[(partition(0), Offset(1).into())])
        });
        assert_eq!(answer, expect);
    };
    check(0, Err(GroupError::IllegalGeneration));
    check(1, Ok(()));
}

#[test]
fn offsets_are_set_from_outside_only_while_nobody_is_a_member() {
    let (mut bench, members) = Bench::with_members(1);
    let alter = |bench: &mut Bench| {
        let offsets = [(partition(0), Offset(2))];
        bench.manage(|broker, now, group, out| broker.alter_offsets(now, group, &offsets, out))
    };
    assert_eq!(alter(&mut bench), Err(GroupError::NonEmptyGroup));
    assert_eq!(bench.leave(members[0]), Ok(()));
    assert_eq!(alter(&mut bench), Ok(()));
    assert_eq!(bench.committed(), Some(2));
}
