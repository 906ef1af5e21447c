//! What belongs to one service and to no other: the groups in which it reads, also what it has put aside; the topics where it puts that;
//! and the names of its instances, which are their `group.instance.id` and `transactional.id`.

use super::service::CONSUMES;
use super::values::Checked;
use crate::json::Members;
use crate::log::TopicId;
use crate::sim::{ConsumesSpec, ServiceSpec};

pub(super) fn check(services: &[Members], specs: &[ServiceSpec]) -> Checked<()> {
    let (mut groups, mut asides) = (Vec::new(), Vec::new());
    for (service, spec) in services.iter().zip(specs) {
        let (Some(consumes), Some(read)) = (service.optional("consumes"), &spec.consumes) else { continue };
        let consumes = consumes.object(&CONSUMES)?;
        check_groups(&consumes, read, &mut groups)?;
        check_asides(&consumes, read, &mut asides)?;
        check_instances(&consumes, spec, specs)?;
    }
    Ok(())
}

fn check_groups(consumes: &Members, read: &ConsumesSpec, taken: &mut Vec<String>) -> Checked<()> {
    let retries = read.retry_topic.map(|_| read.retry_group());
    for group in std::iter::once(read.group.to_string()).chain(retries) {
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

fn check_instances(consumes: &Members, spec: &ServiceSpec, all: &[ServiceSpec]) -> Checked<()> {
    let retries = spec.retries_as();
    let has_retries = spec.consumes.as_ref().is_some_and(|read| read.retry_topic.is_some());
    if has_retries && all.iter().any(|other| other.consumes.is_some() && *other.name == *retries) {
        let reason = format!(
            "the instance that tries again for this service is called \"{retries}-0\", as is one of the service \"{retries}\"; \
             call one of the two otherwise"
        );
        return Err(consumes.wrong("retry_topic", reason));
    }
    Ok(())
}
