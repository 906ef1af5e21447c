//! The areas `assignor_range` and `assignor_roundrobin`: who gets what, in one step.

use super::Case;
use super::case::{Checked, same, unknown_expectation};
use catchup::broker::{Generation, JoinedMember, MemberId, Subscription};
use catchup::client::Assignor;
use catchup::log::{PartitionId, TopicId, TopicPartition};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A partition as the files have it.
pub(super) type Tp = (String, u32);
/// What each member has, by its id.
pub(super) type Assignment = BTreeMap<String, BTreeSet<Tp>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    assignor: String,
    topics: BTreeMap<String, u32>,
    members: Vec<Member>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    #[serde(rename = "member_id")]
    id: String,
    group_instance_id: Option<String>,
    topics: Vec<String>,
}

/// One who takes part, whatever the kind of the case.
#[derive(Clone, Debug, Default)]
pub(super) struct Participant {
    pub(super) id: String,
    pub(super) instance: Option<String>,
    pub(super) topics: Vec<String>,
    pub(super) owned: BTreeSet<Tp>,
    pub(super) generation: i32,
}

pub(super) fn check(case: &Case) -> Checked {
    if case.kind != "assign" {
        return case.unknown_kind();
    }
    let input: Input = case.input()?;
    let members = input.members.into_iter().map(|member| Participant {
        id: member.id,
        instance: member.group_instance_id,
        topics: member.topics,
        ..Participant::default()
    });
    let assignment = assign(assignor(&input.assignor)?, &members.collect::<Vec<_>>(), &input.topics);
    case.expectations().try_for_each(|(key, expected)| match key {
        "assignment" => same(key, &json!(assignment), &json!(assignment_of(expected)?)),
        "sizes" => same(key, &json!(sizes(&assignment)), expected),
        _ => unknown_expectation(key),
    })
}

pub(super) fn assignor(name: &str) -> Result<Assignor, String> {
    Assignor::named(name).ok_or_else(|| format!("there is no assignor {name:?}"))
}

/// An assignment in the files: a list a member, which is compared as a set.
pub(super) fn assignment_of(value: &Value) -> Result<Assignment, String> {
    serde_json::from_value(value.clone()).map_err(|error| format!("an assignment: {error}"))
}

pub(super) fn sizes(assignment: &Assignment) -> BTreeMap<&String, usize> {
    assignment.iter().map(|(member, partitions)| (member, partitions.len())).collect()
}

/// Runs the assignor. Members and topics get numbers in the order of their names; topics that do not exist get some, too.
pub(super) fn assign(assignor: Assignor, members: &[Participant], topics: &BTreeMap<String, u32>) -> Assignment {
    let wanted = members.iter().flat_map(|member| &member.topics);
    let owned = members.iter().flat_map(|member| member.owned.iter().map(|(topic, _)| topic));
    let topic_names: BTreeSet<&String> = topics.keys().chain(wanted).chain(owned).collect();
    let topic_names: Vec<&String> = topic_names.into_iter().collect();
    let number = |topic: &String| TopicId(topic_names.partition_point(|name| *name < topic) as u16);
    let ids: BTreeSet<&String> = members.iter().map(|member| &member.id).collect();
    let ids: Vec<&String> = ids.into_iter().collect();
    let members: Vec<JoinedMember> = members
        .iter()
        .map(|member| JoinedMember {
            member: MemberId(ids.partition_point(|id| **id < member.id) as u32),
            instance: member.instance.as_deref().map(Into::into),
            subscription: Subscription {
                topics: member.topics.iter().map(number).collect(),
                owned: member.owned.iter().map(|(topic, index)| partition(number(topic), *index)).collect(),
                generation: Generation(member.generation),
            },
        })
        .collect();
    let topics: Vec<(TopicId, u32)> = topics.iter().map(|(topic, count)| (number(topic), *count)).collect();
    let named = |it: TopicPartition| (topic_names[usize::from(it.topic.0)].clone(), it.partition.0);
    let assignment = assignor.assign(&members, &topics);
    let assignment = assignment.into_iter().map(|(member, partitions)| {
        (ids[member.0 as usize].clone(), partitions.into_iter().map(named).collect::<Vec<_>>())
    });
    assignment
        .map(|(member, partitions)| {
            let set: BTreeSet<Tp> = partitions.iter().cloned().collect();
            assert_eq!(set.len(), partitions.len(), "{member} gets a partition twice");
            (member, set)
        })
        .collect()
}

fn partition(topic: TopicId, partition: u32) -> TopicPartition {
    TopicPartition { topic, partition: PartitionId(partition) }
}
