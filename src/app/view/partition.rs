//! One partition laid open: its offsets, its segments, what retention and compaction do to them, and its topic's settings.

use super::brokers::replica_facts;
use super::settings::other_default;
use super::text::{clock, count, grouped};
use crate::app::refusal::Owner;
use crate::app::{Model, Refusal};
use crate::broker::Broker;
use crate::log::{
    Isolation, Log, LogConfig, RetentionForecast, RetentionReason, Segment, Setting, TopicId, TopicPartition,
};
use crate::time::Instant;
use std::rc::Rc;

/// How many segments are shown one by one; of older ones, only how many there are.
const SEGMENTS_SHOWN_MAX: usize = 12;
/// How many of the records that compaction has kept are shown.
const SURVIVORS_SHOWN_MAX: usize = 24;

/// A partition that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionView {
    /// What it lies over, and leads back to.
    pub back: Option<String>,
    /// The partition.
    pub partition: TopicPartition,
    /// Its topic.
    pub topic: Rc<str>,
    /// Its offsets and its size: what it is, how much, what it means.
    pub facts: Vec<(&'static str, String, &'static str)>,
    /// How many segments there are before those shown.
    pub older_segments: usize,
    /// The newest segments, oldest first.
    pub segments: Vec<SegmentView>,
    /// What retention will delete next, and when.
    pub retention: String,
    /// What compaction has done and will do; `None` if the topic is not compacted.
    pub compaction: Option<CompactionView>,
    /// The topic's settings.
    pub settings: Rc<SettingsView>,
}

/// A segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentView {
    /// The offset of its first record.
    pub base_offset: i64,
    /// Its first and last offset.
    pub offsets: String,
    /// Its size and what it is.
    pub text: String,
    /// Its size beside the largest there is, in thousandths.
    pub size_per_mille: u32,
    /// Whether records are still being appended to it.
    pub is_active: bool,
    /// Whether compaction has been over it.
    pub is_clean: bool,
}

/// What compaction has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompactionView {
    /// How much is new, and when it will be looked at.
    pub text: String,
    /// The oldest records that it has kept: the offset, and whether it is a tombstone.
    pub survivors: Vec<(i64, bool)>,
}

/// The settings of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsView {
    /// The topic.
    pub topic: Rc<str>,
    /// Each setting.
    pub values: Vec<TopicSetting>,
}

/// A setting of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSetting {
    /// Which.
    pub of: Setting,
    /// Its value.
    pub value: String,
    /// What was refused when it was changed last, if it was.
    pub refused: Option<Refusal>,
    /// What Kafka's default is, if that is another value.
    pub in_kafka: Option<String>,
    /// Why it has no effect now, if it has none.
    pub no_effect: Option<String>,
}

/// The partition that is looked at, if any is.
#[inline(never)]
pub fn partition(model: &Model) -> Option<PartitionView> {
    let partition = model.looked_into()?;
    let broker = model.world().broker();
    let (topic, log) = (broker.topic(partition.topic), broker.log(partition)?);
    let name: Rc<str> = Rc::from(&**topic.name());
    let now = model.world().now();
    let segments = log.segments().count();
    let older_segments = segments.saturating_sub(SEGMENTS_SHOWN_MAX);
    let largest = log.segments().map(Segment::len_bytes).max().unwrap_or(0);
    Some(PartitionView {
        back: model.back_to(),
        partition,
        facts: facts(log).into_iter().chain(broker.replicas(partition).into_iter().flat_map(replica_facts)).collect(),
        older_segments,
        segments: log
            .segments()
            .skip(older_segments)
            .zip(older_segments + 1..)
            .map(|(segment, number)| segment_view(log, segment, largest, number == segments))
            .collect(),
        retention: retention(broker, log, now),
        compaction: log.config().cleanup_policy.compacts().then(|| compaction(broker, log, now)),
        settings: Rc::new(settings(model, partition.topic, &name, topic.config())),
        topic: name,
    })
}

fn settings(model: &Model, id: TopicId, topic: &Rc<str>, config: &LogConfig) -> SettingsView {
    let value = |of: Setting| TopicSetting {
        of,
        value: config.value(of),
        refused: model.refusal_of(Owner::Topic(id), of.name()),
        in_kafka: other_default(of.kafka_default(), &config.value(of)),
        no_effect: config.no_effect(of),
    };
    let values = Setting::ALL.into_iter().map(value);
    SettingsView { topic: topic.clone(), values: values.collect() }
}

fn facts(log: &Log) -> Vec<(&'static str, String, &'static str)> {
    let offset = |offset: crate::log::Offset| grouped(offset.0.max(0) as u64);
    vec![
        ("Log start offset", offset(log.log_start_offset()), "the earliest offset: nothing below it can be read"),
        (
            "High watermark",
            offset(log.high_watermark()),
            "readers see only what is below: every in-sync replica has it",
        ),
        (
            "Last stable offset",
            offset(log.last_stable_offset()),
            "no transaction is open below it: read_committed readers stop here",
        ),
        ("Log end offset", offset(log.log_end_offset()), "the offset that the next record gets"),
        ("Size", bytes(log.len_bytes()), "all segments together"),
    ]
}

fn segment_view(log: &Log, segment: &Segment, largest: usize, is_active: bool) -> SegmentView {
    let (base, end) = (segment.base_offset(), segment.end_offset());
    let last = end.0 - 1;
    let offsets = match last - base.0 {
        ..0 => format!("from {}", grouped(base.0 as u64)),
        0 => grouped(base.0 as u64),
        1.. => format!("{}–{}", grouped(base.0 as u64), grouped(last as u64)),
    };
    let is_clean = log.config().cleanup_policy.compacts() && log.clean_offset().is_some_and(|clean| end <= clean);
    let state = match (is_active, is_clean) {
        (true, _) => "active",
        (false, true) => "compacted",
        (false, false) => "closed",
    };
    SegmentView {
        base_offset: base.0,
        offsets,
        text: format!("{}, {state}", bytes(segment.len_bytes())),
        size_per_mille: (segment.len_bytes() * 1_000).checked_div(largest).unwrap_or(0) as u32,
        is_active,
        is_clean,
    }
}

fn retention(broker: &Broker, log: &Log, now: Instant) -> String {
    let oldest = log.segments().next().map_or_else(String::new, |segment| {
        let last = (segment.end_offset().0 - 1).max(segment.base_offset().0);
        format!("The oldest segment, offsets {} to {},", grouped(segment.base_offset().0 as u64), grouped(last as u64))
    });
    let look = clock(broker.next_retention_check());
    match log.retention_forecast(now.timestamp_ms()) {
        RetentionForecast::Due(reason) => {
            let reason = match reason {
                RetentionReason::BelowLogStart => "it lies below the log start offset",
                RetentionReason::Size => "the rest alone is at least retention.bytes",
                RetentionReason::Time => "its youngest record is older than retention.ms",
            };
            format!("{oldest} goes at {look}, at the next look: {reason}.")
        }
        RetentionForecast::After { .. } if log.segments().count() == 1 => {
            "The only segment is still being written: it goes once its newest record is older than retention.ms, so not while records keep coming.".to_owned()
        }
        RetentionForecast::After { time_ms } => {
            let at = clock(Instant::from_ms(u64::try_from(time_ms).unwrap_or(0)));
            format!("{oldest} goes after {at}, when its youngest record is as old as retention.ms.")
        }
        RetentionForecast::AfterBytes { bytes: left } => {
            format!("{oldest} goes once {} more have come in.", bytes(usize::try_from(left).unwrap_or(usize::MAX)))
        }
        RetentionForecast::Never if log.config().cleanup_policy.deletes() => {
            "Nothing is deleted: retention has no limit, or there is nothing to delete.".to_owned()
        }
        RetentionForecast::Never => "Nothing is deleted by age or size: cleanup.policy is compact.".to_owned(),
    }
}

fn compaction(broker: &Broker, log: &Log, now: Instant) -> CompactionView {
    let look = clock(broker.next_cleaner_check());
    let dirty = log.dirty_percent(now.timestamp_ms());
    let text = format!(
        "Dirty ratio: {dirty}% of what may be cleaned has not been cleaned yet. Cleaning starts above {}% (min.cleanable.dirty.ratio); the next look is at {look}.",
        log.config().min_cleanable_dirty_percent
    );
    let clean = log.clean_offset().unwrap_or(log.log_start_offset());
    let kept = log.records(log.log_start_offset(), Isolation::ReadUncommitted).take_while(|it| it.offset < clean);
    let shown = kept.take(SURVIVORS_SHOWN_MAX).map(|record| (record.offset.0, record.value.is_none()));
    CompactionView { text, survivors: shown.collect() }
}

/// `512 bytes`, `12 kB`, `3.4 MB`.
fn bytes(bytes: usize) -> String {
    match bytes {
        0..1_000 => count(bytes as u64, "byte", "bytes"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Msg, update};
    use crate::log::{PartitionId, TopicId};
    use crate::scenario::shipped;
    use crate::sim::Command;

    fn opened() -> Model {
        let mut model = Model::new(shipped("delivery").expect("a valid scenario"), 1);
        let partition = TopicPartition { topic: TopicId(0), partition: PartitionId(0) };
        update(&mut model, Msg::OpenPartition(Some(partition)));
        model
    }

    fn set(model: &mut Model, name: &str, value: &str) {
        let (topic, name, value) = ("order-status".to_owned(), name.to_owned(), value.to_owned());
        update(model, Msg::Do(Command::SetTopicConfig { topic, name, value }));
    }

    fn view(model: &Model) -> PartitionView {
        partition(model).expect("a partition is open")
    }

    fn value(view: &PartitionView, setting: Setting) -> &str {
        let found = view.settings.values.iter().find(|it| it.of == setting);
        found.map_or("", |it| &it.value)
    }

    /// What is said at the settings of a change that was refused.
    fn refusals(view: &PartitionView) -> Vec<(Setting, &str)> {
        let values = view.settings.values.iter();
        values.filter_map(|it| Some((it.of, &*it.refused.as_ref()?.why))).collect()
    }

    #[test]
    fn a_setting_that_is_changed_is_shown() {
        let mut model = opened();
        set(&mut model, "retention.ms", "60000");
        assert_eq!(value(&view(&model), Setting::RetentionMs), "60000");
        assert_eq!(refusals(&view(&model)), []);
    }

    #[test]
    fn a_setting_that_is_refused_says_why_and_stays() {
        let mut model = opened();
        let before = view(&model);
        set(&mut model, "segment.bytes", "none");
        let after = view(&model);
        assert_eq!(value(&after, Setting::SegmentBytes), value(&before, Setting::SegmentBytes));
        let [(at, why)] = refusals(&after)[..] else { panic!("it is said at one setting") };
        assert_eq!(at, Setting::SegmentBytes);
        assert!(why.contains("segment.bytes is \"none\"; it must be a whole number"), "{why}");
    }

    #[test]
    fn what_else_goes_wrong_is_not_said_beside_the_settings() {
        let mut model = opened();
        update(&mut model, Msg::Complain("the file is damaged".to_owned()));
        assert_eq!(refusals(&view(&model)), []);
        set(&mut model, "segment.bytes", "none");
        assert_eq!(model.notice.as_ref().map(|notice| &*notice.text), None, "it is said once");
    }

    #[test]
    fn segments_and_what_retention_will_do_are_told() {
        let mut model = opened();
        set(&mut model, "segment.bytes", "20000");
        set(&mut model, "retention.ms", "120000");
        model.advance_to(Instant::from_ms(3_600_000));
        let view = view(&model);
        assert!(view.segments.len() > 1, "{:?}", view.segments);
        assert!(view.segments.last().is_some_and(|segment| segment.is_active));
        assert!(view.retention.starts_with("The oldest segment, offsets "), "{}", view.retention);
        assert_eq!(view.facts[0].0, "Log start offset");
        assert_ne!(view.facts[0].1, "0", "retention has deleted something");
    }

    #[test]
    fn compaction_shows_what_survives() {
        let mut model = opened();
        assert_eq!(view(&model).compaction, None);
        set(&mut model, "segment.bytes", "20000");
        set(&mut model, "cleanup.policy", "compact");
        model.advance_to(Instant::from_ms(3_600_000));
        let view = view(&model);
        let compaction = view.compaction.expect("the topic is compacted");
        assert_eq!(compaction.survivors.len(), SURVIVORS_SHOWN_MAX);
        assert!(compaction.survivors.is_sorted());
        assert!(view.segments.iter().any(|segment| segment.is_clean), "{:?}", view.segments);
    }
}
