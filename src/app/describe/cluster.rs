//! What happens to brokers and replicas, in plain words.

use crate::app::model::Model;
use crate::app::view::text::{count, list};
use crate::broker::{BrokerId, ClusterFact};
use crate::log::TopicPartition;

impl Model {
    pub(super) fn describe_cluster(&self, fact: &ClusterFact) -> String {
        match *fact {
            ClusterFact::Switched { broker, online: true } => format!("broker {broker} is started again"),
            ClusterFact::Switched { broker, online: false } => format!("broker {broker} crashed"),
            ClusterFact::Connected { broker, connected: true } => format!("broker {broker} is on the network again"),
            ClusterFact::Connected { broker, connected: false } => format!("broker {broker} is cut off"),
            ClusterFact::Fenced { broker, fenced: true } => {
                format!("no heartbeat came from broker {broker} within its session timeout: it is fenced")
            }
            ClusterFact::Fenced { broker, fenced: false } => format!("broker {broker} is no longer fenced"),
            ClusterFact::Elected { partition, leader, is_unclean, .. } => {
                self.describe_election(partition, leader, is_unclean)
            }
            ClusterFact::IsrChanged { partition, ref isr } => {
                let place = self.partition_name(partition);
                format!("{} in sync with {place}", brokers_that_are(isr))
            }
            ClusterFact::CutOff { partition, log_end, ref lost, .. } => {
                let what = match lost.len() as u64 {
                    0 => "none of which was acknowledged".to_owned(),
                    lost => format!("and with them {}", count(lost, "acknowledged record", "acknowledged records")),
                };
                let place = self.partition_name(partition);
                format!("the new leader did not have the records of {place} from offset {log_end} on, {what}")
            }
            ClusterFact::CoordinatorMoved { group, broker: Some(broker) } => {
                format!("broker {broker} coordinates the group {}", self.group_name(group))
            }
            ClusterFact::CoordinatorMoved { group, broker: None } => {
                format!("the group {} has no coordinator for now", self.group_name(group))
            }
        }
    }

    fn describe_election(&self, partition: TopicPartition, leader: Option<BrokerId>, is_unclean: bool) -> String {
        let place = self.partition_name(partition);
        match leader {
            None => format!("nobody can lead {place}"),
            Some(broker) if is_unclean => format!("broker {broker} leads {place}, though it was not in sync"),
            Some(broker) => format!("broker {broker} leads {place}"),
        }
    }

    fn partition_name(&self, partition: TopicPartition) -> String {
        format!("partition {} of {}", partition.partition, self.topic_name(partition.topic))
    }
}

fn brokers_that_are(brokers: &[BrokerId]) -> String {
    let names: Vec<String> = brokers.iter().map(BrokerId::to_string).collect();
    match &*names {
        [one] => format!("only broker {one} is"),
        names => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("the brokers {} are", list(&names))
        }
    }
}
