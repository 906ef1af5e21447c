//! The services of a scenario file: what they publish, what they read.

use super::file::TOPICS_MAX;
use super::texts::{self, KnownByTopic};
use super::values::{Checked, MS_MAX, count, name_of, optional_ms, spread_ms, spread_us, text_of, unique};
use crate::broker::TopicConfig;
use crate::json::{Members, Place};
use crate::log::TopicId;
use crate::sim::{ARRIVALS_PER_MIN_MAX, ConsumesSpec, FieldSpec, INSTANCES_MAX, PublishesSpec, ServiceSpec, StageSpec};
use crate::time::Span;

const SERVICES_MAX: usize = 32;
const STAGES_MAX: usize = 32;
const FIELDS_MAX: usize = 32;
const IN_PROGRESS_MAX: u64 = 10_000;
const FIRST_NUMBER_MAX: u64 = 1_000_000_000;
const POLL_RECORDS_MAX: u64 = 10_000;

const PUBLISHES: [&str; 9] = [
    "topic",
    "arrivals_per_min",
    "in_progress_at_start",
    "first_number",
    "fields",
    "stages",
    "key",
    "value",
    "headers",
];
const CONSUMES: [&str; 6] = ["topics", "group", "instances", "processing_us", "config", "effect"];
const CONFIG: [&str; 4] = ["max.poll.records", "session.timeout.ms", "heartbeat.interval.ms", "max.poll.interval.ms"];

/// All services. What some publish is read before what others read of it, so that texts can be checked.
pub(super) fn services_of(services: &Place, topics: &[TopicConfig]) -> Checked<Vec<ServiceSpec>> {
    let list = services.list()?;
    count(services, list.len(), 1..=SERVICES_MAX)?;
    let members: Vec<Members> =
        list.iter().map(|it| it.object(&["name", "summary", "publishes", "consumes"])).collect::<Checked<_>>()?;
    let mut specs: Vec<ServiceSpec> =
        list.iter().zip(&members).map(|(place, service)| service_of(place, service, topics)).collect::<Checked<_>>()?;
    unique(list.iter().zip(specs.iter().map(|spec| &*spec.name)), "service")?;
    let known = texts::known_by_topic(&specs);
    for (spec, service) in specs.iter_mut().zip(&members) {
        let consumes = service.optional("consumes");
        spec.consumes = consumes.map(|consumes| consumes_of(&consumes, topics, &known)).transpose()?;
    }
    check_groups(&members, &specs)?;
    Ok(specs)
}

/// A service, without what it reads.
fn service_of(place: &Place, service: &Members, topics: &[TopicConfig]) -> Checked<ServiceSpec> {
    let publishes = service.optional("publishes");
    if publishes.is_none() && service.optional("consumes").is_none() {
        return Err(place.wrong("a service publishes, or consumes, or both; this one does neither"));
    }
    Ok(ServiceSpec {
        name: name_of(&service.required("name")?)?,
        summary: text_of(&service.required("summary")?)?,
        publishes: publishes.map(|publishes| publishes_of(&publishes, topics)).transpose()?,
        consumes: None,
    })
}

fn check_groups(services: &[Members], specs: &[ServiceSpec]) -> Checked<()> {
    let mut seen = Vec::new();
    for (service, spec) in services.iter().zip(specs) {
        let (Some(consumes), Some(read)) = (service.optional("consumes"), &spec.consumes) else { continue };
        if seen.contains(&&read.group) {
            let group = consumes.object(&CONSUMES)?.required("group")?;
            return Err(group.wrong(format!("another service reads in group \"{}\" already", read.group)));
        }
        seen.push(&read.group);
    }
    Ok(())
}

fn publishes_of(place: &Place, topics: &[TopicConfig]) -> Checked<PublishesSpec> {
    let publishes = place.object(&PUBLISHES)?;
    let fields = publishes.optional("fields").map_or(Ok(Vec::new()), |fields| fields_of(&fields))?;
    let texts = texts::published(&publishes, &fields)?;
    let at_start = publishes.optional("in_progress_at_start");
    Ok(PublishesSpec {
        topic: topic_called(&publishes.required("topic")?, topics)?,
        arrivals_per_min: publishes.required("arrivals_per_min")?.within(0..=ARRIVALS_PER_MIN_MAX.into())? as u32,
        in_progress_at_start: at_start.map_or(Ok(0), |it| it.within(0..=IN_PROGRESS_MAX))? as u32,
        first_number: publishes.required("first_number")?.within(0..=FIRST_NUMBER_MAX)?,
        stages: stages_of(&publishes.required("stages")?)?,
        key: texts.key,
        value: texts.value,
        headers: texts.headers,
        fields,
    })
}

fn fields_of(place: &Place) -> Checked<Vec<FieldSpec>> {
    let fields = place.named()?;
    count(place, fields.len(), 0..=FIELDS_MAX)?;
    let field = |(name, pick): &(&str, Place)| {
        texts::check_not_built_in(pick, name, &["number", "stage", "key"])?;
        let texts = pick.list()?;
        if texts.is_empty() {
            return Err(pick.wrong("it lists nothing to pick from"));
        }
        let pick = texts.iter().map(|text| text.text().map(Into::into)).collect::<Checked<_>>()?;
        Ok(FieldSpec { name: (*name).into(), pick })
    };
    fields.iter().map(field).collect()
}

fn stages_of(place: &Place) -> Checked<Vec<StageSpec>> {
    let stages = place.list()?;
    count(place, stages.len(), 1..=STAGES_MAX)?;
    let stage = |stage: &Place| {
        let stage = stage.object(&["name", "after_ms"])?;
        Ok(StageSpec { name: text_of(&stage.required("name")?)?, after: spread_ms(&stage.required("after_ms")?)? })
    };
    stages.iter().map(stage).collect()
}

fn consumes_of(place: &Place, topics: &[TopicConfig], known: &KnownByTopic) -> Checked<ConsumesSpec> {
    let consumes = place.object(&CONSUMES)?;
    let read = topics_read(&consumes.required("topics")?, topics)?;
    let effect = consumes.optional("effect");
    let instances = consumes.optional("instances");
    let spec = ConsumesSpec {
        group: name_of(&consumes.required("group")?)?,
        instances: instances.map_or(Ok(1), |it| it.within(1..=INSTANCES_MAX.into()))? as u32,
        processing: spread_us(&consumes.required("processing_us")?)?,
        max_poll_records: 500,
        session_timeout: Span::from_ms(45_000),
        heartbeat_interval: Span::from_ms(3_000),
        max_poll_interval: Span::from_ms(300_000),
        outcome: effect.map(|effect| texts::outcome(&effect, &read, known)).transpose()?,
        topics: read,
    };
    consumes.optional("config").map_or(Ok(spec.clone()), |config| configured(spec, &config.object(&CONFIG)?))
}

/// With the settings of the consumer that the file has.
fn configured(defaults: ConsumesSpec, config: &Members) -> Checked<ConsumesSpec> {
    let [records, session, heartbeat, interval] = CONFIG;
    let max_poll_records = config.optional(records).map(|it| it.within(1..=POLL_RECORDS_MAX)).transpose()?;
    let spec = ConsumesSpec {
        max_poll_records: max_poll_records.map_or(defaults.max_poll_records, |records| records as u32),
        session_timeout: optional_ms(config, session, defaults.session_timeout, 100..=MS_MAX)?,
        heartbeat_interval: optional_ms(config, heartbeat, defaults.heartbeat_interval, 10..=MS_MAX)?,
        max_poll_interval: optional_ms(config, interval, defaults.max_poll_interval, 100..=MS_MAX)?,
        ..defaults
    };
    let (beat_ms, session_ms) = (spec.heartbeat_interval.as_ms(), spec.session_timeout.as_ms());
    if beat_ms >= session_ms {
        return Err(
            config.wrong(heartbeat, format!("it is {beat_ms}, which must be less than {session}, {session_ms}"))
        );
    }
    Ok(spec)
}

fn topics_read(place: &Place, topics: &[TopicConfig]) -> Checked<Vec<TopicId>> {
    let list = place.list()?;
    count(place, list.len(), 1..=TOPICS_MAX)?;
    let read: Vec<TopicId> = list.iter().map(|topic| topic_called(topic, topics)).collect::<Checked<_>>()?;
    unique(list.iter().zip(read.iter().map(|id| &*topics[usize::from(id.0)].name)), "topic")?;
    Ok(read)
}

fn topic_called(place: &Place, topics: &[TopicConfig]) -> Checked<TopicId> {
    let name = place.text()?;
    let index = topics.iter().position(|topic| *topic.name == *name);
    index.map(|index| TopicId(index as u16)).ok_or_else(|| {
        let known: Vec<&str> = topics.iter().map(|topic| &*topic.name).collect();
        place.wrong(format!("there is no topic \"{name}\"; there are: {}", known.join(", ")))
    })
}
