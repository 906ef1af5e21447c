//! Services that join while the world runs, and such as leave it for good.

use super::observed::{LOGISTICS, NOTIFICATIONS, ORDERS, Observed, TOPIC, arrivals, switch};
use super::{SEED, busy, configure};
use catchup::broker::GroupState;
use catchup::check::promises::Verdict;
use catchup::log::{Isolation, Offset};
use catchup::sim::{Command, Event, NewService, ServiceEvent, ServiceState};

const STATISTICS: &str = "statistics";

fn add(definition: &str) -> Command {
    Command::AddService { service: NewService::Defined(definition.to_owned()) }
}

fn offered(name: &str) -> Command {
    Command::AddService { service: NewService::Offered(name.to_owned()) }
}

fn remove(name: &str) -> Command {
    Command::RemoveService { service: name.to_owned() }
}

/// A reader that begins where `reset` says.
fn reader(name: &str, reset: &str) -> String {
    format!(
        "{{\"name\":\"{name}\",\"summary\":\"reads\",\"consumes\":{{\"topics\":[\"{TOPIC}\"],\"group\":\"{name}\",\
         \"processing_us\":[1000,2000],\"config\":{{\"auto.offset.reset\":\"{reset}\"}}}}}}"
    )
}

/// How many records the topic has.
fn records(observed: &Observed) -> u64 {
    let logs = observed.partitions().filter_map(|it| observed.world.broker().log(it));
    logs.map(|log| log.records(Offset::ZERO, Isolation::ReadUncommitted).count() as u64).sum()
}

fn check_refused(command: Command, expect: &str) {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(2_000);
    let hash = observed.world.trace_hash();
    let refused = observed.watch(|world, observe| world.apply(command, observe)).map_err(|error| error.to_string());
    assert_eq!(refused, Err(expect.to_owned()));
    assert_eq!((observed.world.trace_hash(), observed.world.service_ids().count()), (hash, 3), "nothing has changed");
}

#[test]
fn one_that_joins_late_reads_from_the_beginning() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(20_000);
    let before = records(&observed);
    observed.apply(offered(STATISTICS));
    assert!(before > 20 && observed.account(STATISTICS).waiting >= before, "{before}");
    assert_eq!(observed.world.waiting(observed.id(STATISTICS)), observed.account(STATISTICS).waiting);
    observed.run_ms(500);
    assert_eq!(observed.world.service_state(observed.id(STATISTICS)), ServiceState::Joining);
    observed.drain();
    let account = observed.account(STATISTICS);
    assert_eq!((account.published, account.processed, account.lost), (records(&observed), records(&observed), 0));
    let caught_up = |event: &Event| matches!(event, Event::Service(ServiceEvent::CaughtUp { service }) if *service == observed.id(STATISTICS));
    assert!(observed.events.iter().any(|it| caught_up(&it.event)));
    let standings = observed.promises.standings(&observed.ledger, true);
    assert!(!standings.iter().any(|it| matches!(it.verdict, Verdict::Broken(_))), "{standings:?}");
}

#[test]
fn one_that_begins_at_the_end_has_nothing_to_do_with_what_was_before() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(20_000);
    let before = records(&observed);
    observed.apply(add(&reader("fraud", "latest")));
    assert_eq!(observed.account("fraud").published, 0);
    observed.drain();
    let account = observed.account("fraud");
    assert_eq!((account.published, account.waiting), (records(&observed) - before, 0));
    assert_eq!(account.processed, account.published, "also what came while it joined");
    assert_eq!(account.processed_again, 0);
}

#[test]
fn one_that_publishes_is_read_by_those_who_are_there() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(5_000);
    let returns = format!(
        "{{\"name\":\"returns\",\"summary\":\"sends back\",\"publishes\":{{\"topic\":\"{TOPIC}\",\"arrivals_per_min\":600,\
         \"first_number\":1,\"stages\":[{{\"name\":\"returned\",\"after_ms\":[0,0]}}],\"key\":\"return-{{number}}\",\
         \"value\":{{\"order\":\"{{key}}\",\"status\":\"{{stage}}\"}}}}}}"
    );
    observed.apply(add(&returns));
    let seen = observed.events.len();
    observed.run_ms(5_000);
    let published = observed.published_since(seen, "returns");
    assert!(published > 20, "{published}");
    observed.apply(remove("returns"));
    observed.run_ms(3_000);
    let seen = observed.events.len();
    assert_eq!(observed.world.service_id("returns"), None);
    observed.drain();
    assert!(
        !observed.events[seen..]
            .iter()
            .any(|it| matches!(it.event, Event::Appended { service: Some(id), .. } if id.0 == 3))
    );
    assert_eq!((observed.account(LOGISTICS).waiting, observed.account(LOGISTICS).lost), (0, 0));
}

#[test]
fn one_that_is_removed_finishes_commits_and_leaves_its_group_for_good() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(10_000);
    let id = observed.id(NOTIFICATIONS);
    let group = observed.group_id(NOTIFICATIONS);
    observed.publish(10);
    observed.run_ms(100);
    observed.apply(remove(NOTIFICATIONS));
    assert!(observed.world.is_leaving(id), "it has something in hand");
    observed.run_to(10_000, |event| matches!(event, Event::Service(ServiceEvent::Removed { .. })));
    assert!(observed.world.is_removed(id));
    observed.run_ms(100);
    assert_eq!(observed.world.broker().group(group).state(), GroupState::Empty);
    let left = observed.ledger.account(group);
    assert_eq!((left.processed + left.waiting, left.processed_again, left.lost), (left.published, 0, 0));
    observed.run_ms(10_000);
    assert_eq!(observed.ledger.account(group), left, "what comes later is none of its business");
    let refused = observed.watch(|world, observe| world.apply(switch(NOTIFICATIONS, true), observe));
    let expect = "there is no service \"notifications\"; there are: orders, logistics";
    assert_eq!(refused.map_err(|error| error.to_string()), Err(expect.to_owned()));
}

#[test]
fn one_that_comes_again_goes_on_where_its_group_has_committed() {
    let mut observed = Observed::new(busy(), SEED);
    observed.apply(offered(STATISTICS));
    observed.run_ms(10_000);
    observed.apply(remove(STATISTICS));
    observed.run_ms(5_000);
    assert_eq!(observed.world.service_id(STATISTICS), None);
    let before = records(&observed);
    observed.run_ms(5_000);
    observed.apply(offered(STATISTICS));
    let waiting = observed.account(STATISTICS).waiting;
    assert!(waiting > 0 && waiting < before, "{waiting} of {before}");
    observed.drain();
    let account = observed.account(STATISTICS);
    assert_eq!((account.waiting, account.lost, account.processed_again), (0, 0, 0));
    assert_eq!(account.processed, account.published);
}

#[test]
fn one_that_cannot_finish_goes_at_once_when_it_is_told_so_again() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(5_000);
    observed.apply(Command::SetConnected { service: ORDERS.to_owned(), connected: false });
    observed.run_ms(5_000);
    observed.apply(remove(ORDERS));
    observed.run_ms(5_000);
    assert_eq!(observed.world.service_state(observed.id(ORDERS)), ServiceState::Stopping);
    observed.apply(remove(ORDERS));
    assert_eq!(observed.world.service_id(ORDERS), None);
}

#[test]
fn one_that_is_to_go_stays_if_it_is_switched_on_again() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(5_000);
    let id = observed.id(LOGISTICS);
    observed.apply(remove(LOGISTICS));
    observed.apply(switch(LOGISTICS, true));
    observed.drain();
    assert!(!observed.world.is_removed(id));
    assert_eq!(observed.account(LOGISTICS).waiting, 0);
}

#[test]
fn a_run_with_services_that_come_and_go_is_the_same_again() {
    let run = || {
        let mut observed = Observed::new(busy(), SEED);
        observed.run_ms(5_000);
        observed.apply(offered(STATISTICS));
        observed.apply(configure(STATISTICS, "instances", "2"));
        observed.run_ms(5_000);
        observed.apply(remove(LOGISTICS));
        observed.run_ms(5_000);
        observed.apply(arrivals(0));
        observed.run_ms(5_000);
        observed.world.trace_hash()
    };
    assert_eq!(run(), run());
}

#[test]
fn what_is_wrong_with_a_definition_is_said_with_the_path() {
    check_refused(add("{"), "the service: it is no JSON: EOF while parsing an object at line 1 column 1");
    check_refused(add(&reader(LOGISTICS, "earliest")), "name: there is a service \"logistics\" already");
    let reset = "consumes.config[\"auto.offset.reset\"]: it is soon; it must be earliest, latest, none";
    check_refused(add(&reader("x", "soon")), reset);
    let topic = reader("x", "latest").replace(TOPIC, "nowhere");
    let topics: Vec<String> = busy().topics.iter().map(|topic| topic.name.to_string()).collect();
    let expect = format!("consumes.topics[0]: there is no topic \"nowhere\"; there are: {}", topics.join(", "));
    check_refused(add(&topic), &expect);
    let group = reader("x", "latest").replace("\"group\":\"x\"", "\"group\":\"logistics\"");
    check_refused(add(&group), "consumes.group: another service reads in group \"logistics\" already");
    check_refused(offered("nobody"), "this scenario offers no service \"nobody\"; it offers: statistics");
    check_refused(remove("nobody"), "there is no service \"nobody\"; there are: orders, logistics, notifications");
}
