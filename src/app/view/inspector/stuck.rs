//! What can be done about a record on which a service fails again and again.

use super::is_stuck;
use crate::app::view::text::count;
use crate::app::{Model, RecordRef};
use crate::sim::{Command, Named, OnFailure, ReadSetting, ServiceId};
use std::rc::Rc;

/// A service that fails on the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StuckView {
    /// Its number.
    pub id: ServiceId,
    /// Its name.
    pub service: Rc<str>,
    /// How it stands.
    pub text: String,
    /// The ways out.
    pub ways: Vec<WayOut>,
}

/// A way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayOut {
    /// What it is called.
    pub label: &'static str,
    /// What that means.
    pub meaning: &'static str,
    /// What does it.
    pub command: Command,
}

/// Who fails on a record.
pub(super) fn stuck(model: &Model, record: RecordRef) -> Vec<StuckView> {
    let services = model.world().service_ids().filter(|id| is_stuck(model, *id, record));
    services.map(|id| of_service(model, id)).collect()
}

fn of_service(model: &Model, id: ServiceId) -> StuckView {
    let service: Rc<str> = Rc::from(model.name(id));
    let failures = model.stuck_at(id).map_or(0, |trouble| trouble.failures);
    let times = count(failures.into(), "time", "times");
    StuckView {
        id,
        text: format!(
            "{service} has failed {times} on this record. What is behind it in its partition waits, and its other partitions get \
             little of its time."
        ),
        ways: ways(model, id, &service),
        service,
    }
}

fn ways(model: &Model, id: ServiceId, service: &str) -> Vec<WayOut> {
    let consumes = model.world().service_spec(id).consumes.as_ref();
    let decide = |decision: OnFailure| Command::SetServiceConfig {
        service: service.to_owned(),
        name: ReadSetting::OnFailure.name().to_owned(),
        value: decision.name().to_owned(),
    };
    let dead_letter = consumes.and_then(|it| it.dead_letter_topic).map(|_| WayOut {
        label: "Set it aside",
        meaning: "as a dead letter: the rest goes on, and it can be redriven once the bug is fixed",
        command: decide(OnFailure::DeadLetter),
    });
    let retry_topic = consumes.and_then(|it| it.retry_topic).map(|_| WayOut {
        label: "Use its retry topic",
        meaning: "it is tried again from there, and the rest goes on meanwhile",
        command: decide(OnFailure::RetryTopic),
    });
    let skip = WayOut {
        label: "Skip it",
        meaning: "the rest goes on, and it counts as lost",
        command: decide(OnFailure::Skip),
    };
    let fix = model.fix_of(id).map(|command| WayOut {
        label: "Fix the bug",
        meaning: "it can process this record then",
        command,
    });
    dead_letter.into_iter().chain(retry_topic).chain([skip]).chain(fix).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::view::inspector;
    use crate::app::{Msg, update};
    use crate::scenario::shipped;
    use crate::sim::POISON;
    use crate::time::Instant;

    /// Two services fail on a poison record, which is looked at.
    fn poisoned() -> Model {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(12_000));
        let poison = Command::Publish {
            topic: "order-status".to_owned(),
            key: Some("poisoned".to_owned()),
            value: None,
            headers: [(POISON.to_owned(), "true".to_owned())].into(),
            partition: None,
        };
        model.act(poison).expect("anybody may publish");
        model.advance_to(Instant::from_ms(40_000));
        let record = model.record_told().expect("the sentence is about it");
        update(&mut model, Msg::Select(Some(record)));
        model
    }

    #[test]
    fn every_way_out_lets_the_service_go_on() {
        let stuck = inspector(&poisoned()).expect("it is looked at").stuck;
        let names: Vec<&str> = stuck.iter().map(|it| &*it.service).collect();
        assert_eq!(names, ["logistics", "notifications"]);
        for StuckView { id, ways, .. } in stuck {
            assert_eq!(ways.len(), 4, "{ways:?}");
            for way in ways {
                let mut model = poisoned();
                let before = model.account_of(id);
                update(&mut model, Msg::Do(way.command));
                assert_eq!(model.notice(), None);
                model.advance_to(Instant::from_ms(200_000));
                assert!(model.stuck_at(id).is_none() && !model.is_behind(id), "{}", way.label);
                let (after, view) = (model.account_of(id), inspector(&model).expect("it is looked at still"));
                assert_eq!(after.lost - before.lost, u64::from(way.label == "Skip it"), "{}", way.label);
                assert!(view.stuck.iter().all(|it| it.id != id), "there is nothing left to do about {}", way.label);
            }
        }
    }
}
