//! A single event, in plain words.

use super::model::Model;
use super::view::text::count;
use crate::broker::{EndReason, GroupId, LogFact, OffsetsFact, TransactionFact};
use crate::log::{Offset, TopicId, TopicPartition, TransactionResult};
use crate::sim::{Event, Fared, Outcome, ServiceId, WorkEvent};

mod cluster;
mod group;
mod service;

impl Model {
    /// One event in words.
    pub(super) fn describe(&self, event: &Event) -> String {
        match event {
            Event::Appended { service, partition, base_offset, records, .. } => {
                self.describe_appended(*service, *partition, *base_offset, *records)
            }
            Event::Log(fact) => self.describe_log(fact),
            Event::TopicConfigured { topic, setting, value } => {
                format!("{} of topic {} is {value} from now on", setting.name(), self.topic_name(*topic))
            }
            Event::Offsets(fact) => self.describe_offsets(fact),
            Event::Group(fact) => self.describe_group(fact),
            Event::Transaction(fact) => describe_transaction(fact),
            Event::Cluster(fact) => self.describe_cluster(fact),
            Event::Work(work) => self.describe_work(*work),
            Event::Outcome(Outcome { service, text, .. }) => format!("{}: “{text}”", self.name(*service)),
            Event::Service(event) => self.describe_service(event),
        }
    }

    fn describe_appended(&self, who: Option<ServiceId>, to: TopicPartition, at: Offset, records: u32) -> String {
        let who = who.map_or("you", |id| self.name(id));
        let what = count(records.into(), "record", "records");
        format!("{who} published {what} to partition {} at offset {at}", to.partition)
    }

    fn describe_log(&self, fact: &LogFact) -> String {
        match fact {
            LogFact::Deleted { partition, log_start_offset } => {
                format!("retention deleted the records of partition {} below {log_start_offset}", partition.partition)
            }
            LogFact::Compacted { partition, removed, .. } => self.describe_compacted(*partition, removed.len()),
            LogFact::MarkerWritten { partition, offset, result, .. } => {
                let what = match result {
                    TransactionResult::Commit => "commit",
                    TransactionResult::Abort => "abort",
                };
                let number = partition.partition;
                format!("the coordinator wrote the {what} marker to partition {number} at offset {offset}")
            }
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

    fn describe_offsets(&self, fact: &OffsetsFact) -> String {
        match fact {
            OffsetsFact::Committed { group, partition, offset, .. } => {
                format!("{} committed offset {offset} of partition {}", self.group_name(*group), partition.partition)
            }
            OffsetsFact::Expired { group, partitions } => {
                let what = count(partitions.len() as u64, "partition", "partitions");
                let name = self.group_name(*group);
                format!("{name} forgot its committed offsets of {what}, which nobody had needed for long")
            }
        }
    }

    fn describe_work(&self, work: WorkEvent) -> String {
        match work {
            WorkEvent::Polled { service, records, .. } => {
                format!("{} took {} to work on", self.name(service), count(records.into(), "record", "records"))
            }
            WorkEvent::Processed { service, partition, offset, .. } => {
                format!("{} processed offset {offset} of partition {}", self.name(service), partition.partition)
            }
            WorkEvent::Fared { service, partition, offset, how, .. } => {
                self.describe_fared(service, partition, offset, how)
            }
        }
    }

    fn describe_fared(&self, service: ServiceId, partition: TopicPartition, offset: Offset, how: Fared) -> String {
        let name = self.name(service);
        let what = format!("offset {offset} of partition {}", partition.partition);
        match how {
            Fared::Failed(1) => format!("{name} failed on {what}"),
            Fared::Failed(times) => format!("{name} failed on {what}, {times} times in a row"),
            Fared::Skipped => format!("{name} skipped {what}"),
            Fared::SentToRetry(_) => format!("{name} put a copy of {what} into its retry topic and went on"),
            Fared::DeadLettered(_) => format!("{name} put a copy of {what} into its dead letter topic and went on"),
            Fared::Redriven(_) => format!("{what} is tried again by {name}"),
            Fared::Deduplicated => format!("{name} recognised {what} as a repeat and did nothing"),
        }
    }

    fn topic_name(&self, topic: TopicId) -> &str {
        self.moment.world.broker().topic(topic).name()
    }

    fn group_name(&self, id: GroupId) -> &str {
        self.world().broker().group(id).name()
    }
}

fn describe_transaction(fact: &TransactionFact) -> String {
    match fact {
        TransactionFact::Ended { transactional_id, result, reason, .. } => {
            describe_end(transactional_id, *result, *reason)
        }
        TransactionFact::Fenced { transactional_id, producer } => {
            format!("epoch {} of the producer {transactional_id} is fenced: it may write no more", producer.epoch)
        }
    }
}

fn describe_end(transactional_id: &str, result: TransactionResult, reason: EndReason) -> String {
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
    use crate::sim::{Limit, ServiceEvent, Stamped};
    use crate::time::Instant;

    /// What the page tells the person of an event, and whether as something that went wrong.
    fn check_notice(event: Event, expect: Option<(&str, bool)>) {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 1);
        model.note(&[Stamped { at: Instant::START, event }]);
        assert_eq!(model.notice().map(|notice| (notice.text.as_str(), notice.is_error)), expect);
    }

    #[test]
    fn a_person_is_told_of_a_limit_that_is_reached_and_left() {
        let limited = |limit, reached| Event::Service(ServiceEvent::Limited { service: ServiceId(0), limit, reached });
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
        check_notice(Event::Service(ServiceEvent::Refused { service: ServiceId(0), partition }), Some((refused, true)));
        check_notice(Event::Service(ServiceEvent::CaughtUp { service: ServiceId(1) }), None);
    }
}
