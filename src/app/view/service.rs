//! A service as a card.

use super::outcome::{OutcomeBoard, outcome};
use super::text::{count, grouped, seconds, tenths};
use crate::app::Model;
use crate::sim::{InstanceInfo, Role, ServiceId, ServiceSpec, ServiceState};
use crate::time::Span;
use std::rc::Rc;

/// For how long nothing has come before that is worth a word.
const QUIET_MIN: Span = Span::from_ms(3_000);

/// The colour and shape of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lamp {
    /// Running.
    On,
    /// On its way.
    Busy,
    /// Offline.
    Off,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceView {
    /// Its number.
    pub id: ServiceId,
    /// Its name.
    pub name: Rc<str>,
    /// What it does.
    pub summary: Rc<str>,
    /// Whether it is switched on, and has not stopped by itself.
    pub online: bool,
    /// Its state's colour and shape.
    pub lamp: Lamp,
    /// Its state in words.
    pub state: String,
    /// Records a second that it publishes or processes.
    pub rate: String,
    /// For one that publishes: how many entities turn up a minute.
    pub arrivals_per_min: Option<u32>,
    /// For one that publishes: how many entities are on their way, and what they are called.
    pub in_progress: Option<String>,
    /// For one that reads: its lag.
    pub lag: Option<u64>,
    /// For one that reads: its lag beside the largest there is now, in thousandths.
    pub lag_per_mille: u32,
    /// For one that reads: which of the groups it is, from 0; decides on colour and shape.
    pub group: Option<usize>,
    /// For one that reads: how many instances it has, and what its failures have cost.
    pub note: String,
    /// For one that reads and has fallen behind: how old the last thing is that people heard from it.
    pub quiet: Option<String>,
    /// The numbers of the topics that it publishes to or reads from, with commas between them.
    pub topics: Rc<str>,
    /// What people outside see of it.
    pub outcome: Option<Rc<OutcomeBoard>>,
}

/// All services, in the order of the scenario.
pub fn services(model: &Model, lag_scale: u64) -> Vec<Rc<ServiceView>> {
    let world = model.world();
    let view = |id| {
        let group = world.readers().find(|(_, reader, _)| *reader == id).map(|(index, ..)| index);
        Rc::new(service(model, id, group, lag_scale))
    };
    world.service_ids().map(view).collect()
}

fn service(model: &Model, id: ServiceId, group: Option<usize>, lag_scale: u64) -> ServiceView {
    let world = model.world();
    let spec = world.service_spec(id);
    let lag = group.map(|_| world.lag(id));
    ServiceView {
        id,
        name: Rc::from(&*spec.name),
        summary: Rc::from(&*spec.summary),
        online: world.is_online(id) && world.service_state(id) != ServiceState::Failed,
        lamp: lamp(model, id),
        state: model.state_text(id),
        rate: tenths(rate(model, id)),
        arrivals_per_min: world.arrivals_per_min(id),
        in_progress: in_progress(model, id),
        lag,
        lag_per_mille: (lag.unwrap_or(0) * 1_000 / lag_scale.max(1)).min(1_000) as u32,
        group,
        note: note(model, id),
        quiet: quiet(model, id),
        topics: topics_of(spec).into(),
        outcome: outcome(model, id).map(Rc::new),
    }
}

/// How much it does, in tenths a second, over the last few seconds; a process that does not run does nothing.
fn rate(model: &Model, id: ServiceId) -> u64 {
    match model.world().service_state(id) {
        ServiceState::Offline | ServiceState::Failed => 0,
        ServiceState::Stopping | ServiceState::Joining | ServiceState::CatchingUp | ServiceState::Running => {
            model.moment.rates.tenths_per_s(id)
        }
    }
}

fn note(model: &Model, id: ServiceId) -> String {
    let world = model.world();
    let Some(consumes) = &world.service_spec(id).consumes else {
        let lost = model.account_of(id).lost;
        return if lost > 0 { format!("lost on the way to the log: {}", grouped(lost)) } else { String::new() };
    };
    let running = world.instances(id).filter(|it| it.role == Role::Main && it.ended.is_none()).count();
    let account = model.account_of(id);
    let (twice, never) = consumes.outcome.as_ref().map_or(("twice", "never"), |it| (&*it.twice, &*it.never));
    let costs = [
        (model.costs().repeated(id), twice),
        (account.lost, never),
        (account.dead_lettered, "dead letters"),
        (account.retrying, "in retry"),
    ];
    let costs =
        costs.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{what}: {}", grouped(*number)));
    std::iter::once(count(running as u64, "instance", "instances")).chain(costs).collect::<Vec<_>>().join(" · ")
}

/// A service that is on and does not get on is not well.
fn lamp(model: &Model, id: ServiceId) -> Lamp {
    let world = model.world();
    let is_stuck = |it: &InstanceInfo<'_>| it.trouble.is_some_and(|trouble| trouble.failures > 1);
    let is_troubled = world.instances(id).any(|instance| instance.is_stalled || is_stuck(&instance));
    match lamp_of(world.service_state(id)) {
        Lamp::On if !world.is_connected(id) => Lamp::Off,
        Lamp::On if is_troubled || model.waits_for_the_log(id) => Lamp::Busy,
        lamp => lamp,
    }
}

const fn lamp_of(state: ServiceState) -> Lamp {
    match state {
        ServiceState::Offline | ServiceState::Failed => Lamp::Off,
        ServiceState::Stopping | ServiceState::Joining | ServiceState::CatchingUp => Lamp::Busy,
        ServiceState::Running => Lamp::On,
    }
}

fn in_progress(model: &Model, id: ServiceId) -> Option<String> {
    let (one, many) = &model.scenario().entity;
    let number = model.world().in_progress(id)?;
    Some(format!("{} on their way", count(number as u64, one, many)))
}

fn topics_of(spec: &ServiceSpec) -> String {
    let published = spec.publishes.iter().map(|publishes| publishes.topic);
    let read = spec.consumes.iter().flat_map(|consumes| consumes.topics.iter().copied());
    let put = spec.consumes.iter().flat_map(|it| [it.output, it.retry_topic, it.dead_letter_topic]).flatten();
    published.chain(read).chain(put).map(|topic| topic.0.to_string()).collect::<Vec<_>>().join(",")
}

fn quiet(model: &Model, id: ServiceId) -> Option<String> {
    let world = model.world();
    let last = model.outcomes().of_service(id)?.entries.back()?;
    let is_away =
        matches!(world.service_state(id), ServiceState::Offline | ServiceState::Failed | ServiceState::Joining);
    let quiet = world.now().since(last.at);
    (is_away && quiet >= QUIET_MIN).then(|| format!("nothing new for {}", seconds(quiet)))
}
