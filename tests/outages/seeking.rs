//! Letting a group begin elsewhere: what the preview says is what happens.

use super::observed::{LOGISTICS, Observed, config, switch};
use super::{SEED, busy, configure, partition, quiet};
use catchup::log::Offset;
use catchup::sim::{Command, Event, SeekMove, SeekTo, ServiceEvent, ServiceState};
use catchup::time::Span;

/// Ten records on one partition, processed; then a seek. Its preview, and what happened.
fn check(to: SeekTo, expect: Offset, processed_again: u64) {
    let mut observed = Observed::new(quiet(), SEED);
    observed.run_ms(2_000);
    for _ in 0..5 {
        observed.publish(2);
        observed.run_ms(1_000);
    }
    let id = observed.id(LOGISTICS);
    let preview = observed.world.seek_preview(id, to);
    let (seen, group) = (observed.events.len(), observed.group_id(LOGISTICS));
    observed.apply(Command::Seek { service: LOGISTICS.to_owned(), to });
    observed.run_ms(10_000);
    let sought = observed.events[seen..].iter().filter_map(|stamped| match stamped.event {
        Event::Service(ServiceEvent::Sought { group: of, partition, from, to }) if of == group => {
            Some(SeekMove { partition, from, to })
        }
        _ => None,
    });
    assert_eq!(sought.collect::<Vec<_>>(), preview, "{to:?}");
    assert_eq!(preview.iter().find(|it| it.partition == partition(0)).map(|it| it.to), Some(expect), "{to:?}");
    assert_eq!(preview.iter().map(|it| it.replayed()).sum::<u64>(), processed_again, "{to:?}");
    let account = observed.account(LOGISTICS);
    assert_eq!((account.processed, account.processed_again), (10, processed_again), "{to:?}");
    assert_eq!(observed.world.service_state(id), ServiceState::Running);
}

#[test]
fn a_group_begins_where_a_person_lets_it() {
    check(SeekTo::Earliest, Offset(0), 10);
    check(SeekTo::Latest, Offset(10), 0);
    check(SeekTo::Offset(7), Offset(7), 3);
    check(SeekTo::Offset(99), Offset(10), 0);
    check(SeekTo::TimeMs(3_900), Offset(4), 6);
    check(SeekTo::TimeMs(60_000), Offset(10), 0);
}

#[test]
fn what_a_seek_leaves_out_is_lost_until_another_one_brings_it_back() {
    let mut observed = Observed::new(quiet(), SEED);
    observed.run_ms(2_000);
    observed.apply(switch(LOGISTICS, false));
    observed.publish(6);
    observed.run_ms(10_000);
    let seek = |to| Command::Seek { service: LOGISTICS.to_owned(), to };
    observed.apply(seek(SeekTo::Latest));
    observed.apply(switch(LOGISTICS, true));
    observed.run_ms(5_000);
    assert_eq!((observed.account(LOGISTICS).processed, observed.account(LOGISTICS).lost), (0, 6));
    observed.apply(seek(SeekTo::Earliest));
    observed.run_ms(5_000);
    assert_eq!((observed.account(LOGISTICS).processed, observed.account(LOGISTICS).lost), (6, 0));
}

#[test]
fn a_seek_goes_through_though_the_service_is_started_and_grows_meanwhile() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(5_000);
    let id = observed.id(LOGISTICS);
    observed.apply(switch(LOGISTICS, false));
    observed.apply(Command::Seek { service: LOGISTICS.to_owned(), to: SeekTo::Earliest });
    observed.apply(switch(LOGISTICS, true));
    observed.apply(configure(LOGISTICS, "instances", "3"));
    assert!(observed.world.is_seeking(id), "its former self is still a member");
    observed.run_to(10_000, |event| matches!(event, Event::Service(ServiceEvent::Sought { .. })));
    observed.run_ms(5_000);
    assert_eq!(observed.assignment_sizes(LOGISTICS), [1, 1, 1]);
}

#[test]
fn a_seek_does_not_wait_for_the_sessions_of_static_members_that_have_stopped() {
    let mut spec = quiet();
    let reader = config(&mut spec, LOGISTICS);
    (reader.static_membership, reader.instances, reader.session_timeout) = (true, 2, Span::from_ms(60_000));
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    observed.publish(4);
    observed.run_ms(2_000);
    observed.apply(Command::Seek { service: LOGISTICS.to_owned(), to: SeekTo::Earliest });
    assert!(
        !observed.world.is_seeking(observed.id(LOGISTICS)),
        "nobody had anything in hand, and nobody is waited for"
    );
    observed.run_ms(5_000);
    let account = observed.account(LOGISTICS);
    assert_eq!((account.processed, account.processed_again), (4, 4));
    assert_eq!(observed.group(LOGISTICS).members().len(), 2);
}
