//! Changes of settings that were refused: what was typed stays in its field, beside the reason, until it is mended or left: with
//! Escape, or for what is laid open next. What else is done meanwhile leaves it as it is.

use super::changed::Changed;
use super::model::Model;
use super::update::act;
use super::view::text::list_of;
use crate::log::TopicId;
use crate::sim::{Command, CommandError, ServiceId};

/// A value that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The value, as it was given.
    pub value: String,
    /// Why it was not taken.
    pub why: String,
    /// What makes it fit, if other settings stand in its way.
    pub mend: Option<Mend>,
}

/// Changes of other settings and, last, the one that was refused for their sake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mend {
    /// What that is called.
    pub label: String,
    /// What does it, in this order.
    pub commands: Vec<Command>,
}

/// Whose setting it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Service(ServiceId),
    Topic(TopicId),
}

/// A setting whose last change was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RefusedSetting {
    owner: Owner,
    name: String,
    refusal: Refusal,
}

impl RefusedSetting {
    fn is_of(&self, owner: Owner, setting: &str) -> bool {
        self.owner == owner && self.name == setting
    }
}

impl Model {
    /// What was refused when this setting was changed last, until it is mended or left.
    pub(super) fn refusal_of(&self, owner: Owner, setting: &str) -> Option<Refusal> {
        let refusal = &self.refused_settings.iter().find(|it| it.is_of(owner, setting))?.refusal;
        Some(Refusal { mend: self.mend(owner, setting, &refusal.value), ..refusal.clone() })
    }

    /// What makes a setting take `value`, as things stand: one press for what would be several changes in the right order.
    fn mend(&self, owner: Owner, setting: &str, value: &str) -> Option<Mend> {
        // What a topic takes depends on none of its other settings.
        let Owner::Service(id) = owner else { return None };
        let needs = self.world().needs(id, setting, value)?;
        let all = needs.iter().map(|(name, value)| (*name, &**value)).chain([(setting, value.trim())]);
        let words = list_of(&all.clone().map(|(name, value)| tell_change(name, value)).collect::<Vec<_>>());
        let mut letters = words.chars();
        let label = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        let command = |(name, value): (&str, &str)| Command::SetServiceConfig {
            service: self.name(id).to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
        };
        Some(Mend { label, commands: all.map(command).collect() })
    }

    /// What was refused is let go: the settings show what they are.
    pub(super) fn forget_refusal(&mut self) {
        self.refused_settings.clear();
        self.comparing.forget_refusal();
    }

    /// Notes what came of a command at the setting that it changes, if it changes one. Returns whether `error` is told there, where
    /// the person is.
    pub(super) fn note_refusal(&mut self, command: &Command, error: Option<&CommandError>) -> bool {
        let Some((owner, name, value)) = self.setting_of(command) else { return false };
        self.refused_settings.retain(|it| !it.is_of(owner, name));
        let is_about_the_value = |error: &&CommandError| {
            matches!(error, CommandError::Config(_) | CommandError::ServiceConfig(_) | CommandError::NeedsTopic { .. })
        };
        let Some(error) = error.filter(is_about_the_value) else { return false };
        let refusal = Refusal { value: value.to_owned(), why: error.to_string(), mend: None };
        self.refused_settings.push(RefusedSetting { owner, name: name.to_owned(), refusal });
        true
    }

    /// Whether a setting was not taken when it was changed last.
    fn has_refused(&self, command: &Command) -> bool {
        let setting = self.setting_of(command);
        setting.is_some_and(|(owner, name, _)| self.refused_settings.iter().any(|it| it.is_of(owner, name)))
    }

    /// The setting that a command changes, and to what, if what is refused of it is told beside it.
    fn setting_of<'a>(&self, command: &'a Command) -> Option<(Owner, &'a str, &'a str)> {
        match Changed::by(command, self.world())? {
            Changed::Service { id, name, value, .. } => Some((Owner::Service(id), name, value)),
            Changed::Topic { id, name, value, .. } => Some((Owner::Topic(id), name, value)),
            Changed::Rate { .. } => None,
        }
    }
}

/// `switch enable.idempotence off`, `set acks to 0`.
fn tell_change(name: &str, value: &str) -> String {
    match value {
        "true" => format!("switch {name} on"),
        "false" => format!("switch {name} off"),
        _ => format!("set {name} to {value}"),
    }
}

/// Does several things as one: they are taken back together. What is refused ends it.
pub(super) fn do_all(model: &mut Model, commands: &[Command]) {
    let before = model.world().commands().len();
    for command in commands {
        act(model, command);
        if model.notice().is_some() || model.has_refused(command) {
            break;
        }
    }
    model.timeline.join(&model.moment, before);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::rehearsal::{delivery, switch};
    use crate::app::{Msg, update};
    use crate::log::TopicPartition;
    use crate::sim::ReadSetting;

    const LOGISTICS: ServiceId = ServiceId(1);
    const NOTIFICATIONS: ServiceId = ServiceId(2);

    fn set(model: &mut Model, setting: ReadSetting, value: &str) {
        let (service, name) = ("logistics".to_owned(), setting.name().to_owned());
        update(model, Msg::Do(Command::SetServiceConfig { service, name, value: value.to_owned() }));
        assert_eq!(model.notice(), None, "it is said at the setting");
    }

    fn typed(model: &Model, service: ServiceId, setting: ReadSetting) -> Option<String> {
        model.refusal_of(Owner::Service(service), setting.name()).map(|refusal| refusal.value)
    }

    #[test]
    fn what_was_typed_stays_until_it_is_mended_or_left() {
        let mut model = delivery();
        let (polled, timeout) = (ReadSetting::MaxPollRecords, ReadSetting::SessionTimeout);
        let both = |model: &Model| (typed(model, LOGISTICS, polled), typed(model, LOGISTICS, timeout));
        set(&mut model, polled, "none");
        assert_eq!(both(&model), (Some("none".to_owned()), None));
        set(&mut model, polled, "0");
        set(&mut model, timeout, "soon");
        assert_eq!(both(&model), (Some("0".to_owned()), Some("soon".to_owned())));
        set(&mut model, polled, "7");
        assert_eq!(both(&model), (None, Some("soon".to_owned())), "one is mended");
        update(&mut model, Msg::ForgetRefusal);
        assert_eq!(both(&model), (None, None), "the other is left");
    }

    fn publish_with(model: &mut Model, name: &str, value: &str) -> Option<Mend> {
        let (service, name) = ("orders".to_owned(), name.to_owned());
        update(model, Msg::Do(Command::SetServiceConfig { service, name: name.clone(), value: value.to_owned() }));
        model.refusal_of(Owner::Service(ServiceId(0)), &name)?.mend
    }

    #[test]
    fn one_press_changes_what_stands_in_the_way_too_and_is_taken_back_as_one() {
        let mut model = delivery();
        let before = model.settings_of(ServiceId(0));
        let mend = publish_with(&mut model, "acks", "0").expect("idempotence stands in the way");
        assert_eq!(mend.label, "Switch enable.idempotence off and set acks to 0");
        update(&mut model, Msg::DoAll(mend.commands));
        let values = |model: &Model| -> Vec<String> {
            let of_both = |row: &crate::app::view::SettingRow| ["acks", "enable.idempotence"].contains(&row.name);
            model.settings_of(ServiceId(0)).into_iter().filter(of_both).map(|row| row.value).collect()
        };
        assert_eq!(values(&model), ["0", "false"]);
        assert!(model.settings_of(ServiceId(0)).iter().all(|row| row.refused.is_none()), "nothing is refused any more");
        update(&mut model, Msg::Undo);
        assert_eq!(model.settings_of(ServiceId(0)), before);
        assert_eq!(
            model.stepped.as_deref(),
            Some("Undone: the change of enable.idempotence of orders to false, and the change of acks of orders to 0")
        );
        update(&mut model, Msg::Redo);
        assert_eq!(
            (values(&model), model.can_undo_redo()),
            (["0", "false"].map(str::to_owned).to_vec(), (true, false))
        );
    }

    #[test]
    fn what_nothing_helps_offers_nothing() {
        let mut model = delivery();
        assert_eq!(publish_with(&mut model, "acks", "2"), None);
        set(&mut model, ReadSetting::OnFailure, "despair");
        set(&mut model, ReadSetting::SessionTimeout, "2000");
        let of = |setting: ReadSetting| model.refusal_of(Owner::Service(LOGISTICS), setting.name());
        assert_eq!(of(ReadSetting::OnFailure).and_then(|it| it.mend), None);
        let below = of(ReadSetting::SessionTimeout).expect("it is shorter than a heartbeat");
        assert_eq!(below.mend, None, "nor does the broker permit it");
    }

    #[test]
    fn a_reader_is_helped_on_too() {
        let mut model = delivery();
        set(&mut model, ReadSetting::HeartbeatInterval, "50000");
        let refused = model.refusal_of(Owner::Service(LOGISTICS), ReadSetting::HeartbeatInterval.name());
        let mend = refused.and_then(|it| it.mend).expect("the session stands in the way");
        assert_eq!(mend.label, "Set session.timeout.ms to 150000 and set heartbeat.interval.ms to 50000");
        update(&mut model, Msg::DoAll(mend.commands));
        assert_eq!(model.refusal_of(Owner::Service(LOGISTICS), ReadSetting::HeartbeatInterval.name()), None);
    }

    #[test]
    fn what_else_is_done_leaves_what_was_typed_as_it_is() {
        let mut model = delivery();
        let (polled, none) = (ReadSetting::MaxPollRecords, Some("none".to_owned()));
        set(&mut model, polled, "none");
        assert_eq!(typed(&model, NOTIFICATIONS, polled), None, "it is the setting of another service");
        let of_another = Command::SetServiceConfig {
            service: "notifications".to_owned(),
            name: polled.name().to_owned(),
            value: "7".to_owned(),
        };
        let nowhere = Command::SetServiceOnline { service: "nobody".to_owned(), online: false };
        for (command, is_refused) in [(of_another, false), (nowhere, true)] {
            update(&mut model, Msg::Do(command));
            assert_eq!((typed(&model, LOGISTICS, polled), model.notice().is_some()), (none.clone(), is_refused));
        }
        switch(&mut model, "logistics", false);
        assert_eq!(typed(&model, LOGISTICS, polled), none);
        update(&mut model, Msg::OpenPartition(Some(TopicPartition::default())));
        assert_eq!(typed(&model, LOGISTICS, polled), None, "it is left for something else");
    }
}
