//! A scenario file from top to bottom, but for its services. The first thing that is wrong is reported, with the path to it.

use super::Scenario;
use crate::broker::{BrokerConfig, TopicConfig};
use crate::json::{Json, Place};
use crate::log::{LogConfig, Setting};
use crate::sim::definition::values::{Checked, MS_MAX, count, name_of, optional_ms, spread_us, text_of, unique};
use crate::sim::definition::{TOPICS_MAX, check_sessions, offers_of, services_of};
use crate::sim::{NetworkSpec, ServiceSpec, WorldSpec};
use crate::time::{Instant, Span};
use std::sync::Arc;

/// The version of the format that is read.
const VERSION: i64 = 1;
/// How far into a run the page can open: an hour.
const OPENS_AT_MS_MAX: u64 = 3_600_000;
/// How many records can be published before the page opens: it works them off before it shows anything.
const RECORDS_BEFORE_OPENING_MAX: u64 = 2_000_000;
const PARTITIONS_MAX: u64 = 128;
/// The most brokers.
const BROKERS_MAX: u64 = 16;
/// The longest `offsets.retention.minutes`: a year.
const RETENTION_MINUTES_MAX: u64 = 365 * 24 * 60;

const FIELDS: [&str; 13] = [
    "version",
    "name",
    "title",
    "summary",
    "entity",
    "opens_at_ms",
    "first_outage",
    "network",
    "brokers",
    "broker",
    "topics",
    "services",
    "optional_services",
];

pub(super) fn scenario_of(json: &Json, text: &str) -> Checked<Scenario> {
    let file = Place::root(json, "the file").object(&FIELDS)?;
    check_version(&file.required("version")?)?;
    let brokers = file.optional("brokers").map_or(Ok(1), |brokers| brokers.within(1..=BROKERS_MAX))? as u16;
    let topics = topics_of(&file.required("topics")?, brokers)?;
    let services = services_of(&file.required("services")?, &topics)?;
    let broker = file.optional("broker").map_or(Ok(BrokerConfig::default()), |broker| broker_of(&broker))?;
    let broker = BrokerConfig { brokers, ..broker };
    check_sessions(&file.required("services")?, &services, &broker)?;
    let offers = file.optional("optional_services");
    let offered = offers.map_or(Ok(Vec::new()), |offers| offers_of(&offers, &topics, &services, &broker))?;
    Ok(Scenario {
        name: name_of(&file.required("name")?)?,
        title: text_of(&file.required("title")?)?,
        summary: text_of(&file.required("summary")?)?,
        entity: entity_of(&file.required("entity")?)?,
        opens_at: file.optional("opens_at_ms").map_or(Ok(Instant::START), |at| opens_at(&at, &services))?,
        first_outage: file.optional("first_outage").map(|name| first_outage(&name, &services)).transpose()?,
        world: Arc::new(WorldSpec {
            broker,
            network: network_of(&file.required("network")?)?,
            services,
            offered,
            topics,
        }),
        text: text.into(),
    })
}

fn check_version(version: &Place) -> Checked<()> {
    match version.whole()? {
        VERSION => Ok(()),
        other => Err(version.wrong(format!("this page reads version {VERSION}, and the file is of version {other}"))),
    }
}

fn entity_of(entity: &Place) -> Checked<(Arc<str>, Arc<str>)> {
    let entity = entity.object(&["singular", "plural"])?;
    Ok((text_of(&entity.required("singular")?)?, text_of(&entity.required("plural")?)?))
}

/// Opening is not spread over frames, so that it has to be short on a slow device too.
fn opens_at(at: &Place, services: &[ServiceSpec]) -> Checked<Instant> {
    let ms = at.within(0..=OPENS_AT_MS_MAX)?;
    let records = services.iter().filter_map(|service| service.publishes.as_ref()).map(|publishes| {
        let arrivals = u64::from(publishes.arrivals_per_min) * ms / 60_000;
        (arrivals + u64::from(publishes.in_progress_at_start)) * publishes.stages.len() as u64
    });
    let records: u64 = records.sum();
    if records > RECORDS_BEFORE_OPENING_MAX {
        let reason = format!(
            "up to {records} records would be published before the page opens, and {RECORDS_BEFORE_OPENING_MAX} may be; open earlier, or let less arrive"
        );
        return Err(at.wrong(reason));
    }
    Ok(Instant::from_ms(ms))
}

/// The page has a button for it, so that there has to be such a service.
fn first_outage(name: &Place, services: &[ServiceSpec]) -> Checked<Arc<str>> {
    let wanted = text_of(name)?;
    if services.iter().any(|service| *service.name == *wanted) {
        return Ok(wanted);
    }
    let known = services.iter().map(|service| &*service.name).collect::<Vec<_>>().join(", ");
    Err(name.wrong(format!("there is no service \"{wanted}\"; there are: {known}")))
}

fn network_of(network: &Place) -> Checked<NetworkSpec> {
    let network = network.object(&["latency_us"])?;
    Ok(NetworkSpec { latency: spread_us(&network.required("latency_us")?)? })
}

fn broker_of(broker: &Place) -> Checked<BrokerConfig> {
    let (delay, interval) = ("group.initial.rebalance.delay.ms", "log.retention.check.interval.ms");
    let (shortest, longest) = ("group.min.session.timeout.ms", "group.max.session.timeout.ms");
    let (minutes, offsets_interval) = ("offsets.retention.minutes", "offsets.retention.check.interval.ms");
    let backoff = "log.cleaner.backoff.ms";
    let (session, lag) = ("broker.session.timeout.ms", "replica.lag.time.max.ms");
    let balance = "leader.imbalance.check.interval.seconds";
    let default = BrokerConfig::default();
    let broker = broker.object(&[
        delay,
        shortest,
        longest,
        minutes,
        offsets_interval,
        interval,
        backoff,
        session,
        lag,
        balance,
    ])?;
    let balances = broker.optional(balance).map(|it| it.within(1..=MS_MAX / 1_000)).transpose()?;
    let retention = broker.optional(minutes).map(|it| it.within(1..=RETENTION_MINUTES_MAX)).transpose()?;
    Ok(BrokerConfig {
        group_min_session_timeout: optional_ms(&broker, shortest, default.group_min_session_timeout, 1..=MS_MAX)?,
        group_max_session_timeout: optional_ms(&broker, longest, default.group_max_session_timeout, 1..=MS_MAX)?,
        offsets_retention: retention.map_or(default.offsets_retention, |minutes| Span::from_ms(minutes * 60_000)),
        offsets_retention_check_interval: optional_ms(
            &broker,
            offsets_interval,
            default.offsets_retention_check_interval,
            1..=MS_MAX,
        )?,
        group_initial_rebalance_delay: optional_ms(&broker, delay, default.group_initial_rebalance_delay, 0..=60_000)?,
        log_retention_check_interval: optional_ms(&broker, interval, default.log_retention_check_interval, 1..=MS_MAX)?,
        log_cleaner_backoff: optional_ms(&broker, backoff, default.log_cleaner_backoff, 1..=MS_MAX)?,
        broker_session_timeout: optional_ms(&broker, session, default.broker_session_timeout, 1..=MS_MAX)?,
        replica_lag_time_max: optional_ms(&broker, lag, default.replica_lag_time_max, 1..=MS_MAX)?,
        leader_imbalance_check_interval: balances
            .map_or(default.leader_imbalance_check_interval, |seconds| Span::from_ms(seconds * 1_000)),
        ..default
    })
}

fn topics_of(topics: &Place, brokers: u16) -> Checked<Vec<TopicConfig>> {
    let list = topics.list()?;
    count(topics, list.len(), 1..=TOPICS_MAX)?;
    let topics: Vec<TopicConfig> = list.iter().map(|topic| topic_of(topic, brokers)).collect::<Checked<_>>()?;
    unique(list.iter().zip(topics.iter().map(|topic| &*topic.name)), "topic")?;
    Ok(topics)
}

/// A partition can be on as many brokers as there are.
fn replication_of(factor: &Place, brokers: u16) -> Checked<u32> {
    let replicas = factor.within(1..=BROKERS_MAX)? as u32;
    if replicas > u32::from(brokers) {
        let has = if brokers == 1 { "is 1 broker".to_owned() } else { format!("are {brokers} brokers") };
        return Err(factor.wrong(format!("it is {replicas}, and there {has}")));
    }
    Ok(replicas)
}

fn topic_of(topic: &Place, brokers: u16) -> Checked<TopicConfig> {
    let topic = topic.object(&["name", "partitions", "replication.factor", "config"])?;
    let factor = topic.optional("replication.factor");
    Ok(TopicConfig {
        name: name_of(&topic.required("name")?)?,
        partitions: topic.required("partitions")?.within(1..=PARTITIONS_MAX)? as u32,
        replication_factor: factor.map_or(Ok(1), |factor| replication_of(&factor, brokers))?,
        log: topic.optional("config").map_or(Ok(LogConfig::default()), |config| log_of(&config))?,
    })
}

fn log_of(config: &Place) -> Checked<LogConfig> {
    let members = config.object(&Setting::ALL.map(Setting::name))?;
    let mut log = LogConfig::default();
    for setting in Setting::ALL {
        if let Some(place) = members.optional(setting.name()) {
            let value = place.text_or_whole()?;
            let refused = |_| place.wrong(format!("it is {value}; it must be {}", setting.expected()));
            log.set(setting, &value).map_err(refused)?;
        }
    }
    Ok(log)
}
