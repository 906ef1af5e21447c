//! A service that comes back: where it goes on, when it has caught up, and whom it does not hold up.

use super::observed::{LOGISTICS, NOTIFICATIONS, Observed, switch};
use super::{HEARTBEAT_MS, LATENCY_MS, SEED, SESSION_MS, busy, quiet};
use catchup::log::{Offset, TopicPartition};
use catchup::sim::{Event, ServiceEvent, ServiceState, WorkEvent};

#[test]
fn a_service_that_returns_at_once_waits_until_the_session_of_its_former_self_ends() {
    let mut observed = Observed::new(quiet(), SEED);
    observed.run_ms(5_000);
    observed.apply(switch(LOGISTICS, false));
    observed.run_ms(200);
    observed.apply(switch(LOGISTICS, true));
    observed.publish(5);
    observed.run_ms(SESSION_MS - 200 - HEARTBEAT_MS - LATENCY_MS - 1);
    assert_eq!(observed.world.service_state(observed.id(LOGISTICS)), ServiceState::Joining);
    assert_eq!(observed.account(LOGISTICS).processed, 0);
    observed.run_ms(1_000);
    assert_eq!(observed.account(LOGISTICS).processed, 5);
}

#[test]
fn a_service_that_returns_goes_on_at_its_committed_offsets() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(10_000);
    observed.apply(switch(LOGISTICS, false));
    observed.run_ms(10_000);
    let committed = |observed: &Observed, it| observed.group(LOGISTICS).committed(it).expect("it has committed");
    let expected: Vec<Offset> = observed.partitions().map(|it| committed(&observed, it)).collect();
    assert!(expected.iter().all(|offset| *offset > Offset::ZERO), "{expected:?}");
    let (seen, id) = (observed.events.len(), observed.id(LOGISTICS));
    observed.apply(switch(LOGISTICS, true));
    observed.run_ms(10_000);
    let first = |wanted: TopicPartition| {
        observed.events[seen..].iter().find_map(|stamped| match stamped.event {
            Event::Work(WorkEvent::Processed { service, partition, offset, .. })
                if service == id && partition == wanted =>
            {
                Some(offset)
            }
            _ => None,
        })
    };
    let resumed: Vec<Option<Offset>> = observed.partitions().map(first).collect();
    assert_eq!(resumed, expected.into_iter().map(Some).collect::<Vec<_>>());
}

#[test]
fn a_service_that_returns_says_when_it_has_caught_up() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(10_000);
    let id = observed.id(LOGISTICS);
    let state = |observed: &Observed| observed.world.service_state(id);
    assert_eq!(state(&observed), ServiceState::Running);
    observed.apply(switch(LOGISTICS, false));
    observed.run_ms(20_000);
    assert_eq!(state(&observed), ServiceState::Offline);
    assert!(observed.world.lag(id) > 60, "the lag of a service that was off is {}", observed.world.lag(id));
    observed.apply(switch(LOGISTICS, true));
    assert_eq!(state(&observed), ServiceState::Joining);
    observed.run_to(2_000, |event| matches!(event, Event::Work(WorkEvent::Polled { service, .. }) if *service == id));
    assert_eq!(state(&observed), ServiceState::CatchingUp);
    observed
        .run_to(30_000, |event| matches!(event, Event::Service(ServiceEvent::CaughtUp { service }) if *service == id));
    assert_eq!(state(&observed), ServiceState::Running);
    let times = observed
        .events
        .iter()
        .filter(|stamped| matches!(stamped.event, Event::Service(ServiceEvent::CaughtUp { .. })))
        .count();
    assert_eq!(times, 1, "how often anybody caught up");
}

#[test]
fn one_service_that_is_off_does_not_hold_up_another() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(5_000);
    observed.apply(switch(LOGISTICS, false));
    let mut most = 0;
    for _ in 0..20 {
        observed.run_ms(1_000);
        most = most.max(observed.world.lag(observed.id(NOTIFICATIONS)));
    }
    assert!(most <= 40, "the lag of the service that was on grew to {most}");
    assert!(observed.world.lag(observed.id(LOGISTICS)) > 60);
}
