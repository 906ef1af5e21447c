//! What happened to the records that one service reads: the events, what was there to be read, and what it published of it.

use super::super::observed::Observed;
use catchup::broker::GroupId;
use catchup::log::{Isolation, Offset, TopicId, TopicPartition};
use catchup::sim::{Event, Fared, SOURCE, Stamped, WorkEvent};
use std::collections::BTreeMap;

/// Where a record is.
pub(crate) type Place = (TopicPartition, Offset);
/// Its key and its value.
type Contents = (Option<Vec<u8>>, Option<Vec<u8>>);

/// A run, as far as it concerns one service.
pub(crate) struct Story<'a> {
    pub(crate) events: &'a [Stamped],
    pub(crate) group: GroupId,
    /// What there was to be read.
    pub(crate) inputs: BTreeMap<Place, Contents>,
    /// How often something is in its output for each of those, for readers of committed records.
    pub(crate) outputs: BTreeMap<Place, u32>,
}

impl<'a> Story<'a> {
    /// The run so far, for the service called `name`.
    pub(crate) fn of(observed: &'a Observed, name: &str) -> Self {
        let consumes = observed.world.service_spec(observed.id(name)).consumes.as_ref().expect("it reads");
        let inputs =
            consumes.topics.iter().flat_map(|topic| records(observed, *topic)).map(|it| (it.place, it.contents));
        let output = consumes.output.map(|topic| records(observed, topic)).unwrap_or_default();
        let mut outputs = BTreeMap::new();
        for source in output.into_iter().filter_map(|record| record.source) {
            *outputs.entry(source).or_default() += 1;
        }
        Self { events: &observed.events, group: observed.group_id(name), inputs: inputs.collect(), outputs }
    }

    /// What was processed, in order.
    pub(crate) fn processed(&self) -> impl Iterator<Item = Place> {
        self.events.iter().filter_map(|stamped| match stamped.event {
            Event::Work(WorkEvent::Processed { group, partition, offset, .. }) if group == self.group => {
                Some((partition, offset))
            }
            _ => None,
        })
    }

    /// What was processed, recognised or left out, in order.
    pub(crate) fn delivered(&self) -> impl Iterator<Item = Place> {
        self.events.iter().filter_map(|stamped| match stamped.event {
            Event::Work(
                WorkEvent::Processed { group, partition, offset, .. }
                | WorkEvent::Fared { group, partition, offset, how: Fared::Skipped | Fared::Deduplicated, .. },
            ) if group == self.group => Some((partition, offset)),
            _ => None,
        })
    }

    /// What fared in one of these ways, in order.
    pub(crate) fn fared(&self, so: impl Fn(Fared) -> bool) -> impl Iterator<Item = Place> {
        self.events.iter().filter_map(move |stamped| match stamped.event {
            Event::Work(WorkEvent::Fared { group, partition, offset, how, .. }) if group == self.group && so(how) => {
                Some((partition, offset))
            }
            _ => None,
        })
    }

    /// What a record asks for: two that ask for the same are the same piece of work.
    pub(crate) fn work(&self, place: Place) -> Option<Contents> {
        let (key, value) = self.inputs.get(&place)?;
        let stage = value.as_deref().and_then(|value| serde_json::from_slice::<serde_json::Value>(value).ok());
        let stage = stage.and_then(|value| value["status"].as_str().map(|it| it.as_bytes().to_vec()));
        Some((Some(key.clone().unwrap_or_default()), Some(stage.unwrap_or_default())))
    }
}

struct Found {
    place: Place,
    contents: Contents,
    source: Option<Place>,
}

/// The committed records of a topic.
fn records(observed: &Observed, topic: TopicId) -> Vec<Found> {
    let broker = observed.world.broker();
    let mut found = Vec::new();
    for partition in broker.partitions(topic) {
        let log = broker.log(partition).expect("the topic has the partition");
        for record in log.records(Offset::ZERO, Isolation::ReadCommitted) {
            let source = record.headers().find(|header| header.key == SOURCE).and_then(|header| header.value);
            found.push(Found {
                place: (partition, record.offset),
                contents: (record.key.map(<[u8]>::to_vec), record.value.map(<[u8]>::to_vec)),
                source: source.map(|source| source_of(observed, source)),
            });
        }
    }
    found
}

/// `topic-partition@offset`
fn source_of(observed: &Observed, source: &[u8]) -> Place {
    let text = std::str::from_utf8(source).expect("a source is text");
    let parts = text.rsplit_once('@').and_then(|(place, offset)| Some((place.rsplit_once('-')?, offset)));
    let ((topic, partition), offset) = parts.expect("a source is written like topic-0@7");
    let known = |id: &TopicId| &**observed.world.broker().topic(*id).name() == topic;
    let topics = 0..observed.world.spec().topics.len() as u16;
    let topic = topics.map(TopicId).find(known).expect("a topic of the scenario");
    let partition = catchup::log::PartitionId(partition.parse().expect("a partition"));
    (TopicPartition { topic, partition }, Offset(offset.parse().expect("an offset")))
}
