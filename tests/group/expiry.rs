//! Offsets that nobody has needed for `offsets.retention.minutes`, found when the broker looks for them.

use super::broker_bench::{Bench, join_request};
use super::state;
use catchup::broker::{Fact, GroupState, JoinRequest, OffsetsFact, Request};
use catchup::time::Span;

const RETENTION_MS: u64 = 7 * 24 * 3_600_000;
const CHECK_MS: u64 = 600_000;
/// `group.max.session.timeout.ms`.
const SESSION_MAX_MS: u64 = 1_800_000;

fn expired(bench: &Bench) -> usize {
    bench.facts().iter().filter(|fact| matches!(fact, Fact::Offsets(OffsetsFact::Expired { .. }))).count()
}

#[test]
fn the_offsets_of_an_empty_group_expire_and_with_the_last_of_them_the_group() {
    let (mut bench, members) = Bench::with_members(1);
    assert_eq!(bench.commit(members[0], 1, 5), Ok(()));
    bench.go_to(bench.now_ms() + 1_000);
    assert_eq!(bench.leave(members[0]), Ok(()));
    let empty_since = bench.now_ms();
    let check_before = (empty_since + RETENTION_MS) / CHECK_MS * CHECK_MS;
    bench.go_to(check_before);
    assert_eq!((bench.committed(), expired(&bench)), (Some(5), 0));
    bench.go_to(check_before + CHECK_MS);
    assert_eq!((bench.committed(), expired(&bench)), (None, 1));
    assert_eq!(state(&bench), (GroupState::Dead, 0, 0));
}

#[test]
fn offsets_of_topics_that_members_read_do_not_expire() {
    let mut bench = Bench::new();
    let session_timeout = Span::from_ms(SESSION_MAX_MS);
    let request = JoinRequest { session_timeout, ..join_request(bench.group, None, &[0]) };
    let join = bench.ask(Request::JoinGroup(request));
    bench.go_to_answer(join);
    let member = bench.joined(join).member;
    bench.sync(member, 1, Vec::new());
    assert_eq!(bench.commit(member, 1, 5), Ok(()));
    let until = bench.now_ms() + RETENTION_MS + 2 * CHECK_MS;
    while bench.now_ms() < until {
        bench.go_to(bench.now_ms() + SESSION_MAX_MS - 1);
        assert_eq!(bench.heartbeat(member, 1), Ok(()));
    }
    assert_eq!((bench.committed(), expired(&bench)), (Some(5), 0));
}
