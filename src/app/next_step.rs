//! What the page proposes to do next: the one large control beside the sentence that says what is happening. It is the way
//! into the page for somebody who has read nothing: take a service offline, watch, bring it back.

use super::model::Model;
use crate::sim::{Command, ServiceId, ServiceState};
use std::rc::Rc;

/// A switch that is worth pressing now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep {
    /// The service, or the broker.
    pub what: Rc<str>,
    /// Whether it is to be switched on.
    pub online: bool,
    /// What switches it.
    pub command: Command,
}

impl NextStep {
    /// What it does, in words.
    pub fn label(&self) -> String {
        if self.online { format!("Bring {} back", self.what) } else { format!("Take {} offline", self.what) }
    }
}

impl Model {
    /// What to do next: bring back what is away; if nothing is, take a service offline whose work people can see.
    pub fn next_step(&self) -> Option<NextStep> {
        self.service_away().or_else(|| self.broker_away()).or_else(|| {
            let service = self.name(self.worth_missing()?).to_owned();
            let what = Rc::from(&*service);
            Some(NextStep { what, online: false, command: Command::SetServiceOnline { service, online: false } })
        })
    }

    /// The service that has been away longest, or else one that is cut off.
    fn service_away(&self) -> Option<NextStep> {
        let offline = self.in_state(ServiceState::Offline).into_iter().min_by_key(|id| self.world().switched_at(*id));
        let cut_off = || self.world().service_ids().find(|id| !self.world().is_connected(*id));
        let service = |id| self.name(id).to_owned();
        let command = match offline {
            Some(id) => Command::SetServiceOnline { service: service(id), online: true },
            None => Command::SetConnected { service: service(cut_off()?), connected: true },
        };
        let id = offline.or_else(cut_off)?;
        Some(NextStep { what: Rc::from(self.name(id)), online: true, command })
    }

    fn broker_away(&self) -> Option<NextStep> {
        let node = self.world().broker().nodes().iter().find(|node| !node.is_heard())?;
        let broker = node.id().0.into();
        let command = if node.is_online() {
            Command::SetBrokerConnected { broker, connected: true }
        } else {
            Command::SetBrokerOnline { broker, online: true }
        };
        Some(NextStep { what: format!("broker {broker}").into(), online: true, command })
    }

    /// The service that the scenario proposes, or else the one that would be missed most visibly.
    pub(super) fn worth_missing(&self) -> Option<ServiceId> {
        let world = self.world();
        let proposed = self.scenario.first_outage.as_deref();
        if let Some(id) = world.service_ids().find(|id| proposed == Some(self.name(*id))) {
            return Some(id);
        }
        let readers = world.service_ids().filter(|id| world.group_of(*id).is_some());
        let is_seen = |id: &ServiceId| world.service_spec(*id).consumes.as_ref().is_some_and(|it| it.outcome.is_some());
        readers.max_by_key(|id| (is_seen(id), id.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::shipped;
    use crate::time::Instant;

    #[test]
    fn the_way_round_is_to_take_a_service_offline_and_to_bring_it_back() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(12_000));
        let off = model.next_step().expect("all is well");
        assert_eq!(off.label(), "Take notifications offline");
        model.act(off.command.clone()).expect("there is such a service");
        model.advance_to(Instant::from_ms(60_000));
        let on = model.next_step().expect("a service is away");
        assert_eq!(on.label(), "Bring notifications back");
        model.act(on.command.clone()).expect("there is such a service");
        assert_eq!(model.next_step(), Some(off), "while it catches up, too");
    }

    #[test]
    fn a_broker_that_is_away_can_be_brought_back() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(12_000));
        model.act(Command::SetBrokerOnline { broker: 2, online: false }).expect("there is such a broker");
        let on = model.next_step().expect("a broker is away");
        assert_eq!(on.label(), "Bring broker 2 back");
        model.act(on.command.clone()).expect("there is such a broker");
        assert_eq!(model.next_step().expect("nothing is away").label(), "Take notifications offline");
    }

    #[test]
    fn who_is_cut_off_can_be_joined_again() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(12_000));
        let cut = [
            Command::SetBrokerConnected { broker: 3, connected: false },
            Command::SetConnected { service: "logistics".to_owned(), connected: false },
        ];
        for (command, back) in cut.into_iter().zip(["Bring broker 3 back", "Bring logistics back"]) {
            model.act(command).expect("there is such a one");
            let on = model.next_step().expect("somebody is cut off");
            assert_eq!(on.label(), back);
            model.act(on.command).expect("it can be joined again");
        }
        assert_eq!(model.next_step().expect("nobody is away").label(), "Take notifications offline");
    }

    #[test]
    fn a_scenario_says_which_outage_tells_its_story() {
        let model = Model::new(shipped("shop").expect("a shipped scenario"), 42);
        assert_eq!(model.next_step().expect("all is well").label(), "Take payments offline");
    }

    #[test]
    fn of_several_the_one_that_has_been_away_longest_comes_back_first() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        for (ms, service) in [(12_000, "notifications"), (14_000, "logistics")] {
            model.advance_to(Instant::from_ms(ms));
            let command = Command::SetServiceOnline { service: service.to_owned(), online: false };
            model.act(command).expect("there is such a service");
        }
        assert_eq!(model.next_step().expect("two are away").label(), "Bring notifications back");
    }
}
