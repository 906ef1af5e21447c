//! The brokers: which of them run, and what each of them leads.

use super::text::count;
use crate::app::Model;
use crate::broker::{Broker, BrokerId, Node, Replicas, Topic};

/// The brokers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokersView {
    /// All of them in a few words.
    pub summary: String,
    /// One row a broker.
    pub rows: Vec<BrokerRow>,
}

/// A broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerRow {
    /// Its number.
    pub number: u32,
    /// Whether it runs.
    pub is_online: bool,
    /// Whether it is on the network.
    pub is_connected: bool,
    /// How it is, in words.
    pub state: &'static str,
    /// How many partitions it leads.
    pub leads: usize,
    /// How many of its replicas are in sync, and how many it has.
    pub in_sync: String,
    /// The groups that it coordinates.
    pub coordinates: String,
}

/// The brokers as they are now.
pub fn brokers(model: &Model) -> BrokersView {
    let broker = model.world().broker();
    let replicas: Vec<&Replicas> = broker.topics().iter().flat_map(Topic::replicas).collect();
    BrokersView {
        summary: summary(broker, &replicas),
        rows: broker.nodes().iter().map(|node| row(broker, &replicas, node)).collect(),
    }
}

fn summary(broker: &Broker, replicas: &[&Replicas]) -> String {
    let nodes = broker.nodes();
    let away = nodes.iter().filter(|node| !node.is_heard()).count();
    let leaderless = replicas.iter().filter(|it| it.leader().is_none_or(|leader| !is_heard(broker, leader))).count();
    let all = count(nodes.len() as u64, "broker", "brokers");
    match (away, leaderless) {
        (0, _) if nodes.len() == 1 => format!("{all}: it keeps every partition"),
        (0, _) => format!("{all}: each partition is stored on several, and one of them leads it"),
        (away, 0) => format!("{away} of {all} away: {}", behind(broker, away)),
        (away, waits) => {
            format!("{away} of {all} away: {} without a leader", count(waits as u64, "partition", "partitions"))
        }
    }
}

/// What an absence means while everything is led: by Kafka's words for a partition that lacks replicas.
fn behind(broker: &Broker, away: usize) -> String {
    let count_of = |is_wanted: &dyn Fn(&Topic, &Replicas) -> bool| {
        let of_topic = |topic: &Topic| topic.replicas().iter().filter(|it| is_wanted(topic, it)).count();
        broker.topics().iter().map(of_topic).sum::<usize>() as u64
    };
    let under_min = count_of(&|topic, it| it.isr().len() < topic.config().min_insync_replicas as usize);
    let under_replicated = count_of(&|_, it| it.isr().len() < it.assigned().len());
    if under_min > 0 {
        let partitions = count(under_min, "partition is", "partitions are");
        return format!("{partitions} under min.insync.replicas and take no records with acks=all");
    }
    let led = if away == 1 { "it" } else { "they" };
    format!(
        "others lead what {led} led; {} under-replicated",
        count(under_replicated, "partition is", "partitions are")
    )
}

fn is_heard(broker: &Broker, id: BrokerId) -> bool {
    broker.nodes().iter().any(|node| node.id() == id && node.is_heard())
}

fn row(broker: &Broker, replicas: &[&Replicas], node: &Node) -> BrokerRow {
    let id = node.id();
    let all = replicas.iter().filter(|it| it.assigned().contains(&id)).count();
    let in_sync = replicas.iter().filter(|it| it.isr().contains(&id)).count();
    let groups = broker.groups().iter().filter(|group| broker.coordinator_of(group.id()) == Some(id));
    let groups: Vec<&str> = groups.map(|group| &**group.name()).collect();
    let state = match (node.is_online(), node.is_connected(), node.is_fenced()) {
        (true, true, _) if node.awaits_session() => "started, and not let in before its old session ends",
        (true, true, _) => "running",
        (true, false, false) => "cut off, and not noticed yet",
        (true, false, true) => "cut off",
        (false, _, false) => "down, and not noticed yet",
        (false, _, true) => "down",
    };
    BrokerRow {
        number: id.0.into(),
        is_online: node.is_online(),
        is_connected: node.is_connected(),
        state,
        leads: replicas.iter().filter(|it| it.leader() == Some(id)).count(),
        in_sync: format!("{in_sync} of {all}"),
        coordinates: if groups.is_empty() { "–".to_owned() } else { groups.join(", ") },
    }
}

/// What there is to see of a partition's replicas: what it is, how it stands, what it means.
pub(super) fn replica_facts(replicas: &Replicas) -> [(&'static str, String, &'static str); 4] {
    let leader = replicas.leader().map_or_else(|| "nobody".to_owned(), |broker| format!("broker {broker}"));
    [
        ("Leader", leader, "the broker through which everything is written and read here"),
        (
            "Replicas",
            numbers(replicas.assigned()),
            "the brokers that store this partition; the first is the preferred leader, and gets the lead back at the next check",
        ),
        (
            "In sync",
            numbers(replicas.isr()),
            "the ISR: replicas that keep up with the leader; one of them takes over if it fails",
        ),
        (
            "Leader epoch",
            replicas.epoch().to_string(),
            "rises with every change of leader; tells a replica that comes back what to cut off",
        ),
    ]
}

fn numbers(brokers: &[BrokerId]) -> String {
    brokers.iter().map(BrokerId::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::shipped;
    use crate::sim::Command;
    use crate::time::Instant;

    #[test]
    fn a_broker_that_fails_leads_nothing_once_it_is_missed() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(20_000));
        let before = brokers(&model);
        assert!(before.rows.len() > 1 && before.rows.iter().all(|row| row.leads > 0), "{before:?}");
        model.act(Command::SetBrokerOnline { broker: 1, online: false }).expect("there is such a broker");
        model.advance_to(Instant::from_ms(22_000));
        let unmissed = brokers(&model);
        assert_eq!(
            (unmissed.rows[0].state, unmissed.rows[0].leads),
            ("down, and not noticed yet", before.rows[0].leads)
        );
        assert!(unmissed.summary.contains("without a leader"), "{}", unmissed.summary);
        model.advance_to(Instant::from_ms(40_000));
        let after = brokers(&model);
        assert_eq!((after.rows[0].state, after.rows[0].leads), ("down", 0));
        assert!(after.rows[0].in_sync.starts_with("0 of "), "{after:?}");
        assert!(after.summary.contains("others lead"), "{}", after.summary);
        let leads = |view: &BrokersView| view.rows.iter().map(|row| row.leads).sum::<usize>();
        assert_eq!(leads(&before), leads(&after));
    }
}
