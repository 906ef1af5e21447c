//! What can be done about a record on which a service fails again and again.

use super::{is_stuck, unprocessed};
use crate::app::view::text::count;
use crate::app::{Model, RecordRef, WayOut};
use crate::sim::ServiceId;
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
    /// When it tries again.
    pub next: String,
    /// The ways out.
    pub ways: Vec<WayOut>,
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
        next: model.next_attempt(id).map_or_else(
            || "Its next attempt comes when it is this record's turn again.".to_owned(),
            |it| format!("Its {it}: a way out takes effect then."),
        ),
        ways: model.ways_out(id),
        service,
    }
}

/// What came of the way out that was taken from a record.
pub(super) fn said(model: &Model, record: RecordRef) -> String {
    let Some(taken) = model.way_taken.as_ref().filter(|taken| taken.record == record) else { return String::new() };
    let (service, set) = (model.name(taken.service), &taken.set);
    let fate = model.world().group_of(taken.service);
    let fate = fate.and_then(|group| model.ledger().fate(group, record.partition, record.offset)).unwrap_or_default();
    if fate.times > 0 || unprocessed(&fate).is_some() {
        return format!("{service} is past this record.");
    }
    match model.decided(taken.service).filter(|_| is_stuck(model, taken.service, record)) {
        Some(decided) => format!("{set} now: {decided}."),
        None => format!("{set} now."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::view::inspector;
    use crate::app::{Effect, Msg, update};
    use crate::scenario::shipped;
    use crate::sim::{Command, POISON, ReadSetting};
    use crate::time::{Instant, Span};

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
                let said = |model: &Model| inspector(model).expect("it is looked at").said;
                assert_eq!(said(&model), "");
                assert_eq!(update(&mut model, Msg::TakeWayOut(id, way.command)), [Effect::FocusInspector]);
                assert_eq!(model.notice(), None);
                assert!(said(&model).contains(" now: ") && said(&model).ends_with('.'), "{}", said(&model));
                let view = inspector(&model).expect("it is looked at");
                let left = &view.stuck.iter().find(|it| it.id == id).expect("it has not tried again").ways;
                assert!(left.iter().all(|it| it.label != way.label), "there is nothing to be done twice: {left:?}");
                model.advance_to(Instant::from_ms(200_000));
                assert!(model.stuck_at(id).is_none() && !model.is_behind(id), "{}", way.label);
                let (after, view) = (model.account_of(id), inspector(&model).expect("it is looked at still"));
                assert_eq!(after.lost - before.lost, u64::from(way.label == "Skip it"), "{}", way.label);
                assert!(view.stuck.iter().all(|it| it.id != id), "there is nothing left to do about {}", way.label);
                assert_eq!(said(&model), format!("{} is past this record.", model.name(id)));
            }
        }
    }

    #[test]
    fn when_the_next_attempt_comes_is_counted_down_before_a_way_out_is_taken_and_after() {
        let mut model = poisoned();
        let id = inspector(&model).expect("it is looked at").stuck[0].id;
        let failures = |model: &Model| model.stuck_at(id).map(|trouble| trouble.failures);
        let rests_until = |model: &Model| model.world().instances(id).find_map(|it| it.rests_until);
        let until = rests_until(&model).expect("it waits between two attempts");
        let fix = model.fix_of(id).expect("it has a bug");
        for (way_out, before_us) in [(None, 2_000_000), (Some(fix), 1_000_001), (None, 1)] {
            model.advance_to(Instant::START + until.since(Instant::START + Span::from_us(before_us)));
            if let Some(command) = way_out {
                model.act(command).expect("it can be fixed");
            }
            let left_s: u64 = before_us.div_ceil(1_000_000);
            let told = format!("next attempt in {left_s} s");
            let view = inspector(&model).expect("it is looked at").stuck;
            assert_eq!(view[0].next, format!("Its {told}: a way out takes effect then."));
            assert!(model.next_attempt(id) == Some(told), "{before_us}");
        }
        let before = failures(&model);
        assert!(before.is_some());
        while model.stuck_at(id).is_some() && model.world().now() < until + Span::from_ms(60_000) {
            assert_eq!(failures(&model), before, "the fix is what the next attempt goes by");
            model.advance_to(model.world().now() + Span::from_ms(100));
        }
        assert_eq!(failures(&model), None, "it is past the record");
        assert_eq!(model.next_attempt(id), None);
    }

    #[test]
    fn what_fails_by_chance_too_is_not_fixed_by_what_it_has_already() {
        let mut model = poisoned();
        let id = inspector(&model).expect("it is looked at").stuck[0].id;
        let service = model.name(id).to_owned();
        let set = |model: &mut Model, setting: ReadSetting, value: &str| {
            let (service, name, value) = (service.clone(), setting.name().to_owned(), value.to_owned());
            assert_eq!(model.act(Command::SetServiceConfig { service, name, value }), Ok(()));
        };
        let fix = |model: &Model| match model.fix_of(id) {
            Some(Command::SetServiceConfig { name, .. }) => Some(name),
            other => other.map(|it| panic!("{it:?}")),
        };
        set(&mut model, ReadSetting::FailurePercent, "100");
        assert_eq!(fix(&model).as_deref(), Some(ReadSetting::ReadsPoison.name()));
        set(&mut model, ReadSetting::ReadsPoison, "true");
        assert_eq!(fix(&model).as_deref(), Some(ReadSetting::FailurePercent.name()));
        set(&mut model, ReadSetting::FailurePercent, "0");
        assert_eq!(fix(&model), None, "it is able to");
        assert!(model.ways_out(id).iter().all(|way| way.label != "Fix the bug"));
    }
}
