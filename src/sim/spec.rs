//! What a world is made of: topics, services, workload, network. The scenario room reads it from a file.

use super::policy::{CommitPolicy, OnFailure};
use super::read_config::ReadConfig;
use super::template::Template;
use crate::broker::{BrokerConfig, TopicConfig};
use crate::client::ProducerConfig;
use crate::log::TopicId;
use crate::time::Span;
use std::sync::Arc;

/// The highest arrival rate, per minute: 1,000 a second.
pub const ARRIVALS_PER_MIN_MAX: u32 = 60_000;
/// How many services one run can ever have, those that have left included.
pub const SERVICES_EVER_MAX: usize = u128::BITS as usize;
/// The most instances that a service can have.
pub const INSTANCES_MAX: u32 = 64;

/// A whole system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldSpec {
    /// The broker's settings.
    pub broker: BrokerConfig,
    /// How long requests and answers travel.
    pub network: NetworkSpec,
    /// The topics; the position of one is its [`TopicId`].
    pub topics: Vec<TopicConfig>,
    /// The services; the position of one is its [`super::ServiceId`].
    pub services: Vec<ServiceSpec>,
    /// The services that may join while it runs.
    pub offered: Vec<OfferedService>,
}

/// A service that may join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedService {
    /// Its name.
    pub name: Arc<str>,
    /// What it does, in a sentence.
    pub summary: Arc<str>,
    /// Its definition, as a JSON text in one line.
    pub text: Arc<str>,
}

/// How long something takes: any time from `min` to `max`, each as likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The shortest.
    pub min: Span,
    /// The longest.
    pub max: Span,
}

/// The network between services and broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkSpec {
    /// How long a request or an answer travels.
    pub latency: Spread,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSpec {
    /// Its name, unique in the scenario.
    pub name: Arc<str>,
    /// What it does, in a few words.
    pub summary: Arc<str>,
    /// What it publishes of its own accord.
    pub publishes: Option<PublishesSpec>,
    /// What it reads.
    pub consumes: Option<ConsumesSpec>,
}

/// Entities that turn up, go through stages, and are published at each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishesSpec {
    /// Where to.
    pub topic: TopicId,
    /// The settings that its producer begins with.
    pub config: ProducerConfig,
    /// How many new entities turn up a minute.
    pub arrivals_per_min: u32,
    /// How many are on their way when the run begins.
    pub in_progress_at_start: u32,
    /// The number of the first entity.
    pub first_number: u64,
    /// What differs from one entity to the next.
    pub fields: Vec<FieldSpec>,
    /// The stages, in order; at least one.
    pub stages: Vec<StageSpec>,
    /// The record's key.
    pub key: Template,
    /// The record's value: names and texts of a JSON object, in order.
    pub value: Vec<(Arc<str>, Template)>,
    /// The record's headers.
    pub headers: Vec<(Arc<str>, Template)>,
}

/// A property of an entity, picked at random when it turns up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// Its name.
    pub name: Arc<str>,
    /// What it can be; at least one.
    pub pick: Vec<Arc<str>>,
}

/// A stage in an entity's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageSpec {
    /// Its name.
    pub name: Arc<str>,
    /// How long after the stage before it comes.
    pub after: Spread,
}

/// What a service reads, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumesSpec {
    /// The topics.
    pub topics: Vec<TopicId>,
    /// `group.id`.
    pub group: Arc<str>,
    /// The settings that it begins with.
    pub config: ReadConfig,
    /// Where it publishes what its work brings forth; needs an outcome.
    pub output: Option<TopicId>,
    /// Where records wait that are to be tried again.
    pub retry_topic: Option<TopicId>,
    /// Where records are put on which it has given up; needs a retry topic, through which they come back.
    pub dead_letter_topic: Option<TopicId>,
    /// What a person outside sees of its work.
    pub outcome: Option<OutcomeSpec>,
}

impl ServiceSpec {
    /// How the instances are called that try again what it has put aside, but for their number.
    pub fn retries_as(&self) -> String {
        format!("{}-retry", self.name)
    }
}

impl ConsumesSpec {
    /// The group in which it reads what it has put aside.
    pub fn retry_group(&self) -> String {
        format!("{}.retry", self.group)
    }

    /// What a service with these settings would need and has not, if anything.
    pub fn misses(&self, config: &ReadConfig) -> Option<&'static str> {
        match (config.commit_policy, config.on_failure) {
            (CommitPolicy::ExactlyOnce, _) if self.output.is_none() => Some("an output topic"),
            (_, OnFailure::RetryTopic) if self.retry_topic.is_none() => Some("a retry topic"),
            (_, OnFailure::DeadLetter) if self.dead_letter_topic.is_none() => Some("a dead letter topic"),
            (_, _) => None,
        }
    }
}

/// How a service's work is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeView {
    /// A board with one row a subject, the latest text in it.
    Schedule,
    /// A phone a subject, with all its texts.
    Phones,
}

/// What a person outside sees of a service's work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeSpec {
    /// How it is shown.
    pub view: OutcomeView,
    /// Its heading.
    pub title: Arc<str>,
    /// What, or whom, a record is about.
    pub subject: Template,
    /// More about the subject.
    pub detail: Template,
    /// The field of the record's value that decides on the text.
    pub by: Arc<str>,
    /// The text for each value of that field.
    pub texts: Vec<(Arc<str>, Template)>,
    /// The text for any other value.
    pub otherwise: Template,
    /// What it is called when somebody sees the same twice, such as "texts sent twice".
    pub twice: Arc<str>,
    /// What it is called when nobody ever sees it, such as "texts never sent".
    pub never: Arc<str>,
}
