//! What belongs to one service and to no other: the groups in which it reads, also what it has put aside; the topics where it puts that;
//! and the names of its instances, which are their `group.instance.id` and `transactional.id`.

use super::CONSUMES;
use super::values::Checked;
use crate::json::Members;
use crate::log::TopicId;
use crate::sim::spec::{ConsumesSpec, ServiceSpec};

/// What belongs to services that have been looked at.
#[derive(Default)]
pub(super) struct Owned {
    groups: Vec<String>,
    asides: Vec<TopicId>,
    /// The names of those that read.
    readers: Vec<String>,
}

impl Owned {
    /// Takes in a service that is there already.
    pub(super) fn take(&mut self, spec: &ServiceSpec) {
        let Some(read) = &spec.consumes else { return };
        self.groups.extend(groups_of(read));
        self.asides.extend([read.retry_topic, read.dead_letter_topic].into_iter().flatten());
        self.readers.push(spec.name.to_string());
    }
}

/// All services of a file.
pub(super) fn check(services: &[Members], specs: &[ServiceSpec]) -> Checked<()> {
    let readers = specs.iter().filter(|spec| spec.consumes.is_some()).map(|spec| spec.name.to_string());
    let mut owned = Owned { readers: readers.collect(), ..Owned::default() };
    for (service, spec) in services.iter().zip(specs) {
        check_one(service, spec, &mut owned)?;
    }
    Ok(())
}

/// One more service, beside what belongs to others.
pub(super) fn check_one(service: &Members, spec: &ServiceSpec, owned: &mut Owned) -> Checked<()> {
    let (Some(consumes), Some(read)) = (service.optional("consumes"), &spec.consumes) else { return Ok(()) };
    let consumes = consumes.object(&CONSUMES)?;
    check_groups(&consumes, read, &mut owned.groups)?;
    check_asides(&consumes, read, &mut owned.asides)?;
    check_instances(&consumes, spec, &owned.readers)
}

fn groups_of(read: &ConsumesSpec) -> impl Iterator<Item = String> {
    let retries = read.retry_topic.map(|_| read.retry_group());
    std::iter::once(read.group.to_string()).chain(retries)
}

fn check_groups(consumes: &Members, read: &ConsumesSpec, taken: &mut Vec<String>) -> Checked<()> {
    for group in groups_of(read) {
        if taken.contains(&group) {
            return Err(consumes.wrong("group", format!("another service reads in group \"{group}\" already")));
        }
        taken.push(group);
    }
    Ok(())
}

fn check_asides(consumes: &Members, read: &ConsumesSpec, taken: &mut Vec<TopicId>) -> Checked<()> {
    for (name, topic) in [("retry_topic", read.retry_topic), ("dead_letter_topic", read.dead_letter_topic)] {
        let Some(topic) = topic else { continue };
        if taken.contains(&topic) {
            return Err(consumes.wrong(name, "another service puts its records aside there already"));
        }
        taken.push(topic);
    }
    Ok(())
}

fn check_instances(consumes: &Members, spec: &ServiceSpec, readers: &[String]) -> Checked<()> {
    let retries = spec.retries_as();
    let has_retries = spec.consumes.as_ref().is_some_and(|read| read.retry_topic.is_some());
    if has_retries && readers.contains(&retries) {
        let reason = format!(
            "the instance that tries again for this service is called \"{retries}-0\", as is one of the service \"{retries}\"; \
             call one of the two otherwise"
        );
        return Err(consumes.wrong("retry_topic", reason));
    }
    Ok(())
}
