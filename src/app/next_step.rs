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
    /// What is to be done about it.
    pub what_to_do: WhatToDo,
    /// What does it.
    pub command: Command,
}

/// What there is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhatToDo {
    /// Switch it off, and see what that does.
    TakeOffline,
    /// Switch it on, start it or join it to the network again.
    BringBack,
    /// Make it able to process what it fails on.
    Fix,
}

impl NextStep {
    /// What it does, in words.
    pub fn label(&self) -> String {
        let what = &self.what;
        match self.what_to_do {
            WhatToDo::TakeOffline => format!("Take {what} offline"),
            WhatToDo::BringBack => format!("Bring {what} back"),
            WhatToDo::Fix => format!("Fix the bug in {what}"),
        }
    }
}

impl Model {
    /// What to do next: bring back what is away and fix what fails; if nothing does, take a service offline whose work people
    /// can see.
    pub fn next_step(&self) -> Option<NextStep> {
        let away = self.service_away().or_else(|| self.service_stopped());
        let leads_nothing = || self.tell_brokers_to_blame().and_then(|_| self.broker_away());
        let wrong = away.or_else(leads_nothing).or_else(|| self.service_stuck()).or_else(|| self.broker_away());
        wrong.or_else(|| {
            let service = self.name(self.worth_missing()?).to_owned();
            let command = Command::SetServiceOnline { service: service.clone(), online: false };
            Some(NextStep { what: Rc::from(service), what_to_do: WhatToDo::TakeOffline, command })
        })
    }

    /// A service that is switched on and of which nothing runs.
    fn service_stopped(&self) -> Option<NextStep> {
        let id = self.in_state(ServiceState::Failed).into_iter().next()?;
        let service = self.name(id).to_owned();
        let what = Rc::from(&*service);
        let command = Command::SetServiceOnline { service, online: true };
        Some(NextStep { what, what_to_do: WhatToDo::BringBack, command })
    }

    /// The service of which the sentence says that it tries one record again and again, if it goes on doing so as it is set.
    fn service_stuck(&self) -> Option<NextStep> {
        let id = self.troubled().filter(|id| self.stuck_at(*id).is_some() && self.decided(*id).is_none())?;
        let command = self.fix_of(id)?;
        Some(NextStep { what: Rc::from(self.name(id)), what_to_do: WhatToDo::Fix, command })
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
        Some(NextStep { what: Rc::from(self.name(id)), what_to_do: WhatToDo::BringBack, command })
    }

    fn broker_away(&self) -> Option<NextStep> {
        let node = self.world().broker().nodes().iter().find(|node| !node.is_heard() && !node.awaits_session())?;
        let broker = node.id().0.into();
        let command = if node.is_online() {
            Command::SetBrokerConnected { broker, connected: true }
        } else {
            Command::SetBrokerOnline { broker, online: true }
        };
        Some(NextStep { what: format!("broker {broker}").into(), what_to_do: WhatToDo::BringBack, command })
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
    use crate::sim::{POISON, ReadSetting, WorldSpec};
    use crate::time::{Instant, Span};
    use std::sync::Arc;

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
    fn who_fails_on_a_record_can_be_fixed_and_who_has_stopped_be_started() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(12_000));
        let poison = Command::Publish {
            topic: "order-status".to_owned(),
            key: Some("poisoned".to_owned()),
            value: Some("?".to_owned()),
            headers: [("poison".to_owned(), "true".to_owned())].into(),
            partition: None,
        };
        let crash = Command::SetInstanceOnline { service: "logistics".to_owned(), instance: 0, online: false };
        let fixes = ["Fix the bug in logistics", "Fix the bug in notifications"];
        for (trouble, ways_out) in [(poison, &fixes[..]), (crash, &["Bring logistics back"])] {
            model.act(trouble).expect("that can go wrong");
            for way_out in ways_out {
                model.advance_to(model.world().now() + Span::from_ms(20_000));
                let step = model.next_step().expect("there is trouble");
                assert_eq!(step.label(), *way_out);
                assert!(model.narrate().1.starts_with(&*step.what), "{way_out}: {}", model.narrate().1);
                model.act(step.command).expect("it can be mended");
            }
            model.advance_to(model.world().now() + Span::from_ms(60_000));
            assert_eq!(model.next_step().expect("all is well").label(), "Take notifications offline");
        }
    }

    #[test]
    fn of_two_that_fail_on_a_record_the_sentence_and_the_next_step_mean_the_same() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(12_000));
        let (topic, key, value, partition) = ("order-status".to_owned(), None, None, None);
        let headers = [(POISON.to_owned(), "true".to_owned())].into();
        model.act(Command::Publish { topic, key, value, headers, partition }).expect("anybody may publish");
        model.act(Command::SetBrokerOnline { broker: 2, online: false }).expect("there is such a broker");
        model.advance_to(Instant::from_ms(40_000));
        for service in ["logistics", "notifications"] {
            let id = model.world().service_id(service).expect("there is such a service");
            assert_eq!(model.state_text(id), "stuck on a record");
            let (step, sentence) = (model.next_step().expect("there is trouble"), model.narrate().1);
            assert_eq!(step.label(), format!("Fix the bug in {service}"));
            assert!(sentence.starts_with(&format!("{service} has failed ")), "{sentence}");
            model.act(step.command).expect("it can be fixed");
        }
        let sentence = model.narrate().1;
        assert!(sentence.starts_with("logistics ") && sentence.ends_with("processes the record."), "{sentence}");
        assert_eq!(model.next_step().expect("a broker is away").label(), "Bring broker 2 back");
        model.advance_to(Instant::from_ms(140_000));
        for id in ["logistics", "notifications"].map(|it| model.world().service_id(it).expect("it is there")) {
            assert_eq!(model.state_text(id), "running");
        }
    }

    #[test]
    fn who_fails_by_chance_can_be_fixed_too() {
        let mut scenario = shipped("delivery").expect("a shipped scenario");
        let mut spec = WorldSpec::clone(&scenario.world);
        spec.topics[0].partitions = 1; // of several it would try a record each
        scenario.world = Arc::new(spec);
        let mut model = Model::new(scenario, 42);
        model.advance_to(Instant::from_ms(12_000));
        let (service, name) = ("logistics".to_owned(), ReadSetting::FailurePercent.name().to_owned());
        model.act(Command::SetServiceConfig { service, name, value: "100".to_owned() }).expect("it can be set");
        model.advance_to(Instant::from_ms(20_000));
        let step = model.next_step().expect("there is trouble");
        assert_eq!(step.label(), "Fix the bug in logistics");
        model.act(step.command).expect("it can be mended");
        model.advance_to(Instant::from_ms(100_000));
        assert_eq!(model.stuck_at(ServiceId(1)), None);
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
