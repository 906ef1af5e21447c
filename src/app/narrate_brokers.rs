//! What is happening, as far as brokers are to blame: a part of the sentence in `narrate.rs`.

use super::model::Model;
use super::narrate::Tone;
use super::view::text::{count, grouped, list_of, named, seconds};
use crate::broker::{Acks, Broker, Node, Replicas, Topic};
use crate::check::Blackout;
use crate::log::{TopicId, TopicPartition};
use crate::sim::ServiceId;
use crate::time::Instant;

/// How many topics are named of which partitions wait for a leader; the rest is counted.
const TOPICS_NAMED_MAX: usize = 2;

impl Model {
    /// Some partitions have no leader that can be reached: nothing goes in there, or out.
    fn tell_leaderless(&self) -> Option<(Tone, String)> {
        let broker = self.world().broker();
        let away = away(broker)?;
        let what = concerned(broker, |_, it| !is_led(broker, it), ["has no leader", "have no leader"])?;
        let is_missed = broker.nodes().iter().filter(|node| !node.is_heard()).all(Node::is_fenced);
        let text = if is_missed {
            let loses = self.moment.blackouts.has_lost() || self.losing().next().is_some();
            let nothing =
                if loses { "Nothing goes on there." } else { "Nothing is lost meanwhile, and nothing goes on there." };
            let is_led_by_any = |topic: &Topic| topic.config().unclean_leader_election;
            let mut unled = broker.topics().iter().filter(|it| !it.replicas().iter().all(|it| is_led(broker, it)));
            let until =
                if unled.all(is_led_by_any) { "any broker that has a replica" } else { "a broker that has everything" };
            format!("{away}: {what} until {until} is back. {nothing}")
        } else {
            let meanwhile = self.tell_what_publishers_do();
            format!("{away}: {what} until that is noticed and others lead. {meanwhile}, readers wait.")
        };
        Some((Tone::Down, text))
    }

    /// Brokers are away, and nothing goes on for that.
    pub(super) fn tell_brokers_to_blame(&self) -> Option<(Tone, String)> {
        self.tell_leaderless().or_else(|| self.tell_short_of_sync())
    }

    /// Some partitions are led, and yet nothing that counts goes in there, or out.
    fn tell_short_of_sync(&self) -> Option<(Tone, String)> {
        let (world, broker) = (self.world(), self.world().broker());
        let away = away(broker)?;
        let does = ["has too few replicas in sync", "have too few replicas in sync"];
        let what = concerned(broker, Topic::is_short_of_sync, does)?;
        let mut acks = world.service_ids().filter_map(|id| Some(world.write_config_of(id)?.acks));
        let publishers = if acks.all(|acks| acks == Acks::All) {
            "Publishers try again"
        } else {
            "What asks for acks=all is not taken"
        };
        let text = format!(
            "{away}: {what}, fewer than min.insync.replicas. {publishers}, and readers get nothing new until a broker is back."
        );
        Some((Tone::Down, text))
    }

    /// What becomes of what is published to a partition without a leader.
    fn tell_what_publishers_do(&self) -> String {
        let losing: Vec<String> = self.losing().map(|id| self.named(id)).collect();
        if losing.is_empty() {
            let asks_nothing = |id: ServiceId| self.world().write_config_of(id).is_some_and(|it| it.acks == Acks::Zero);
            let some_ask_nothing = self.world().service_ids().any(asks_nothing);
            return if some_ask_nothing { "Publishers keep what goes there" } else { "Publishers try again" }
                .to_owned();
        }
        let loses = if losing.len() == 1 { "loses" } else { "lose" };
        format!("With acks 0, {} {loses} what goes there", list_of(&losing))
    }

    /// The publishers that send what will come into no log, and do not know it.
    fn losing(&self) -> impl Iterator<Item = ServiceId> {
        self.world().service_ids().filter(|id| self.world().sends_in_vain(*id))
    }

    /// A broker is away, and nobody notices.
    pub(super) fn tell_broker_away(&self) -> Option<(Tone, String)> {
        let broker = self.world().broker();
        let away = away(broker)?;
        let is_short = |_: &Topic, it: &Replicas| it.isr().len() < it.assigned().len();
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

    /// The partitions that a service writes or reads and that are so.
    fn places_of(&self, id: ServiceId, is_so: impl Fn(&Topic, &Replicas) -> bool) -> Vec<(TopicId, Vec<String>)> {
        let (broker, spec) = (self.world().broker(), self.world().service_spec(id));
        let written = spec.publishes.iter().map(|it| it.topic);
        let topics = written.chain(spec.consumes.iter().flat_map(|it| it.topics.iter().copied()));
        let places = topics.map(|topic| (topic, numbers_of(broker.topic(topic), &is_so)));
        places.filter(|(_, numbers)| !numbers.is_empty()).collect()
    }

    /// Those that nobody leads.
    fn unled_of(&self, id: ServiceId) -> Vec<(TopicId, Vec<String>)> {
        self.places_of(id, |_, replicas| !is_led(self.world().broker(), replicas))
    }

    /// Whether it is held up in any because too few replicas are in sync; who asks for less than all of them to publish is not.
    fn is_short_of_sync(&self, id: ServiceId) -> bool {
        let world = self.world();
        let asks_all = world.write_config_of(id).is_some_and(|config| config.acks == Acks::All);
        let is_concerned = asks_all || world.group_of(id).is_some();
        is_concerned && !self.places_of(id, Topic::is_short_of_sync).is_empty()
    }

    /// Whether a service that is on cannot get on with all of its work, because of the partitions that it writes or reads.
    pub(super) fn waits_for_the_log(&self, id: ServiceId) -> bool {
        self.world().is_online(id) && (!self.unled_of(id).is_empty() || self.is_short_of_sync(id))
    }

    /// The same in a few words, such as `waiting for the log: nobody leads partition 1`.
    pub(super) fn tell_wait_for_the_log(&self, id: ServiceId) -> String {
        let unled = self.unled_of(id);
        if unled.is_empty() {
            return "waiting for the log: too few replicas in sync".to_owned();
        }
        let what = if self.world().sends_in_vain(id) { "losing records" } else { "waiting for the log" };
        format!("{what}: nobody leads {}", self.tell_places(id, &unled))
    }

    /// `partition 1`; with the topic if the service has several.
    fn tell_places(&self, id: ServiceId, places: &[(TopicId, Vec<String>)]) -> String {
        let spec = self.world().service_spec(id);
        let all = spec.publishes.iter().count() + spec.consumes.iter().map(|it| it.topics.len()).sum::<usize>();
        let tell = |(topic, numbers): &(TopicId, Vec<String>)| {
            let what = if numbers.len() == 1 { "partition" } else { "partitions" };
            let topic = self.world().broker().topic(*topic).name();
            let of = if all > 1 { format!(" of {topic}") } else { String::new() };
            format!("{what} {}{of}", list_of(numbers))
        };
        list_of(&places.iter().map(tell).collect::<Vec<_>>())
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
fn concerned(broker: &Broker, is_so: impl Fn(&Topic, &Replicas) -> bool, [one, many]: [&str; 2]) -> Option<String> {
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

fn numbers_of(topic: &Topic, is_so: impl Fn(&Topic, &Replicas) -> bool) -> Vec<String> {
    let numbered = topic.replicas().iter().enumerate();
    numbered.filter(|(_, replicas)| is_so(topic, replicas)).map(|(number, _)| number.to_string()).collect()
}

/// `partitions 0 and 2 of orders`.
fn part_of(topic: &Topic, numbers: &[String]) -> String {
    let what = if numbers.len() == 1 { "partition" } else { "partitions" };
    format!("{what} {} of {}", list_of(numbers), named(topic.name()))
}

/// `Broker 2 is away`, if any is; `is starting` if it only is not let in yet.
fn away(broker: &Broker) -> Option<String> {
    let away = || broker.nodes().iter().filter(|node| !node.is_heard());
    let names: Vec<String> = away().map(|node| node.id().to_string()).collect();
    let how = if away().all(Node::awaits_session) { "starting" } else { "away" };
    match &*names {
        [] => None,
        [one] => Some(format!("Broker {one} is {how}")),
        _ => Some(format!("Brokers {} are {how}", list_of(&names))),
    }
}

#[cfg(test)]
mod tests;
