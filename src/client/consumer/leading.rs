//! What the leader of a group does: it shares the partitions out, in the name of all.
//!
//! It has to know the topics of all members, also those that it does not read itself.

use super::{Asked, Consumer};
use crate::broker::{JoinedMember, Request, TopicMetadata};
use crate::log::TopicId;
use crate::sorted::{SortedSet, sort_by_key};

impl Consumer {
    /// Shares the partitions out, or asks for what it does not know yet.
    pub(super) fn lead(&mut self, members: Vec<JoinedMember>) {
        let wanted = members.iter().flat_map(|member| member.subscription.topics.iter().copied());
        let wanted: SortedSet<TopicId> = wanted.collect();
        self.to_assign = members;
        self.know_the_only_one(&wanted);
        if wanted.iter().all(|topic| self.topics.contains_key(topic)) {
            self.assign();
        } else {
            self.request(Asked::Metadata, Request::Metadata(wanted.into_iter().collect()));
        }
    }

    /// If there is one topic, and its leader reads it, no name is needed to put topics in order.
    fn know_the_only_one(&mut self, wanted: &SortedSet<TopicId>) {
        let own = self.config.topics.first().filter(|(topic, _)| wanted.len() == 1 && wanted.contains(topic));
        if let Some((topic, partitions)) = own.copied() {
            self.topics.entry(topic).or_insert(TopicMetadata { topic, name: "".into(), partitions });
        }
    }

    pub(super) fn topics_described(&mut self, topics: Vec<TopicMetadata>) {
        self.topics = topics.into_iter().map(|topic| (topic.topic, topic)).collect();
        self.assign();
    }

    /// Topics count in the order of their names.
    fn assign(&mut self) {
        let mut topics: Vec<&TopicMetadata> = self.topics.values().collect();
        sort_by_key(&mut topics, |topic| topic.name.clone());
        let topics: Vec<(TopicId, u32)> = topics.iter().map(|topic| (topic.topic, topic.partitions)).collect();
        let members = std::mem::take(&mut self.to_assign);
        let assignment = self.config.assignor.assign(&members, &topics);
        self.sync(assignment.into_iter().map(|(member, partitions)| (member, partitions.into())).collect());
    }
}
