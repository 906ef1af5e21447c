//! What is happening, as far as brokers are to blame: a part of the sentence in `narrate.rs`.

use super::model::Model;
use super::narrate::Tone;
use super::view::text::{count, list, list_of, named};
use crate::broker::{Acks, Broker, Node, Replicas, Topic};
use crate::sim::ServiceId;

/// How many topics are named of which partitions wait for a leader; the rest is counted.
const TOPICS_NAMED_MAX: usize = 2;

impl Model {
    /// Some partitions have no leader that can be reached: nothing goes in there, or out.
    pub(super) fn tell_leaderless(&self) -> Option<(Tone, String)> {
        let broker = self.world().broker();
        let away = away(broker)?;
        let is_led = |it: &Replicas| {
            let heard = |node: &&Node| Some(node.id()) == it.leader() && node.is_heard();
            broker.nodes().iter().any(|node| heard(&node))
        };
        let what = concerned(broker, |it| !is_led(it), ["has no leader", "have no leader"])?;
        let is_missed = broker.nodes().iter().filter(|node| !node.is_heard()).all(Node::is_fenced);
        let text = if is_missed {
            format!(
                "{away}: {what} until a broker that has everything is back. Nothing is lost meanwhile, and nothing goes on there."
            )
        } else {
            let meanwhile = self.tell_what_publishers_do();
            format!("{away}: {what} until that is noticed and others lead. {meanwhile}, readers wait.")
        };
        Some((Tone::Down, text))
    }

    /// What becomes of what is published to a partition without a leader.
    fn tell_what_publishers_do(&self) -> String {
        let world = self.world();
        let asks_nothing = |id: &ServiceId| world.write_config_of(*id).is_some_and(|config| config.acks == Acks::Zero);
        let careless: Vec<String> = world.service_ids().filter(asks_nothing).map(|id| self.named(id)).collect();
        if careless.is_empty() {
            return "Publishers try again".to_owned();
        }
        let loses = if careless.len() == 1 { "loses" } else { "lose" };
        format!("With acks 0, {} {loses} what goes there", list_of(&careless))
    }

    /// A broker is away, and nobody notices.
    pub(super) fn tell_broker_away(&self) -> Option<(Tone, String)> {
        let broker = self.world().broker();
        let away = away(broker)?;
        let is_short = |it: &Replicas| it.isr().len() < it.assigned().len();
        let short = concerned(broker, is_short, ["lacks a replica", "lack a replica"]);
        let short = short.map(|short| format!(". Until it is back, {short}")).unwrap_or_default();
        Some((Tone::Down, format!("{away}. Others lead in its place, and everything goes on{short}.")))
    }
}

/// `partition 1 of orders and partitions 0 and 2 of bills have no leader`: the partitions that are so, and what they do, for one and for several;
/// `None` if there are none.
fn concerned(broker: &Broker, is_so: impl Fn(&Replicas) -> bool, [one, many]: [&str; 2]) -> Option<String> {
    let topics = broker.topics().iter().map(|topic| (topic, numbers_of(topic, &is_so)));
    let topics: Vec<_> = topics.filter(|(_, numbers)| !numbers.is_empty()).collect();
    let all: usize = topics.iter().map(|(_, numbers)| numbers.len()).sum();
    let whole: usize = broker.topics().iter().map(|topic| topic.replicas().len()).sum();
    let does = if all == 1 { one } else { many };
    if all == whole && topics.len() > TOPICS_NAMED_MAX {
        return Some(format!("all {whole} partitions {does}"));
    }
    let (named, rest) = topics.split_at(topics.len().min(TOPICS_NAMED_MAX));
    let mut parts: Vec<String> = named.iter().map(|(topic, numbers)| part_of(topic, numbers)).collect();
    let rest: usize = rest.iter().map(|(_, numbers)| numbers.len()).sum();
    if rest > 0 {
        parts.push(count(rest as u64, "other partition", "other partitions"));
    }
    (all > 0).then(|| format!("{} {does}", list_of(&parts)))
}

fn numbers_of(topic: &Topic, is_so: impl Fn(&Replicas) -> bool) -> Vec<String> {
    let numbered = topic.replicas().iter().enumerate();
    numbered.filter(|(_, replicas)| is_so(replicas)).map(|(number, _)| number.to_string()).collect()
}

/// `partitions 0 and 2 of orders`.
fn part_of(topic: &Topic, numbers: &[String]) -> String {
    let what = if numbers.len() == 1 { "partition" } else { "partitions" };
    format!("{what} {} of {}", list_of(numbers), named(topic.name()))
}

/// `Broker 2 is away`, if any is.
fn away(broker: &Broker) -> Option<String> {
    let away = broker.nodes().iter().filter(|node| !node.is_heard()).map(|node| node.id().to_string());
    let away: Vec<String> = away.collect();
    let names: Vec<&str> = away.iter().map(String::as_str).collect();
    match names.len() {
        0 => None,
        1 => Some(format!("Broker {} is away", names[0])),
        _ => Some(format!("Brokers {} are away", list(&names))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::shipped;
    use crate::sim::Command;
    use crate::time::Instant;

    fn check(model: &mut Model, ms: u64, tone: Tone, expect: &str) {
        model.advance_to(Instant::from_ms(ms));
        let (found, text) = model.narrate();
        assert_eq!(found, tone, "{text}");
        assert!(text.contains(expect), "{expect:?} in {text:?}");
    }

    fn switch(model: &mut Model, broker: u32, online: bool) {
        model.act(Command::SetBrokerOnline { broker, online }).expect("there is such a broker");
    }

    #[test]
    fn it_is_told_what_waits_for_a_leader_and_when_others_lead() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        check(&mut model, 20_000, Tone::Calm, "All services are running");
        switch(&mut model, 2, false);
        check(&mut model, 21_000, Tone::Down, "Broker 2 is away: partition 1 of order-status");
        check(&mut model, 21_000, Tone::Down, "no leader until that is noticed");
        check(&mut model, 45_000, Tone::Down, "Others lead in its place");
        check(&mut model, 45_000, Tone::Down, "Until it is back, all 9 partitions lack a replica.");
        switch(&mut model, 1, false);
        switch(&mut model, 3, false);
        check(
            &mut model,
            60_000,
            Tone::Down,
            "Brokers 1, 2 and 3 are away: all 9 partitions have no leader until a broker",
        );
        for broker in 1..=3 {
            switch(&mut model, broker, true);
        }
        model.advance_to(Instant::from_ms(180_000));
        assert!(!model.narrate().1.contains("roker"), "{}", model.narrate().1);
    }
}
