//! A service that publishes: what waits while it is off, what does not fit, what is refused.

use super::observed::{ORDERS, Observed, publishes, switch};
use super::{LATENCY_MS, SEED, busy};
use catchup::log::Offset;
use catchup::sim::{Event, Stamped, Template};
use std::collections::BTreeSet;

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
fn an_update_that_the_topic_never_takes_is_refused_and_said_so() {
    let mut spec = busy();
    spec.topics[0].log.max_message_bytes = 1_024;
    publishes(&mut spec).arrivals_per_min = 0;
    let large = Template::parse(&"x".repeat(2_000), &[]).expect("a text without holes");
    publishes(&mut spec).value.push(("note".into(), large));
    let mut observed = Observed::new(spec, SEED);
    observed.drain();
    let id = observed.id(ORDERS);
    let refused = |stamped: &&Stamped| matches!(stamped.event, Event::Refused { service, .. } if service == id);
    assert!(observed.events.iter().filter(refused).count() >= 40, "each of the 40 orders has an update at least");
    assert_eq!(observed.published_since(0, ORDERS), 0);
}

/// The orders whose last stage is in the log.
fn delivered(observed: &Observed) -> BTreeSet<String> {
    let records = observed.partitions().flat_map(|it| observed.log(it).records_from(Offset::ZERO).collect::<Vec<_>>());
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    records.filter(|it| text(it.value).contains("\"status\":\"delivered\"")).map(|it| text(it.key)).collect()
}
