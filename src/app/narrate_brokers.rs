//! What is happening, as far as brokers are to blame: a part of the sentence in `narrate.rs`.

use super::model::Model;
use super::narrate::Tone;
use super::view::text::{count, grouped, list, list_of, named, seconds};
use crate::broker::{Acks, Broker, Node, Replicas, Topic};
use crate::check::Blackout;
use crate::log::{TopicId, TopicPartition};
use crate::sim::ServiceId;
use crate::time::Instant;

/// How many topics are named of which partitions wait for a leader; the rest is counted.
const TOPICS_NAMED_MAX: usize = 2;

impl Model {
    /// Some partitions have no leader that can be reached: nothing goes in there, or out.
    pub(super) fn tell_leaderless(&self) -> Option<(Tone, String)> {
        let broker = self.world().broker();
        let away = away(broker)?;
        let what = concerned(broker, |it| !is_led(broker, it), ["has no leader", "have no leader"])?;
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

impl Model {
    /// All brokers are back, and everything is as it was: what came of it.
    pub(super) fn tell_brokers_back(&self) -> Option<(Instant, (Tone, String))> {
        let over = self.moment.blackouts.latest().filter(|it| self.is_news(it.over_at))?;
        let back: Vec<String> = over.brokers.iter().map(ToString::to_string).collect();
        let back = match back.len() {
            1 => format!("Broker {} is back", back[0]),
            _ => format!("Brokers {} are back", list_of(&back)),
        };
        let in_sync = if self.world().broker().nodes().len() > 1 { ", and all replicas are in sync again" } else { "" };
        let (tone, verdict) = tell_verdict(over);
        Some((over.over_at, (tone, format!("{back}{in_sync}. {} {verdict}", self.tell_who_led(over)))))
    }

    /// Who led what the brokers had led.
    fn tell_who_led(&self, over: &Blackout) -> String {
        let (unled, elsewhere) = (over.unled.iter().count() as u64, over.led_elsewhere.iter().count() as u64);
        let what = match (unled, over.unled.first()) {
            (1, Some(one)) => self.tell_partition(*one),
            _ => count(unled, "partition", "partitions"),
        };
        let waited = format!("Nobody led {what} for {}", seconds(over.unled_for));
        match (unled, elsewhere) {
            (0, 0) => "It led nothing.".to_owned(),
            (0, _) => format!("Others led {} meanwhile.", count(elsewhere, "partition", "partitions")),
            (_, 0) => format!("{waited}, and no other took over."),
            (unled, elsewhere) if elsewhere < unled => format!("{waited}; then others led {elsewhere} of them."),
            _ => format!("{waited}; then others did."),
        }
    }

    fn tell_partition(&self, place: TopicPartition) -> String {
        format!("partition {} of {}", place.partition, named(self.world().broker().topic(place.topic).name()))
    }

    /// The partitions that a service writes or reads and nobody leads.
    fn unled_of(&self, id: ServiceId) -> Vec<(TopicId, Vec<String>)> {
        let (broker, spec) = (self.world().broker(), self.world().service_spec(id));
        let written = spec.publishes.iter().map(|it| it.topic);
        let topics = written.chain(spec.consumes.iter().flat_map(|it| it.topics.iter().copied()));
        let unled = topics.map(|topic| (topic, numbers_of(broker.topic(topic), |it| !is_led(broker, it))));
        unled.filter(|(_, numbers)| !numbers.is_empty()).collect()
    }

    /// Whether a service that is on cannot get on with all of its work, because nobody leads where it writes or reads.
    pub(super) fn waits_for_a_leader(&self, id: ServiceId) -> bool {
        self.world().is_online(id) && !self.unled_of(id).is_empty()
    }

    /// The same in a few words, such as `waiting for the log: nobody leads partition 1`.
    pub(super) fn tell_wait_for_a_leader(&self, id: ServiceId) -> String {
        let (broker, unled) = (self.world().broker(), self.unled_of(id));
        let spec = self.world().service_spec(id);
        let all = spec.publishes.iter().count() + spec.consumes.iter().map(|it| it.topics.len()).sum::<usize>();
        let parts: Vec<String> = unled
            .iter()
            .map(|(topic, numbers)| {
                let what = if numbers.len() == 1 { "partition" } else { "partitions" };
                let of = if all > 1 { format!(" of {}", broker.topic(*topic).name()) } else { String::new() };
                format!("{what} {}{of}", list_of(numbers))
            })
            .collect();
        let is_careless = self.world().write_config_of(id).is_some_and(|config| config.acks == Acks::Zero);
        let what = if is_careless { "losing records" } else { "waiting for the log" };
        format!("{what}: nobody leads {}", list_of(&parts))
    }
}

/// Whether a broker leads a partition that can be reached.
fn is_led(broker: &Broker, replicas: &Replicas) -> bool {
    broker.nodes().iter().any(|node| Some(node.id()) == replicas.leader() && node.is_heard())
}

/// What was lost of what counted as written.
fn tell_verdict(over: &Blackout) -> (Tone, String) {
    let lost = |number| count(number, "record that counted as written was", "records that counted as written were");
    let came = |number| count(number, "record that counted as written", "records that counted as written");
    let text = match (over.lost, over.never_written) {
        (0, 0) => return (Tone::Good, "Nothing that was acknowledged was lost.".to_owned()),
        (thrown_away, 0) => format!("{} lost from the log.", lost(thrown_away)),
        (0, never) => format!("With acks 0, {} never came into the log.", came(never)),
        (thrown_away, never) => {
            format!("{} lost from the log, and with acks 0 {} never came into it.", lost(thrown_away), grouped(never))
        }
    };
    (Tone::Down, text)
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
    use crate::app::rehearsal::{delivery, go_on};
    use crate::app::view::brokers;
    use crate::check::Lost;
    use crate::check::promises::{Cause, Promise, Verdict};
    use crate::scenario::shipped;
    use crate::sim::Command;
    use crate::time::Span;

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

    /// The day goes on until it is told that all brokers are back.
    fn until_back(model: &mut Model) -> (Tone, String) {
        for _ in 0..600 {
            go_on(model, 100);
            if let Some((_, told)) = model.tell_brokers_back() {
                return told;
            }
        }
        panic!("it was never over: {}", model.narrate().1);
    }

    #[test]
    fn when_a_broker_is_back_it_is_told_who_led_and_that_nothing_was_lost() {
        let mut model = delivery();
        go_on(&mut model, 20_000);
        let leads = |model: &Model, id: usize| brokers(model).rows[id].leads;
        let led = leads(&model, 1);
        switch(&mut model, 2, false);
        let (mut unled_ms, mut waited) = (0, false);
        while leads(&model, 1) > 0 {
            go_on(&mut model, 100);
            unled_ms += 100;
            waited |= model.state_text(ServiceId(0)) == "waiting for the log: nobody leads partition 1";
        }
        assert!(waited, "the card of the publisher says so");
        go_on(&mut model, 20_000);
        assert_eq!(model.state_text(ServiceId(0)), "running");
        switch(&mut model, 2, true);
        assert_eq!(model.moment.blackouts.latest(), None, "its replicas lag behind");
        let (tone, text) = until_back(&mut model);
        assert_eq!(tone, Tone::Good, "{text}");
        assert!(text.starts_with(&format!(
            "Broker 2 is back, and all replicas are in sync again. Nobody led {led} partitions for "
        )));
        assert!(text.ends_with("; then others did. Nothing that was acknowledged was lost."), "{text}");
        let over = model.moment.blackouts.latest().expect("it is over");
        assert!(over.unled_for.as_ms().abs_diff(unled_ms) <= 100, "{over:?} and {unled_ms} ms");
        assert_eq!(model.narrate().1.replace('`', ""), text.replace('`', ""), "it is the news");
        model.advance_to(model.world().now() + Span::from_ms(15_000));
        assert!(model.narrate().1.starts_with("All services"), "{}", model.narrate().1);
    }

    #[test]
    fn a_broker_that_is_back_before_it_is_missed_was_replaced_by_nobody() {
        let mut model = delivery();
        go_on(&mut model, 20_000);
        switch(&mut model, 3, false);
        go_on(&mut model, 1_000);
        switch(&mut model, 3, true);
        let (tone, text) = until_back(&mut model);
        assert_eq!(tone, Tone::Good);
        assert!(text.contains(" for 1.0 s, and no other took over."), "{text}");
    }

    #[test]
    fn what_an_election_lost_is_told_and_the_promises_know_it_too() {
        let mut model = delivery();
        go_on(&mut model, 20_000);
        let (topic, name) = ("order-status".to_owned(), "unclean.leader.election.enable".to_owned());
        model.act(Command::SetTopicConfig { topic, name, value: "true".to_owned() }).expect("it takes that");
        switch(&mut model, 3, false);
        go_on(&mut model, 20_000);
        switch(&mut model, 1, false);
        switch(&mut model, 2, false);
        switch(&mut model, 3, true);
        go_on(&mut model, 30_000);
        switch(&mut model, 1, true);
        switch(&mut model, 2, true);
        let (tone, text) = until_back(&mut model);
        let lost = model.moment.blackouts.latest().map_or(0, |it| it.lost);
        assert!(tone == Tone::Down && lost > 0, "{text}");
        assert!(text.starts_with("Brokers 1, 2 and 3 are back"), "{text}");
        assert!(text.contains(&format!("{lost} records that counted as written were lost from the log.")), "{text}");
        let standings = model.moment.promises.standings(model.ledger(), true);
        let is_there =
            standings.iter().find(|it| it.promise == Promise::AcknowledgedIsThere).expect("orders publishes");
        let breach = match is_there.verdict {
            Verdict::Broken(breach) | Verdict::NeverPromised { slipped: Some(breach), .. } => breach,
            Verdict::Holds { .. } | Verdict::NeverPromised { slipped: None, .. } => panic!("{is_there:?}"),
        };
        assert_eq!(breach.cause, Cause::Lost(Lost::ThrownAway), "the promises have it too");
    }

    #[test]
    fn with_acks_0_what_nobody_took_is_told() {
        let mut model = delivery();
        for (name, value) in [("enable.idempotence", "false"), ("acks", "0")] {
            let (service, name) = ("orders".to_owned(), name.to_owned());
            model.act(Command::SetServiceConfig { service, name, value: value.to_owned() }).expect("it takes that");
        }
        go_on(&mut model, 20_000);
        let orders = ServiceId(0);
        let before = model.ledger().never_written(orders);
        switch(&mut model, 2, false);
        go_on(&mut model, 1_000);
        assert_eq!(model.state_text(orders), "losing records: nobody leads partition 1");
        go_on(&mut model, 20_000);
        switch(&mut model, 2, true);
        let (tone, text) = until_back(&mut model);
        let never = model.ledger().never_written(orders) - before;
        assert!(tone == Tone::Down && never > 0);
        assert!(text.contains(&format!("With acks 0, {never} records that counted as written never came")), "{text}");
    }
}
