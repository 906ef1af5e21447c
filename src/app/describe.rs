//! A single event, in plain words.

use super::model::Model;
use super::view::text::{count, grouped, seconds};
use crate::broker::{EndReason, Generation, GroupId, GroupState, LeaveReason, MemberId, RebalanceReason};
use crate::log::{Offset, TopicId, TopicPartition, TransactionResult};
use crate::sim::{Ended, Event, Fared, InstanceChange, Limit, Role, ServiceId};

impl Model {
    /// One event in words.
    pub(super) fn describe(&self, event: &Event) -> String {
        match event {
            Event::Appended { service, partition, base_offset, records, .. } => {
                self.describe_appended(*service, *partition, *base_offset, *records)
            }
            Event::Refused { service, partition } => self.describe_refused(*service, *partition),
            Event::Limited { service, limit, reached } => self.describe_limited(*service, *limit, *reached),
            Event::Deleted { partition, log_start_offset } => {
                format!("retention deleted the records of partition {} below {log_start_offset}", partition.partition)
            }
            Event::Compacted { partition, removed, .. } => self.describe_compacted(*partition, removed.len()),
            Event::TopicConfigured { topic, setting, value } => {
                format!("{} of topic {} is {value} from now on", setting.name(), self.topic_name(*topic))
            }
            Event::MarkerWritten { partition, offset, result, .. } => {
                let what = match result {
                    TransactionResult::Commit => "commit",
                    TransactionResult::Abort => "abort",
                };
                format!(
                    "the coordinator wrote the {what} marker to partition {} at offset {offset}",
                    partition.partition
                )
            }
            Event::TransactionEnded { transactional_id, result, reason, .. } => {
                describe_transaction(transactional_id, *result, *reason)
            }
            Event::ProducerFenced { transactional_id, producer } => {
                format!("epoch {} of the producer {transactional_id} is fenced: it may write no more", producer.epoch)
            }
            Event::Polled { service, records, .. } => {
                format!("{} took {} to work on", self.name(*service), count((*records).into(), "record", "records"))
            }
            Event::Processed { service, partition, offset, .. } => {
                format!("{} processed offset {offset} of partition {}", self.name(*service), partition.partition)
            }
            Event::Fared { service, partition, offset, how, .. } => {
                self.describe_fared(*service, *partition, *offset, *how)
            }
            Event::InstanceChanged { service, instance, change } => {
                self.describe_instance(*service, *instance, *change)
            }
            Event::ServiceConfigured { service, setting, value } => {
                format!("{setting} of {} is {value} from now on", self.name(*service))
            }
            Event::NetworkSwitched { service, connected: true } => {
                format!("{} can reach the broker again", self.name(*service))
            }
            Event::NetworkSwitched { service, connected: false } => {
                format!("{} is cut off from the broker", self.name(*service))
            }
            Event::Sought { group, partition, from, to } => {
                format!(
                    "{} goes from offset {from} of partition {} to {to}",
                    self.group_name(*group),
                    partition.partition
                )
            }
            Event::Outcome { service, text, .. } => format!("{}: “{text}”", self.name(*service)),
            Event::Committed { group, partition, offset, .. } => {
                format!("{} committed offset {offset} of partition {}", self.group_name(*group), partition.partition)
            }
            Event::OffsetsExpired { group, partitions } => self.describe_expired(*group, partitions.len()),
            Event::MemberJoined { group, member, .. } => self.describe_joined(*group, *member),
            Event::MemberRejoined { group, member } => {
                format!("member {} joined the group {} again", member.0, self.group_name(*group))
            }
            Event::MemberReplaced { group, old, new } => {
                format!("member {} is back in the group {} as member {}", old.0, self.group_name(*group), new.0)
            }
            Event::MemberLeft { group, member, reason } => self.describe_left(*group, *member, *reason),
            Event::RebalanceStarted { group, reason, .. } => self.describe_rebalance(*group, *reason),
            Event::GenerationStarted { group, generation, protocol, leader } => {
                let (name, number) = (self.group_name(*group), generation.0);
                format!("generation {number} of the group {name} begins: member {} assigns by {protocol}", leader.0)
            }
            Event::Assigned { group, member, partitions, .. } => {
                self.describe_assigned(*group, *member, partitions.len())
            }
            Event::GroupChanged { group, state, generation, .. } => self.describe_group(*group, *state, *generation),
            Event::ServiceSwitched { service, online: true } => format!("{} was switched on", self.name(*service)),
            Event::ServiceSwitched { service, online: false } => format!("{} was switched off", self.name(*service)),
            Event::CaughtUp { service } => format!("{} has caught up", self.name(*service)),
            Event::RateChanged { arrivals_per_min, .. } => format!("{arrivals_per_min} arrivals a minute from now on"),
        }
    }

    fn describe_fared(&self, service: ServiceId, partition: TopicPartition, offset: Offset, how: Fared) -> String {
        let name = self.name(service);
        let what = format!("offset {offset} of partition {}", partition.partition);
        match how {
            Fared::Failed(1) => format!("{name} failed on {what}"),
            Fared::Failed(times) => format!("{name} failed on {what} for the {times}. time in a row"),
            Fared::Skipped => format!("{name} left out {what}"),
            Fared::SentToRetry => format!("{name} put {what} into its retry topic"),
            Fared::DeadLettered => format!("{name} put {what} into its dead letter topic"),
            Fared::Redriven => format!("{what} is tried again by {name}"),
            Fared::Deduplicated => format!("{name} knew {what} already and did nothing"),
        }
    }

    fn describe_instance(&self, service: ServiceId, instance: u32, change: InstanceChange) -> String {
        let found = self.moment.world.instances(service).nth(instance as usize);
        let which = found.map_or(String::new(), |it| match it.role {
            Role::Main => format!("instance {} of {}", it.number, self.name(service)),
            Role::Retry => format!("the retry instance of {}", self.name(service)),
        });
        match change {
            InstanceChange::Began => format!("{which} began"),
            InstanceChange::Stalled(span) => format!("{which} stands still for {}", seconds(span)),
            InstanceChange::Ended(Ended::Crashed) => format!("{which} crashed"),
            InstanceChange::Ended(Ended::ShutDown) => format!("{which} ended in good order"),
            InstanceChange::Ended(Ended::Failed) => format!("{which} stopped at a record on which it failed"),
            InstanceChange::Ended(Ended::Refused) => format!("{which} gave up: its client could not go on"),
        }
    }

    fn describe_compacted(&self, partition: TopicPartition, removed: usize) -> String {
        let what = count(removed as u64, "record that a later one replaced", "records that later ones replaced");
        format!(
            "compaction removed {what} from partition {} of {}",
            partition.partition,
            self.topic_name(partition.topic)
        )
    }

    fn topic_name(&self, topic: TopicId) -> &str {
        self.moment.world.broker().topic(topic).name()
    }

    fn describe_appended(&self, who: Option<ServiceId>, to: TopicPartition, at: Offset, records: u32) -> String {
        let who = who.map_or("you", |id| self.name(id));
        let what = count(records.into(), "record", "records");
        format!("{who} published {what} to partition {} at offset {at}", to.partition)
    }

    fn describe_refused(&self, service: ServiceId, by: TopicPartition) -> String {
        format!("partition {} refused a record of {}: it is too large", by.partition, self.name(service))
    }

    fn describe_limited(&self, service: ServiceId, limit: Limit, reached: bool) -> String {
        let (name, max) = (self.name(service), grouped(limit.max() as u64));
        let entities = &self.scenario().entity.1;
        match (limit, reached) {
            (Limit::Entities, true) => {
                format!(
                    "{name} has {max} {entities} on their way, which is its limit: no new ones until some are through"
                )
            }
            (Limit::Entities, false) => format!("{name} has room for new {entities} again"),
            (Limit::Unacknowledged, true) => {
                format!(
                    "{name} waits for the broker to acknowledge {max} updates, which is its limit: others wait for their turn"
                )
            }
            (Limit::BufferMemory, true) => {
                format!(
                    "the producer of {name} is full: buffer.memory holds no more until the broker acknowledges some of it"
                )
            }
            (Limit::BufferMemory, false) => format!("the producer of {name} has room again"),
            (Limit::Unacknowledged, false) => format!("{name} goes on publishing: the broker has acknowledged enough"),
        }
    }

    fn describe_joined(&self, group: GroupId, member: MemberId) -> String {
        format!("member {} joined the group {}", member.0, self.group_name(group))
    }

    fn describe_expired(&self, group: GroupId, partitions: usize) -> String {
        let what = count(partitions as u64, "partition", "partitions");
        format!("{} forgot its committed offsets of {what}, which nobody had needed for long", self.group_name(group))
    }

    fn describe_assigned(&self, group: GroupId, member: MemberId, partitions: usize) -> String {
        let what = count(partitions as u64, "partition", "partitions");
        format!("member {} of the group {} is to read {what}", member.0, self.group_name(group))
    }

    fn describe_left(&self, group: GroupId, member: MemberId, reason: LeaveReason) -> String {
        let how = match reason {
            LeaveReason::Left => "left",
            LeaveReason::SessionTimedOut => "was not heard of for its session timeout and is out of",
            LeaveReason::RebalanceTimedOut => "did not join again in time and is out of",
            LeaveReason::SyncTimedOut => "did not ask for its assignment in time and is out of",
        };
        format!("member {} {how} the group {}", member.0, self.group_name(group))
    }

    fn describe_rebalance(&self, group: GroupId, reason: RebalanceReason) -> String {
        let why = match reason {
            RebalanceReason::MemberJoined => "a member came",
            RebalanceReason::MemberLeft => "a member went",
            RebalanceReason::MemberRejoined => "a member joined again",
            RebalanceReason::StaticMemberReplaced => "a static member came back",
        };
        format!("{} rebalances, because {why}", self.group_name(group))
    }

    fn describe_group(&self, group: GroupId, state: GroupState, generation: Generation) -> String {
        let state = match state {
            GroupState::Empty => "empty",
            GroupState::PreparingRebalance => "waiting for its members to join",
            GroupState::CompletingRebalance => "waiting for its assignment",
            GroupState::Stable => "stable",
            GroupState::Dead => "gone",
        };
        format!("the group {} is {state}, in generation {}", self.group_name(group), generation.0)
    }

    fn group_name(&self, id: GroupId) -> &str {
        self.world().broker().group(id).name()
    }
}

fn describe_transaction(transactional_id: &str, result: TransactionResult, reason: EndReason) -> String {
    let how = match result {
        TransactionResult::Commit => "committed",
        TransactionResult::Abort => "aborted",
    };
    let why = match reason {
        EndReason::Asked => "",
        EndReason::TimedOut => ", because it took too long",
        EndReason::Fenced => ", because its producer began anew",
    };
    format!("the transaction of {transactional_id} is {how}{why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::shipped;
    use crate::sim::Stamped;
    use crate::time::Instant;

    /// What the page tells the person of an event, and whether as something that went wrong.
    fn check_notice(event: Event, expect: Option<(&str, bool)>) {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 1);
        model.note(&[Stamped { at: Instant::START, event }]);
        assert_eq!(model.notice().map(|notice| (notice.text.as_str(), notice.is_error)), expect);
    }

    #[test]
    fn a_person_is_told_of_a_limit_that_is_reached_and_left() {
        let limited = |limit, reached| Event::Limited { service: ServiceId(0), limit, reached };
        let full = "orders has 50,000 orders on their way, which is its limit: no new ones until some are through.";
        check_notice(limited(Limit::Entities, true), Some((full, true)));
        check_notice(limited(Limit::Entities, false), Some(("orders has room for new orders again.", false)));
        let blocked = "orders waits for the broker to acknowledge 10,000 updates, which is its limit: others wait for their turn.";
        check_notice(limited(Limit::Unacknowledged, true), Some((blocked, true)));
        let goes_on = "orders goes on publishing: the broker has acknowledged enough.";
        check_notice(limited(Limit::Unacknowledged, false), Some((goes_on, false)));
    }

    #[test]
    fn a_person_is_told_of_a_refusal_and_not_of_everyday_events() {
        let partition = TopicPartition::default();
        let refused = "partition 0 refused a record of orders: it is too large. Nothing else happens to it.";
        check_notice(Event::Refused { service: ServiceId(0), partition }, Some((refused, true)));
        check_notice(Event::CaughtUp { service: ServiceId(1) }, None);
    }
}
