//! A service that publishes: what waits while it is off, what does not fit, what is refused.

use super::observed::{ORDERS, Observed, TOPIC, arrivals, millis, publishes, switch};
use super::{LATENCY_MS, SEED, busy, partition, quiet};
use catchup::log::Offset;
use catchup::sim::{
    ARRIVALS_PER_MIN_MAX, Command, ENTITIES_MAX, Event, Limit, ServiceEvent, Stamped, Template, UNACKNOWLEDGED_MAX,
    WorldSpec,
};
use catchup::sorted::SortedMap;
use catchup::time::Span;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn orders_that_are_off_publish_nothing_and_afterwards_everything_that_became_due() {
    let mut spec = busy();
    publishes(&mut spec).arrivals_per_min = 0;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    observed.apply(switch(ORDERS, false));
    observed.run_ms(LATENCY_MS + 1);
    let (seen, on_their_way) = (observed.events.len(), observed.world.in_progress(observed.id(ORDERS)));
    observed.run_ms(30_000);
    assert_eq!(observed.published_since(seen, ORDERS), 0);
    assert_eq!(observed.world.in_progress(observed.id(ORDERS)), on_their_way);
    observed.apply(switch(ORDERS, true));
    observed.run_ms(100);
    let at_once = observed.published_since(seen, ORDERS);
    let waiting = on_their_way.expect("orders publishes") as u32;
    assert!(
        at_once >= waiting,
        "each of the {waiting} orders has an update that is overdue, and {at_once} were published"
    );
    observed.drain();
    assert_eq!(delivered(&observed).len(), 40, "orders that went through to the end");
}

#[test]
fn updates_that_do_not_fit_into_one_batch_are_published_in_several() {
    let mut spec = busy();
    spec.topics[0].partitions = 1;
    spec.topics[0].log.max_message_bytes = 1_024;
    publishes(&mut spec).arrivals_per_min = 0;
    let mut observed = Observed::new(spec, SEED);
    observed.apply(switch(ORDERS, false));
    observed.run_ms(10_000);
    observed.drain();
    assert_eq!(delivered(&observed).len(), 40, "orders that went through to the end");
}

#[test]
fn a_record_by_hand_may_be_as_large_as_the_topic_takes_and_not_a_byte_larger() {
    const MAX_MESSAGE_BYTES: usize = 1_024;
    let mut spec = quiet();
    spec.topics[0].log.max_message_bytes = MAX_MESSAGE_BYTES;
    let mut observed = Observed::new(spec, SEED);
    let headers: SortedMap<String, String> = ["source", "trace"].map(|it| (it.to_owned(), it.to_owned())).into();
    let record = |value_bytes| Command::Publish {
        topic: TOPIC.to_owned(),
        key: Some("hand".to_owned()),
        value: Some("x".repeat(value_bytes)),
        headers: headers.clone(),
        partition: Some(0),
    };
    let fits = |observed: &mut Observed, value_bytes| {
        observed.watch(|world, observe| world.apply(record(value_bytes), observe)).is_ok()
    };
    let value_bytes = (0..MAX_MESSAGE_BYTES).rev().find(|bytes| fits(&mut observed, *bytes)).expect("one that fits");
    observed.run_ms(1_000);
    assert_eq!(observed.log(partition(0)).len_bytes(), MAX_MESSAGE_BYTES, "the value has {value_bytes} bytes");
}

#[test]
fn tombstones_without_a_key_do_not_all_go_to_one_partition() {
    let mut observed = Observed::new(quiet(), SEED);
    let (topic, headers) = (TOPIC.to_owned(), SortedMap::new());
    let tombstone = Command::Publish { topic, key: None, value: None, headers, partition: None };
    (0..2_000).for_each(|_| observed.apply(tombstone.clone()));
    observed.run_ms(1_000);
    let used = observed.partitions().filter(|it| observed.log(*it).log_end_offset() > Offset::ZERO);
    assert!(used.count() > 1);
}

#[test]
fn an_update_that_the_topic_never_takes_is_refused_and_said_so() {
    let mut spec = busy();
    spec.topics[0].log.max_message_bytes = 1_024;
    publishes(&mut spec).arrivals_per_min = 0;
    let large = Template::parse(&"x".repeat(2_000), &[]).expect("a text without holes");
    publishes(&mut spec).value.push(("note".into(), large));
    let mut observed = Observed::new(spec, SEED);
    observed.drain();
    let id = observed.id(ORDERS);
    let refused = |stamped: &&Stamped| match stamped.event {
        Event::Service(ServiceEvent::Refused { service, .. }) => service == id,
        _ => false,
    };
    assert!(observed.events.iter().filter(refused).count() >= 40, "each of the 40 orders has an update at least");
    assert_eq!(observed.published_since(0, ORDERS), 0);
}

/// Orders alone, whose orders turn up by the thousand a second and are delivered so long after they were placed.
fn rush(delivered_after_ms: u64) -> WorldSpec {
    let mut spec = quiet();
    spec.services.retain(|service| &*service.name == ORDERS);
    (spec.topics[0].log.retention_ms, spec.topics[0].log.retention_bytes) = (None, None);
    let publishes = publishes(&mut spec);
    publishes.arrivals_per_min = ARRIVALS_PER_MIN_MAX;
    publishes.stages.truncate(2);
    publishes.stages[0].after = millis(0, 0);
    publishes.stages[1].after = millis(delivered_after_ms, delivered_after_ms);
    spec
}

/// The limits that were reached and left, in order.
fn limits(observed: &Observed) -> Vec<(Limit, bool)> {
    let limited = |stamped: &Stamped| match stamped.event {
        Event::Service(ServiceEvent::Limited { limit, reached, .. }) => Some((limit, reached)),
        _ => None,
    };
    observed.events.iter().filter_map(limited).collect()
}

#[test]
fn when_too_many_orders_are_on_their_way_new_ones_are_held_back_and_it_is_said() {
    let mut observed = Observed::new(rush(70_000), SEED);
    let id = observed.id(ORDERS);
    observed.run_ms(69_000);
    assert_eq!(limits(&observed), [(Limit::Entities, true)]);
    assert_eq!(observed.world.in_progress(id), Some(ENTITIES_MAX));
    observed.run_ms(11_000);
    assert_eq!(limits(&observed), [(Limit::Entities, true), (Limit::Entities, false)]);
    observed.apply(arrivals(0));
    observed.run_ms(80_000);
    assert_eq!(observed.world.in_progress(id), Some(0));
    assert_eq!(records_by_order(&observed).values().filter(|records| **records != 2).count(), 0);
}

/// With a producer that waits longer for its answers than they are under way, and puts all it has on the network at once.
fn patient(spec: &mut WorldSpec) {
    spec.network.latency = millis(20_000, 20_000);
    let config = &mut publishes(spec).config;
    (config.idempotence, config.in_flight_max) = (false, u32::MAX);
    (config.request_timeout, config.delivery_timeout) = (Span::from_ms(100_000), Span::from_ms(1_000_000));
}

#[test]
fn when_too_many_updates_are_unacknowledged_the_next_ones_wait_and_it_is_said() {
    let mut spec = rush(0);
    patient(&mut spec);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(15_000);
    observed.apply(arrivals(0));
    assert_eq!(limits(&observed), [(Limit::Unacknowledged, true)]);
    observed.run_ms(24_000);
    assert_eq!(observed.published_since(0, ORDERS) as usize, UNACKNOWLEDGED_MAX, "none of them is acknowledged yet");
    observed.run_ms(400_000);
    assert_eq!(limits(&observed).last(), Some(&(Limit::Unacknowledged, false)));
    let records = records_by_order(&observed);
    assert!(records.len() > 14_000, "{} orders", records.len());
    assert_eq!(records.values().filter(|records| **records != 2).count(), 0);
}

#[test]
fn what_waits_at_a_limit_survives_a_crash() {
    let mut spec = rush(0);
    patient(&mut spec);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(15_000);
    observed.apply(arrivals(0));
    observed.apply(switch(ORDERS, false));
    observed.run_ms(100_000);
    observed.apply(switch(ORDERS, true));
    observed.run_ms(400_000);
    let records = records_by_order(&observed);
    assert!(records.len() > 14_000, "{} orders", records.len());
    assert_eq!(records.values().filter(|records| **records < 2).count(), 0, "what was sent again is there twice");
}

/// How many records there are of each order.
fn records_by_order(observed: &Observed) -> BTreeMap<Vec<u8>, u32> {
    let mut records = BTreeMap::new();
    for log in observed.partitions().map(|it| observed.log(it)) {
        for record in log.records_from(log.log_start_offset()) {
            *records.entry(record.key.expect("orders have keys").to_vec()).or_default() += 1;
        }
    }
    records
}

/// The orders whose last stage is in the log.
fn delivered(observed: &Observed) -> BTreeSet<String> {
    let records = observed.partitions().flat_map(|it| observed.log(it).records_from(Offset::ZERO).collect::<Vec<_>>());
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    records.filter(|it| text(it.value).contains("\"status\":\"delivered\"")).map(|it| text(it.key)).collect()
}
