//! What a scenario file may hold. The first thing that is wrong is reported, with the path to it.

use super::file::{
    BrokerFile, ConsumesFile, EntityFile, PublishesFile, ScenarioFile, ServiceFile, StageFile, TopicFile,
};
use super::texts;
use super::{Scenario, ScenarioError, member};
use crate::broker::{BrokerConfig, TopicConfig};
use crate::log::{LogConfig, TopicId};
use crate::sim::{
    ARRIVALS_PER_MIN_MAX, ConsumesSpec, FieldSpec, INSTANCES_MAX, NetworkSpec, PublishesSpec, ServiceSpec, Spread,
    StageSpec, WorldSpec,
};
use crate::time::{Instant, Span};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// The version of the format that is read.
const VERSION: u32 = 1;
/// The longest time that a file can name: a day.
const MS_MAX: u64 = 86_400_000;
/// How far into a run the page can open: an hour.
const OPENS_AT_MS_MAX: u64 = 3_600_000;
const TOPICS_MAX: usize = 32;
const PARTITIONS_MAX: u32 = 128;
const SERVICES_MAX: usize = 32;
const STAGES_MAX: usize = 32;
const FIELDS_MAX: usize = 32;
const IN_PROGRESS_MAX: u32 = 10_000;
const NAME_CHARS_MAX: usize = 64;

type Checked<T> = Result<T, ScenarioError>;

pub(super) fn scenario_of(file: &ScenarioFile) -> Checked<Scenario> {
    if file.version != VERSION {
        let reason = format!("this page reads version {VERSION}, and the file is of version {}", file.version);
        return Err(ScenarioError::new("version", reason));
    }
    check_topics(&file.topics)?;
    check_services(&file.services)?;
    let topics: Vec<&str> = file.topics.iter().map(|topic| topic.name.as_str()).collect();
    let texts_known = texts::known_by_topic(file);
    let services = file.services.iter().enumerate();
    let services = services.map(|(index, service)| service_of(service, &at("services", index), &topics, &texts_known));
    Ok(Scenario {
        name: name_of(&file.name, "name")?,
        title: text_of(&file.title, "title")?,
        summary: text_of(&file.summary, "summary")?,
        entity: entity_of(&file.entity)?,
        opens_at: Instant::from_ms(within(file.opens_at_ms, 0..=OPENS_AT_MS_MAX, "opens_at_ms")?),
        world: Arc::new(WorldSpec {
            broker: broker_of(&file.broker)?,
            network: NetworkSpec { latency: spread_us(file.network.latency_us, "network.latency_us")? },
            services: services.collect::<Checked<_>>()?,
            topics: file
                .topics
                .iter()
                .enumerate()
                .map(|(index, topic)| topic_of(topic, &at("topics", index)))
                .collect::<Checked<_>>()?,
        }),
    })
}

fn check_topics(topics: &[TopicFile]) -> Checked<()> {
    count(topics.len(), 1..=TOPICS_MAX, "topics")?;
    unique(topics.iter().map(|topic| topic.name.as_str()), "topics", "topic")
}

fn check_services(services: &[ServiceFile]) -> Checked<()> {
    count(services.len(), 1..=SERVICES_MAX, "services")?;
    unique(services.iter().map(|service| service.name.as_str()), "services", "service")?;
    let groups = services.iter().enumerate().filter_map(|(index, service)| Some((index, service.consumes.as_ref()?)));
    let mut seen: Vec<&str> = Vec::new();
    for (index, consumes) in groups {
        if seen.contains(&consumes.group.as_str()) {
            let reason = format!("another service reads in group \"{}\" already", consumes.group);
            return Err(ScenarioError::new(format!("services[{index}].consumes.group"), reason));
        }
        seen.push(&consumes.group);
    }
    Ok(())
}

fn entity_of(entity: &EntityFile) -> Checked<(Arc<str>, Arc<str>)> {
    Ok((text_of(&entity.singular, "entity.singular")?, text_of(&entity.plural, "entity.plural")?))
}

fn broker_of(file: &BrokerFile) -> Checked<BrokerConfig> {
    let default = BrokerConfig::default();
    let span = |ms, default, range, path: &str| optional_ms(ms, default, range, path);
    Ok(BrokerConfig {
        group_initial_rebalance_delay: span(
            file.group_initial_rebalance_delay_ms,
            default.group_initial_rebalance_delay,
            0..=60_000,
            "broker[\"group.initial.rebalance.delay.ms\"]",
        )?,
        log_retention_check_interval: span(
            file.log_retention_check_interval_ms,
            default.log_retention_check_interval,
            1..=MS_MAX,
            "broker[\"log.retention.check.interval.ms\"]",
        )?,
    })
}

fn topic_of(file: &TopicFile, path: &str) -> Checked<TopicConfig> {
    let default = LogConfig::default();
    let config = &file.config;
    let setting = |name: &str| member(&format!("{path}.config"), name);
    let bytes = |bytes: Option<u64>, default: usize, range: RangeInclusive<u64>, name: &str| {
        bytes.map_or(Ok(default), |bytes| within(bytes, range, &setting(name)).map(|bytes| bytes as usize))
    };
    let or_unlimited = |limit: Option<i64>, name: &str| match limit {
        None | Some(-1) => Ok(None),
        Some(limit) if limit >= 0 => Ok(Some(limit)),
        Some(limit) => {
            Err(ScenarioError::new(setting(name), format!("it is {limit}; it must be at least 0, or -1 for no limit")))
        }
    };
    Ok(TopicConfig {
        name: name_of(&file.name, &format!("{path}.name"))?,
        partitions: within(file.partitions, 1..=PARTITIONS_MAX, &format!("{path}.partitions"))?,
        log: LogConfig {
            segment_bytes: bytes(config.segment_bytes, default.segment_bytes, 1_024..=1 << 30, "segment.bytes")?,
            max_message_bytes: bytes(
                config.max_message_bytes,
                default.max_message_bytes,
                1_024..=1 << 24,
                "max.message.bytes",
            )?,
            retention_ms: or_unlimited(config.retention_ms, "retention.ms")?,
            retention_bytes: or_unlimited(config.retention_bytes, "retention.bytes")?.map(i64::unsigned_abs),
            ..default
        },
    })
}

fn service_of(file: &ServiceFile, path: &str, topics: &[&str], known: &texts::KnownByTopic) -> Checked<ServiceSpec> {
    if file.publishes.is_none() && file.consumes.is_none() {
        return Err(ScenarioError::new(path, "a service publishes, or consumes, or both; this one does neither"));
    }
    let publishes = file.publishes.as_ref();
    let consumes = file.consumes.as_ref();
    Ok(ServiceSpec {
        name: name_of(&file.name, &format!("{path}.name"))?,
        summary: text_of(&file.summary, &format!("{path}.summary"))?,
        publishes: publishes.map(|it| publishes_of(it, &format!("{path}.publishes"), topics)).transpose()?,
        consumes: consumes.map(|it| consumes_of(it, &format!("{path}.consumes"), topics, known)).transpose()?,
    })
}

fn publishes_of(file: &PublishesFile, path: &str, topics: &[&str]) -> Checked<PublishesSpec> {
    let field = |name: &str| format!("{path}.{name}");
    count(file.stages.len(), 1..=STAGES_MAX, &field("stages"))?;
    count(file.fields.len(), 0..=FIELDS_MAX, &field("fields"))?;
    let templates = texts::published(file, path)?;
    Ok(PublishesSpec {
        topic: topic_called(&file.topic, topics, &field("topic"))?,
        arrivals_per_min: within(file.arrivals_per_min, 0..=ARRIVALS_PER_MIN_MAX, &field("arrivals_per_min"))?,
        in_progress_at_start: within(file.in_progress_at_start, 0..=IN_PROGRESS_MAX, &field("in_progress_at_start"))?,
        first_number: within(file.first_number, 0..=1_000_000_000, &field("first_number"))?,
        fields: file.fields.iter().map(|(name, pick)| field_of(name, pick, path)).collect::<Checked<_>>()?,
        stages: file
            .stages
            .iter()
            .enumerate()
            .map(|(index, stage)| stage_of(stage, &at(&field("stages"), index)))
            .collect::<Checked<_>>()?,
        key: templates.key,
        value: templates.value,
        headers: templates.headers,
    })
}

fn field_of(name: &str, pick: &[String], path: &str) -> Checked<FieldSpec> {
    let path = member(&format!("{path}.fields"), name);
    if pick.is_empty() {
        return Err(ScenarioError::new(path, "it lists nothing to pick from"));
    }
    Ok(FieldSpec { name: name.into(), pick: pick.iter().map(|text| text.as_str().into()).collect() })
}

fn stage_of(file: &StageFile, path: &str) -> Checked<StageSpec> {
    let [min, max] = file.after_ms;
    let path_after = format!("{path}.after_ms");
    within(max, 0..=MS_MAX, &path_after)?;
    in_order(min, max, &path_after)?;
    let after = Spread { min: Span::from_ms(min), max: Span::from_ms(max) };
    Ok(StageSpec { name: text_of(&file.name, &format!("{path}.name"))?, after })
}

fn consumes_of(file: &ConsumesFile, path: &str, topics: &[&str], known: &texts::KnownByTopic) -> Checked<ConsumesSpec> {
    let field = |name: &str| format!("{path}.{name}");
    let setting = |name: &str| member(&format!("{path}.config"), name);
    count(file.topics.len(), 1..=TOPICS_MAX, &field("topics"))?;
    unique(file.topics.iter().map(String::as_str), &field("topics"), "topic")?;
    let config = &file.config;
    let session =
        optional_ms(config.session_timeout_ms, Span::from_ms(45_000), 100..=MS_MAX, &setting("session.timeout.ms"))?;
    let heartbeat = optional_ms(
        config.heartbeat_interval_ms,
        Span::from_ms(3_000),
        10..=MS_MAX,
        &setting("heartbeat.interval.ms"),
    )?;
    if heartbeat >= session {
        let reason =
            format!("it is {}, which must be less than session.timeout.ms, {}", heartbeat.as_ms(), session.as_ms());
        return Err(ScenarioError::new(setting("heartbeat.interval.ms"), reason));
    }
    Ok(ConsumesSpec {
        topics: (0..)
            .zip(&file.topics)
            .map(|(index, topic)| topic_called(topic, topics, &at(&field("topics"), index)))
            .collect::<Checked<_>>()?,
        group: name_of(&file.group, &field("group"))?,
        instances: within(file.instances, 1..=INSTANCES_MAX, &field("instances"))?,
        processing: spread_us(file.processing_us, &field("processing_us"))?,
        max_poll_records: within(config.max_poll_records.unwrap_or(500), 1..=10_000, &setting("max.poll.records"))?,
        session_timeout: session,
        heartbeat_interval: heartbeat,
        max_poll_interval: optional_ms(
            config.max_poll_interval_ms,
            Span::from_ms(300_000),
            100..=MS_MAX,
            &setting("max.poll.interval.ms"),
        )?,
        outcome: file
            .effect
            .as_ref()
            .map(|it| texts::outcome(it, &field("effect"), &file.topics, known))
            .transpose()?,
    })
}

fn topic_called(name: &str, topics: &[&str], path: &str) -> Checked<TopicId> {
    let index = topics.iter().position(|topic| *topic == name);
    index.map(|index| TopicId(index as u16)).ok_or_else(|| {
        ScenarioError::new(path, format!("there is no topic \"{name}\"; there are: {}", topics.join(", ")))
    })
}

fn spread_us([min, max]: [u64; 2], path: &str) -> Checked<Spread> {
    within(max, 1..=MS_MAX * 1_000, path)?;
    in_order(min, max, path)?;
    Ok(Spread { min: Span::from_us(min), max: Span::from_us(max) })
}

fn optional_ms(ms: Option<u64>, default: Span, range: RangeInclusive<u64>, path: &str) -> Checked<Span> {
    ms.map_or(Ok(default), |ms| within(ms, range, path).map(Span::from_ms))
}

/// A name goes into commands, links and headings: letters, digits, dot, dash and underscore, as Kafka has it for topics.
fn name_of(name: &str, path: &str) -> Checked<Arc<str>> {
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.chars().all(is_legal) {
        let reason = format!(
            "\"{name}\" is no name; a name has 1 to {NAME_CHARS_MAX} letters, digits, dots, dashes or underscores"
        );
        return Err(ScenarioError::new(path, reason));
    }
    Ok(name.into())
}

fn text_of(text: &str, path: &str) -> Checked<Arc<str>> {
    if text.trim().is_empty() {
        return Err(ScenarioError::new(path, "it is empty"));
    }
    Ok(text.into())
}

fn within<T: PartialOrd + Copy + std::fmt::Display>(value: T, range: RangeInclusive<T>, path: &str) -> Checked<T> {
    if range.contains(&value) {
        return Ok(value);
    }
    Err(ScenarioError::new(path, format!("it is {value}; it must be from {} to {}", range.start(), range.end())))
}

fn count(len: usize, range: RangeInclusive<usize>, path: &str) -> Checked<()> {
    if range.contains(&len) {
        return Ok(());
    }
    Err(ScenarioError::new(
        path,
        format!("it has {len} entries; it must have from {} to {}", range.start(), range.end()),
    ))
}

fn in_order(min: u64, max: u64, path: &str) -> Checked<()> {
    if min <= max {
        return Ok(());
    }
    Err(ScenarioError::new(path, format!("the smaller number comes first, not [{min}, {max}]")))
}

fn unique<'a>(names: impl Iterator<Item = &'a str>, path: &str, kind: &str) -> Checked<()> {
    let mut seen = Vec::new();
    for (index, name) in names.enumerate() {
        if seen.contains(&name) {
            return Err(ScenarioError::new(at(path, index), format!("there is a {kind} \"{name}\" already")));
        }
        seen.push(name);
    }
    Ok(())
}

fn at(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}
