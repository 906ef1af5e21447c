//! A service that cannot reach the broker, and settings that the scenario does not allow.

use super::observed::{LOGISTICS, ORDERS, Observed, arrivals, config, consumes, publishes};
use super::{SEED, busy, configure, quiet};
use catchup::sim::{Command, CommitPolicy, Event, Limit, OnFailure, ServiceEvent, ServiceState, Stamped};
use catchup::time::Span;

fn connect(service: &str, connected: bool) -> Command {
    Command::SetConnected { service: service.to_owned(), connected }
}

fn is_full(observed: &Observed) -> Vec<bool> {
    let told = |stamped: &Stamped| match stamped.event {
        Event::Service(ServiceEvent::Limited { limit: Limit::BufferMemory, reached, .. }) => Some(reached),
        _ => None,
    };
    observed.events.iter().filter_map(told).collect()
}

#[test]
fn a_producer_that_is_cut_off_buffers_says_when_it_is_full_and_loses_nothing() {
    let mut spec = busy();
    publishes(&mut spec).config.buffer_bytes = 2_048;
    publishes(&mut spec).config.request_timeout = Span::from_ms(2_000);
    publishes(&mut spec).config.delivery_timeout = Span::from_ms(10_000);
    let mut observed = Observed::new(spec, SEED);
    let id = observed.id(ORDERS);
    observed.run_ms(2_000);
    observed.apply(connect(ORDERS, false));
    observed.run_ms(100);
    let (seen, buffered) = (observed.events.len(), observed.world.buffered_bytes(id));
    observed.run_ms(15_000);
    assert_eq!(observed.published_since(seen, ORDERS), 0);
    assert!(observed.world.buffered_bytes(id) > buffered && observed.world.unacknowledged(id) > 20);
    assert_eq!(is_full(&observed), [true]);
    observed.apply(connect(ORDERS, true));
    observed.apply(arrivals(0));
    observed.run_ms(30_000);
    assert_eq!(is_full(&observed).last(), Some(&false));
    assert_eq!((observed.world.unacknowledged(id), observed.world.buffered_bytes(id)), (0, 0));
    observed.drain();
    assert_eq!(observed.account(LOGISTICS).waiting, 0);
}

#[test]
fn a_reader_that_is_cut_off_is_replaced_and_comes_back() {
    let mut spec = busy();
    config(&mut spec, LOGISTICS).request_timeout = Span::from_ms(2_000);
    config(&mut spec, LOGISTICS).max_poll_interval = Span::from_ms(3_000);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(5_000);
    observed.apply(connect(LOGISTICS, false));
    observed.run_ms(10_000);
    assert_eq!(observed.group(LOGISTICS).members().len(), 0, "its session has ended");
    observed.apply(connect(LOGISTICS, true));
    observed.run_ms(20_000);
    assert_eq!(observed.world.service_state(observed.id(LOGISTICS)), ServiceState::Running);
    observed.drain();
    assert_eq!(observed.account(LOGISTICS).lost, 0);
}

/// A setting that needs a topic which logistics has not.
fn check_refused(name: &str, value: &str, expect: &str) {
    let mut spec = quiet();
    let reads = consumes(&mut spec, LOGISTICS);
    (reads.output, reads.retry_topic, reads.dead_letter_topic) = (None, None, None);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(1_000);
    let hash = observed.world.trace_hash();
    let refused = observed.watch(|world, observe| world.apply(configure(LOGISTICS, name, value), observe));
    assert_eq!(refused.map_err(|error| error.to_string()), Err(expect.to_owned()));
    let config = observed.world.config_of(observed.id(LOGISTICS)).expect("it reads");
    assert_eq!((config.commit_policy, config.on_failure), (CommitPolicy::AfterProcessing, OnFailure::Retry));
    assert_eq!((observed.world.trace_hash(), observed.world.commands().len()), (hash, 0));
}

#[test]
fn a_setting_that_needs_a_topic_which_the_scenario_has_not_is_refused_with_the_reason() {
    let needs = |name, value, what| {
        format!("{name} is \"{value}\", for which the service \"logistics\" needs {what}; this scenario gives it none")
    };
    for (name, value, what) in [
        ("commit_policy", "exactly_once", "an output topic"),
        ("on_failure", "retry_topic", "a retry topic"),
        ("on_failure", "dead_letter", "a dead letter topic"),
    ] {
        check_refused(name, value, &needs(name, value, what));
    }
}
