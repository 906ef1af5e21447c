//! A service as it is written in a scenario file, or added while the world runs: what it publishes, what it reads. The first thing
//! that is wrong is reported, with the path to it.

mod owned;
mod texts;
pub mod values;

use super::command::NewService;
use super::config_error::ServiceConfigError;
use super::read_config::ReadConfig;
use super::read_setting::ReadSetting;
use super::spec::{
    ARRIVALS_PER_MIN_MAX, ConsumesSpec, FieldSpec, INSTANCES_MAX, OfferedService, PublishesSpec, ServiceSpec,
    StageSpec, WorldSpec,
};
use super::write_config::WriteSetting;
use crate::broker::{BrokerConfig, TopicConfig};
use crate::client::ProducerConfig;
use crate::json::{Json, JsonError, Members, Place};
use crate::log::TopicId;
use crate::time::Span;
use owned::Owned;
use texts::KnownByTopic;
use values::{Checked, count, name_of, spread_ms, spread_us, text_of, unique};

/// The most topics that a scenario has, or a service reads.
pub const TOPICS_MAX: usize = 32;
/// The largest definition of a service that is added, in bytes.
pub const DEFINITION_BYTES_MAX: usize = 16 * 1024;
/// The most services that there are at once.
const SERVICES_MAX: usize = 32;
/// What the whole of a definition is called.
const WHOLE: &str = "the service";
const STAGES_MAX: usize = 32;
const FIELDS_MAX: usize = 32;
const IN_PROGRESS_MAX: u64 = 10_000;
const FIRST_NUMBER_MAX: u64 = 1_000_000_000;

const SERVICE: [&str; 4] = ["name", "summary", "publishes", "consumes"];
const PUBLISHES: [&str; 10] = [
    "topic",
    "config",
    "arrivals_per_min",
    "in_progress_at_start",
    "first_number",
    "fields",
    "stages",
    "key",
    "value",
    "headers",
];
pub(super) const CONSUMES: [&str; 9] =
    ["topics", "group", "instances", "processing_us", "config", "output", "retry_topic", "dead_letter_topic", "effect"];

/// All services of a file. What some publish is read before what others read of it, so that texts can be checked.
pub fn services_of(services: &Place, topics: &[TopicConfig]) -> Checked<Vec<ServiceSpec>> {
    let list = services.list()?;
    count(services, list.len(), 1..=SERVICES_MAX)?;
    let members: Vec<Members> = list.iter().map(|it| it.object(&SERVICE)).collect::<Checked<_>>()?;
    let mut specs: Vec<ServiceSpec> =
        list.iter().zip(&members).map(|(place, service)| service_of(place, service, topics)).collect::<Checked<_>>()?;
    unique(list.iter().zip(specs.iter().map(|spec| &*spec.name)), "service")?;
    let known = texts::known_by_topic(specs.iter());
    for (spec, service) in specs.iter_mut().zip(&members) {
        let consumes = service.optional("consumes");
        spec.consumes = consumes.map(|consumes| consumes_of(&consumes, topics, &known)).transpose()?;
    }
    owned::check(&members, &specs)?;
    Ok(specs)
}

/// The services that may join later. Each goes together with all the others.
pub fn offers_of(
    offers: &Place,
    topics: &[TopicConfig],
    services: &[ServiceSpec],
    broker: &BrokerConfig,
) -> Checked<Vec<OfferedService>> {
    let list = offers.list()?;
    count(offers, list.len(), 0..=SERVICES_MAX)?;
    let (mut all, mut offered) = (services.to_vec(), Vec::new());
    for place in &list {
        let spec = one_of(place, topics, &all.iter().collect::<Vec<_>>())?;
        check_sessions(place, std::slice::from_ref(&spec), broker)?;
        let text = place.json().to_string().into();
        offered.push(OfferedService { name: spec.name.clone(), summary: spec.summary.clone(), text });
        all.push(spec);
    }
    Ok(offered)
}

/// What is to join a world with these services. `None` if it is to be one that the scenario does not offer.
pub fn joining(service: &NewService, world: &WorldSpec, present: &[&ServiceSpec]) -> Checked<Option<ServiceSpec>> {
    let text = match service {
        NewService::Offered(name) => {
            let Some(offered) = world.offered.iter().find(|offered| *offered.name == **name) else { return Ok(None) };
            &*offered.text
        }
        NewService::Defined(text) => text,
    };
    let wrong = |reason| JsonError::new(WHOLE, reason);
    if text.len() > DEFINITION_BYTES_MAX {
        return Err(wrong(format!("it has {} bytes; the limit is {DEFINITION_BYTES_MAX}", text.len())));
    }
    if present.len() >= SERVICES_MAX {
        return Err(wrong(format!("there are {SERVICES_MAX} services, which is the limit")));
    }
    let json = Json::read(text).map_err(|error| wrong(format!("it is no JSON: {error}")))?;
    let place = Place::root(&json, WHOLE);
    let spec = one_of(&place, &world.topics, present)?;
    check_sessions(&place, std::slice::from_ref(&spec), &world.broker)?;
    Ok(Some(spec))
}

/// A service beside others.
fn one_of(place: &Place, topics: &[TopicConfig], others: &[&ServiceSpec]) -> Checked<ServiceSpec> {
    let service = place.object(&SERVICE)?;
    let mut spec = service_of(place, &service, topics)?;
    if others.iter().any(|other| other.name == spec.name) {
        return Err(service.wrong("name", format!("there is a service \"{}\" already", spec.name)));
    }
    let known = texts::known_by_topic(others.iter().copied().chain([&spec]));
    let consumes = service.optional("consumes");
    spec.consumes = consumes.map(|consumes| consumes_of(&consumes, topics, &known)).transpose()?;
    let mut owned = Owned::default();
    for other in others {
        owned.take(other);
    }
    owned::check_one(&service, &spec, &mut owned)?;
    Ok(spec)
}

/// A session timeout outside of the broker's bounds would keep a service out of its group for ever.
pub fn check_sessions(place: &Place, services: &[ServiceSpec], broker: &BrokerConfig) -> Checked<()> {
    let bounds = broker.group_min_session_timeout..=broker.group_max_session_timeout;
    let sessions = services.iter().filter_map(|it| Some((&it.name, it.consumes.as_ref()?.config.session_timeout)));
    match sessions.into_iter().find(|(_, session)| !bounds.contains(session)) {
        None => Ok(()),
        Some((name, session)) => Err(place.wrong(format!(
            "{name} has a session.timeout.ms of {}; group.min.session.timeout.ms and group.max.session.timeout.ms of the broker permit {} to {}",
            session.as_ms(),
            bounds.start().as_ms(),
            bounds.end().as_ms(),
        ))),
    }
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

fn publishes_of(place: &Place, topics: &[TopicConfig]) -> Checked<PublishesSpec> {
    let publishes = place.object(&PUBLISHES)?;
    let fields = publishes.optional("fields").map_or(Ok(Vec::new()), |fields| fields_of(&fields))?;
    let texts = texts::published(&publishes, &fields)?;
    let at_start = publishes.optional("in_progress_at_start");
    Ok(PublishesSpec {
        topic: topic_called(&publishes.required("topic")?, topics)?,
        config: write_config_of(&publishes)?,
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

/// The settings of the producer that the file has; Kafka's defaults for the others.
fn write_config_of(publishes: &Members) -> Checked<ProducerConfig> {
    let mut config = ProducerConfig::default();
    let Some(place) = publishes.optional("config") else { return Ok(config) };
    let members = place.object(&WriteSetting::ALL.map(WriteSetting::name))?;
    // Without numbers everything goes together; whether the numbers do comes last.
    config.idempotence = false;
    let idempotence = WriteSetting::Idempotence;
    for setting in WriteSetting::ALL.into_iter().filter(|setting| *setting != idempotence) {
        if let Some(place) = members.optional(setting.name()) {
            let value = setting_text(&place)?;
            setting.set(&mut config, &value).map_err(|error| refused(&place, error))?;
        }
    }
    let place = members.optional(idempotence.name());
    let value = place.as_ref().map_or(Ok("true".to_owned()), setting_text)?;
    let at = place.unwrap_or(publishes.required("config")?);
    idempotence.set(&mut config, &value).map_err(|error| refused(&at, error))?;
    Ok(config)
}

/// The value of a setting: a text, a whole number, or true or false.
fn setting_text(place: &Place) -> Checked<String> {
    place.text_or_whole().or_else(|_| place.flag().map(|flag| flag.to_string()))
}

fn refused(place: &Place, error: ServiceConfigError) -> JsonError {
    match error {
        ServiceConfigError::InvalidValue { value, expected, .. } => {
            place.wrong(format!("it is {value}; it must be {expected}"))
        }
        ServiceConfigError::UnknownSetting { .. } => place.wrong(error.to_string()),
    }
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
    let topic = |name| consumes.optional(name).map(|topic| topic_called(&topic, topics)).transpose();
    let spec = ConsumesSpec {
        group: name_of(&consumes.required("group")?)?,
        config: read_config_of(&consumes)?,
        output: topic("output")?,
        retry_topic: topic("retry_topic")?,
        dead_letter_topic: topic("dead_letter_topic")?,
        outcome: effect.map(|effect| texts::outcome(&effect, &read, known)).transpose()?,
        topics: read,
    };
    check_topics_of(&consumes, &spec)?;
    Ok(spec)
}

/// What a service needs for what it is to do, and topics that would feed it with its own records.
fn check_topics_of(consumes: &Members, spec: &ConsumesSpec) -> Checked<()> {
    if spec.output.is_some() && spec.outcome.is_none() {
        return Err(consumes.wrong("output", "what goes there is the effect, and this service has none".to_owned()));
    }
    if spec.dead_letter_topic.is_some() && spec.retry_topic.is_none() {
        let reason = "dead letters come back by way of a \"retry_topic\", and this service has none";
        return Err(consumes.wrong("dead_letter_topic", reason.to_owned()));
    }
    let own =
        [("output", spec.output), ("retry_topic", spec.retry_topic), ("dead_letter_topic", spec.dead_letter_topic)];
    for (index, (name, topic)) in own.iter().enumerate() {
        let is_taken = |id| spec.topics.contains(&id) || own[..index].iter().any(|(_, before)| *before == Some(id));
        if topic.is_some_and(is_taken) {
            return Err(consumes.wrong(name, "this service uses that topic for something else already".to_owned()));
        }
    }
    match spec.misses(&spec.config) {
        Some(missing) => Err(consumes.required("config")?.wrong(format!("the service would need {missing}"))),
        None => Ok(()),
    }
}

/// The settings that the file has; Kafka's defaults for the others, but that whoever has committed nothing begins with the earliest
/// record.
fn read_config_of(consumes: &Members) -> Checked<ReadConfig> {
    let instances = consumes.optional("instances");
    let mut read = ReadConfig {
        instances: instances.map_or(Ok(1), |it| it.within(1..=INSTANCES_MAX.into()))? as u32,
        processing: spread_us(&consumes.required("processing_us")?)?,
        ..ReadConfig::default()
    };
    let Some(place) = consumes.optional("config") else { return Ok(read) };
    let members = place.object(&ReadSetting::ALL.map(ReadSetting::name))?;
    // In the order of the session before its heartbeat: with the defaults for the rest, each must be right by itself.
    let (heartbeat, others): (Vec<_>, Vec<_>) =
        ReadSetting::ALL.into_iter().partition(|setting| *setting == ReadSetting::HeartbeatInterval);
    let shortest = ReadConfig { heartbeat_interval: Span::from_ms(10), ..read.clone() };
    let default_heartbeat = std::mem::replace(&mut read, shortest).heartbeat_interval;
    for setting in others {
        set(&mut read, setting, &members)?;
    }
    let session = read.session_timeout;
    read.heartbeat_interval = default_heartbeat.min(Span::from_us(session.as_us() / 3));
    for setting in heartbeat {
        set(&mut read, setting, &members)?;
    }
    Ok(read)
}

fn set(read: &mut ReadConfig, setting: ReadSetting, members: &Members) -> Checked<()> {
    let Some(place) = members.optional(setting.name()) else { return Ok(()) };
    read.set(setting, &setting_text(&place)?).map_err(|error| refused(&place, error))
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
