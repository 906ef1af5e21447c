//! What compaction removes while readers are at work or away, and topic settings that are changed during a run.

use super::observed::{LOGISTICS, NOTIFICATIONS, Observed, TOPIC, publishes, switch};
use super::{SEED, busy};
use catchup::broker::LogFact;
use catchup::log::{CleanupPolicy, Isolation, Offset, Setting, TopicId};
use catchup::sim::{Command, CommandError, Event, WorldSpec};
use catchup::time::Span;
use std::collections::BTreeMap;

/// A system whose topic keeps the last update of each order.
fn compacted() -> WorldSpec {
    let mut spec = busy();
    spec.topics[0].log.segment_bytes = 1_024;
    spec.topics[0].log.cleanup_policy = CleanupPolicy::Compact;
    spec.broker.log_cleaner_backoff = Span::from_ms(1_000);
    publishes(&mut spec).arrivals_per_min = 300;
    spec
}

fn set(name: &str, value: &str) -> Command {
    Command::SetTopicConfig { topic: TOPIC.to_owned(), name: name.to_owned(), value: value.to_owned() }
}

fn removed(observed: &Observed) -> u64 {
    let removed = observed.events.iter().map(|stamped| match &stamped.event {
        Event::Log(LogFact::Compacted { removed, .. }) => removed.len() as u64,
        _ => 0,
    });
    removed.sum()
}

/// The last value of each key, as a reader of the whole topic sees it.
fn last_values(observed: &Observed) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let logs = observed.partitions().map(|partition| observed.log(partition));
    let records = logs.flat_map(|log| log.records(Offset::ZERO, Isolation::ReadUncommitted));
    records.filter_map(|record| Some((record.key?.to_vec(), record.value?.to_vec()))).collect()
}

#[test]
fn compaction_keeps_the_last_update_of_every_order() {
    let mut untouched = compacted();
    untouched.topics[0].log.cleanup_policy = CleanupPolicy::Delete;
    let [mut compacted, mut untouched] = [compacted(), untouched].map(|spec| Observed::new(spec, SEED));
    compacted.run_ms(60_000);
    untouched.run_ms(60_000);
    assert!(removed(&compacted) > 100, "{} records were removed", removed(&compacted));
    assert_eq!(last_values(&compacted), last_values(&untouched));
    for (one, other) in compacted.partitions().zip(untouched.partitions()) {
        let (one, other) = (compacted.log(one), untouched.log(other));
        assert_eq!(one.log_end_offset(), other.log_end_offset(), "offsets are never given out anew");
        assert!(one.len_bytes() < other.len_bytes());
    }
}

#[test]
fn a_service_that_was_away_misses_only_what_was_replaced() {
    let mut observed = Observed::new(compacted(), SEED);
    observed.run_ms(10_000);
    observed.apply(switch(NOTIFICATIONS, false));
    observed.run_ms(60_000);
    observed.drain();
    let (away, present) = (observed.account(NOTIFICATIONS), observed.account(LOGISTICS));
    assert!(away.compacted > 0, "{away:?}");
    assert_eq!((away.lost, away.waiting, present.lost, present.waiting), (0, 0, 0, 0));
    assert_eq!(away.published, away.processed + away.compacted);
    assert!(present.compacted < away.compacted, "who keeps up misses less: {present:?} and {away:?}");
}

#[test]
fn a_topic_can_be_compacted_from_some_moment_on() {
    let mut spec = compacted();
    spec.topics[0].log.cleanup_policy = CleanupPolicy::Delete;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(30_000);
    assert_eq!(removed(&observed), 0);
    observed.apply(set("cleanup.policy", "compact"));
    observed.run_ms(5_000);
    assert!(removed(&observed) > 0);
    let changed =
        Event::TopicConfigured { topic: TopicId(0), setting: Setting::CleanupPolicy, value: "compact".into() };
    assert!(observed.events.iter().any(|stamped| stamped.event == changed));
}

#[test]
fn a_setting_that_is_refused_stays_as_it_was() {
    let mut observed = Observed::new(compacted(), SEED);
    let before = observed.world.broker().topic(TopicId(0)).config().clone();
    for (name, value, expect) in [
        (
            "segment.bytes",
            "12",
            "InvalidConfig: segment.bytes is \"12\"; it must be a whole number from 1024 to 1073741824",
        ),
        ("retention.hours", "1", "InvalidConfig: there is no topic setting \"retention.hours\""),
    ] {
        let refused = observed.watch(|world, observe| world.apply(set(name, value), observe));
        let error = refused.expect_err("it is refused");
        assert!(matches!(error, CommandError::Config(_)), "{error:?}");
        assert!(error.to_string().starts_with(expect), "{error}");
    }
    assert_eq!(*observed.world.broker().topic(TopicId(0)).config(), before);
    assert!(observed.world.commands().is_empty());
}
