//! What a person did to the run that is neither an absence nor one of its marks: settings that were changed, from what to what;
//! networks cut and joined; what was published by hand. It stands in the list of what happened, not on the line.

use super::changed::Changed;
use super::view::text::{clock, named, seconds};
use crate::broker::{Broker, Node};
use crate::cow::CowDeque;
use crate::log::{Setting, TopicId};
use crate::sim::{Command, ReadSetting, SeekTo, ServiceId, ServiceState, World, WriteSetting};
use crate::time::{Instant, Span};
use std::sync::Arc;

/// How many deeds are kept; the oldest go first.
const DEEDS_MAX: usize = 512;
/// What is changed again within this time is one change: a slider that is drawn passes many values.
const TOGETHER: Span = Span::from_ms(2_000);

/// Something that a person did, once or several times in quick succession.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// When, or when first.
    pub at: Instant,
    /// When last.
    latest: Instant,
    /// To what, with names marked: who and which setting, or all that there is to say.
    what: Arc<str>,
    /// The values that a setting had before and has since; `None` for what is no setting.
    values: Option<[Arc<str>; 2]>,
    /// How many times.
    times: u32,
}

impl Deed {
    /// What was done, in words, with names marked.
    pub fn text(&self) -> String {
        match (&self.values, self.times) {
            (Some([from, to]), _) => format!("{} set from {from} to {to}", self.what),
            (None, 1) => self.what.to_string(),
            (None, times) => format!("{}, {times} times", self.what),
        }
    }

    /// Whether it is a setting that was changed.
    pub fn is_setting(&self) -> bool {
        self.values.is_some()
    }

    fn goes_with(&self, next: &Self) -> bool {
        self.what == next.what
            && self.values.is_some() == next.values.is_some()
            && next.at.since(self.latest) <= TOGETHER
    }

    /// Takes in what was done again. Returns whether it is back where it was, so that there is nothing to tell.
    fn go_on(&mut self, next: Self) -> bool {
        (self.latest, self.times) = (next.at, self.times + 1);
        if let (Some([from, to]), Some([_, after])) = (&mut self.values, next.values) {
            *to = after;
            return from == to;
        }
        false
    }
}

/// What is about to be done, and how things stand before.
pub(super) struct Intent {
    what: Arc<str>,
    value: Option<Arc<str>>,
    setting: Option<Set>,
}

/// A value that a command changes.
enum Set {
    Read(ServiceId, ReadSetting),
    Write(ServiceId, WriteSetting),
    Topic(TopicId, Setting),
    Rate(ServiceId),
}

impl Intent {
    /// What `command` is going to do; `None` if it does nothing, or something that is an absence or a mark.
    pub(super) fn of(world: &World, command: &Command) -> Option<Self> {
        if let Some((what, setting)) = set_by(world, command) {
            let value = Some(setting.value(world)?);
            return Some(Self { what: what.into(), value, setting: Some(setting) });
        }
        let what = done_by(world, command)?.into();
        Some(Self { what, value: None, setting: None })
    }

    /// The deed, now that it is done; `None` if nothing is other than it was.
    fn done(self, world: &World) -> Option<Deed> {
        let after = self.setting.and_then(|setting| setting.value(world));
        let values = self.value.zip(after).map(|(from, to)| [from, to]);
        let at = world.now();
        let deed = Deed { at, latest: at, what: self.what, values, times: 1 };
        deed.values.as_ref().is_none_or(|[from, to]| from != to).then_some(deed)
    }
}

impl Set {
    fn value(&self, world: &World) -> Option<Arc<str>> {
        let value = match *self {
            Self::Read(id, setting) => world.config_of(id)?.value(setting),
            Self::Write(id, setting) => setting.value(world.write_config_of(id)?),
            Self::Topic(id, setting) => world.broker().topic(id).config().value(setting),
            Self::Rate(id) => world.arrivals_per_min(id)?.to_string(),
        };
        Some(value.into())
    }
}

/// The setting that a command changes, if it changes one, and what that is called.
fn set_by(world: &World, command: &Command) -> Option<(String, Set)> {
    match Changed::by(command, world)? {
        Changed::Service { id, service, name, .. } => {
            let read = world.config_of(id).and_then(|_| ReadSetting::named(name).ok());
            let set = match read {
                Some(setting) => Set::Read(id, setting),
                None => Set::Write(id, WriteSetting::named(name).ok()?),
            };
            Some((format!("{}: {name}", named(service)), set))
        }
        Changed::Topic { id, topic, name, .. } => {
            Some((format!("topic {}: {name}", named(topic)), Set::Topic(id, Setting::named(name).ok()?)))
        }
        Changed::Rate { id, service } => Some((format!("{}: arrivals a minute", named(service)), Set::Rate(id))),
    }
}

/// What else a command does, in words, if it does anything that is neither an absence nor a mark.
fn done_by(world: &World, command: &Command) -> Option<String> {
    match command {
        Command::SetInstanceOnline { service, instance, online } => {
            let how = if *online { "on" } else { "off" };
            Some(format!("instance {instance} of {} was switched {how}", named(service)))
        }
        Command::SetServiceOnline { service, online: true } => {
            let has_stopped = world.service_state(world.service_id(service)?) == ServiceState::Failed;
            has_stopped.then(|| format!("{} was started again", named(service)))
        }
        Command::Stall { service, ms } => {
            Some(format!("{} was stalled for {}", named(service), seconds(Span::from_ms(*ms))))
        }
        Command::SetConnected { service, connected } => {
            let changes = world.is_connected(world.service_id(service)?) != *connected;
            changes.then(|| format!("{} {}", named(service), reached(*connected, "the broker")))
        }
        Command::SetBrokerConnected { broker, connected } => {
            let changes = is_on_the_network(world.broker(), *broker)? != *connected;
            changes.then(|| format!("broker {broker} {}", reached(*connected, "everybody")))
        }
        Command::Seek { service, to } => Some(format!("{} was let begin {}", named(service), tell_place(*to))),
        Command::Redrive { service } => Some(format!("dead letters of {} were redriven", named(service))),
        Command::Publish { topic, .. } => Some(format!("a record was published by hand to {}", named(topic))),
        Command::SetServiceOnline { online: false, .. }
        | Command::ShutDown { .. }
        | Command::SetBrokerOnline { .. }
        | Command::SetServiceConfig { .. }
        | Command::SetTopicConfig { .. }
        | Command::SetArrivalRate { .. }
        | Command::AddService { .. }
        | Command::RemoveService { .. } => None,
    }
}

fn is_on_the_network(brokers: &Broker, broker: u32) -> Option<bool> {
    let node = brokers.nodes().iter().find(|node| u32::from(node.id().0) == broker);
    node.map(Node::is_connected)
}

fn reached(connected: bool, whom: &str) -> String {
    if connected { format!("was joined with {whom} again") } else { format!("was cut off from {whom}") }
}

fn tell_place(to: SeekTo) -> String {
    match to {
        SeekTo::Earliest => "at the earliest record".to_owned(),
        SeekTo::Latest => "at the end of the log".to_owned(),
        SeekTo::Offset(offset) => format!("at offset {offset}"),
        SeekTo::TimeMs(ms) => format!("at the records of {}", clock(Instant::from_ms(ms))),
    }
}

/// What was done so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Deeds(CowDeque<Deed>);

impl Deeds {
    /// Takes in what was done. What is done again shortly after counts with what was done first, also if something else was done
    /// between them.
    pub(super) fn note(&mut self, intent: Intent, world: &World) {
        let Some(deed) = intent.done(world) else { return };
        let together = (0..self.0.len()).rev().find(|index| self.0.get(*index).is_some_and(|it| it.goes_with(&deed)));
        match together {
            Some(index) => self.go_on(index, deed),
            None => self.0.push_back(deed),
        }
        if self.0.len() > DEEDS_MAX {
            self.0.pop_front();
        }
    }

    /// All of them, in order.
    pub(super) fn all(&self) -> &CowDeque<Deed> {
        &self.0
    }

    fn go_on(&mut self, index: usize, deed: Deed) {
        if self.0.get_mut(index).is_some_and(|it| it.go_on(deed)) {
            let after: Vec<Deed> = self.0.iter_from(index + 1).cloned().collect();
            self.0.truncate(index);
            for later in after {
                self.0.push_back(later);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::rehearsal::{delivery, go_on};
    use crate::app::{Model, Msg, update};

    fn set(service: &str, name: &str, value: &str) -> Command {
        let (service, name, value) = (service.to_owned(), name.to_owned(), value.to_owned());
        Command::SetServiceConfig { service, name, value }
    }

    fn rate(arrivals_per_min: u32) -> Command {
        Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min }
    }

    fn told(model: &Model) -> Vec<String> {
        model.deeds().map(Deed::text).collect()
    }

    #[test]
    fn a_changed_setting_is_told_with_who_and_from_what_to_what() {
        let mut model = delivery();
        go_on(&mut model, 5_000);
        model.act(set("logistics", "max.poll.records", " 007 ")).expect("it takes that");
        model.act(set("orders", "enable.idempotence", "false")).expect("it takes that");
        let (topic, name) = ("order-status".to_owned(), "retention.ms".to_owned());
        model.act(Command::SetTopicConfig { topic, name, value: "60000".to_owned() }).expect("it takes that");
        let cut = |connected| Command::SetConnected { service: "orders".to_owned(), connected };
        model.act(cut(false)).expect("there is such a service");
        model.act(Command::SetBrokerConnected { broker: 2, connected: true }).expect("there is such a broker");
        let kept = model.scenario().world.topics[0].log.value(Setting::named("retention.ms").expect("a setting"));
        let reads = model.scenario().world.services.iter().find_map(|it| it.consumes.as_ref()).expect("a reader");
        assert_eq!(
            told(&model),
            [
                format!("`logistics`: max.poll.records set from {} to 7", reads.config.max_poll_records),
                "`orders`: enable.idempotence set from true to false".to_owned(),
                format!("topic `order-status`: retention.ms set from {kept} to 60000"),
                "`orders` was cut off from the broker".to_owned(),
            ],
            "broker 2 was on the network before"
        );
    }

    #[test]
    fn a_slider_that_is_drawn_is_one_change_and_none_if_it_is_drawn_back() {
        let mut model = delivery();
        go_on(&mut model, 5_000);
        let before = model.world().arrivals_per_min(ServiceId(0)).expect("it publishes");
        for more in 1..=4 {
            go_on(&mut model, 500);
            model.act(rate(before + more)).expect("a rate");
            model.act(set("logistics", "max.poll.records", &more.to_string())).expect("it takes that");
        }
        let whole = format!("`orders`: arrivals a minute set from {before} to {}", before + 4);
        assert_eq!((told(&model).len(), &told(&model)[0]), (2, &whole));
        assert_eq!(model.deeds().next().map(|it| it.at), Some(Instant::from_ms(5_500)), "when it began");
        model.act(rate(before)).expect("a rate");
        assert!(told(&model).iter().all(|text| text.contains("max.poll.records")), "{:?}", told(&model));
        go_on(&mut model, TOGETHER.as_ms() + 1);
        model.act(rate(before + 9)).expect("a rate");
        go_on(&mut model, TOGETHER.as_ms() + 1);
        model.act(rate(before)).expect("a rate");
        assert_eq!(told(&model).len(), 3, "what is changed back later is told: {:?}", told(&model));
    }

    #[test]
    fn what_lies_ahead_stays_and_what_is_taken_back_goes() {
        let mut model = delivery();
        go_on(&mut model, 5_000);
        model.act(rate(123)).expect("a rate");
        go_on(&mut model, 10_000);
        update(&mut model, Msg::Seek(Instant::from_ms(1_000)));
        assert_eq!(told(&model).len(), 1, "it is ahead");
        update(&mut model, Msg::SeekEnd);
        update(&mut model, Msg::Undo);
        assert_eq!(told(&model), [""; 0]);
    }

    #[test]
    fn there_are_never_too_many() {
        let mut deeds = Deeds::default();
        let mut model = delivery();
        for _ in 0..DEEDS_MAX + 3 {
            go_on(&mut model, TOGETHER.as_ms() + 1);
            let intent = Intent::of(model.world(), &Command::Redrive { service: "logistics".to_owned() });
            deeds.note(intent.expect("it does something"), model.world());
        }
        assert_eq!(deeds.all().len(), DEEDS_MAX);
    }
}
