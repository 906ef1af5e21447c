//! What is happening, as far as brokers are to blame: a part of the sentence in `narrate.rs`.

use super::model::Model;
use super::narrate::Tone;
use super::view::text::{count, list};
use crate::broker::{Broker, Node, Replicas, Topic};

impl Model {
    /// Some partitions have no leader that can be reached: nothing goes in there, or out.
    pub(super) fn tell_leaderless(&self) -> Option<(Tone, String)> {
        let broker = self.world().broker();
        let away = away(broker)?;
        let replicas = broker.topics().iter().flat_map(Topic::replicas);
        let is_led = |it: &Replicas| {
            let heard = |node: &&Node| Some(node.id()) == it.leader() && node.is_heard();
            broker.nodes().iter().any(|node| heard(&node))
        };
        let waiting = replicas.filter(|it| !is_led(it)).count() as u64;
        if waiting == 0 {
            return None;
        }
        let what = count(waiting, "partition waits", "partitions wait");
        let is_missed = broker.nodes().iter().filter(|node| !node.is_heard()).all(Node::is_fenced);
        let text = if is_missed {
            format!(
                "{away}: {what} for a broker that has everything. Nothing is lost meanwhile, and nothing goes on there."
            )
        } else {
            format!(
                "{away}: {what} until its absence is noticed and another one leads. Publishers try again, readers wait."
            )
        };
        Some((Tone::Down, text))
    }

    /// A broker is away, and nobody notices.
    pub(super) fn tell_broker_away(&self) -> Option<(Tone, String)> {
        let away = away(self.world().broker())?;
        Some((Tone::Down, format!("{away}. Others lead in its place, and everything goes on.")))
    }
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
        check(&mut model, 21_000, Tone::Down, "Broker 2 is away:");
        check(&mut model, 45_000, Tone::Down, "Others lead in its place");
        switch(&mut model, 1, false);
        switch(&mut model, 3, false);
        check(&mut model, 60_000, Tone::Down, "Brokers 1, 2 and 3 are away");
        for broker in 1..=3 {
            switch(&mut model, broker, true);
        }
        model.advance_to(Instant::from_ms(180_000));
        assert!(!model.narrate().1.contains("roker"), "{}", model.narrate().1);
    }
}
