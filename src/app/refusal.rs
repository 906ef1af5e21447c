//! Changes of settings that were refused: what was typed stays in its field, beside the reason, until it is mended or left: with
//! Escape, or for what is laid open next. What else is done meanwhile leaves it as it is.

use super::model::Model;
use crate::log::TopicId;
use crate::sim::{Command, CommandError, ServiceId};

/// A value that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The value, as it was given.
    pub value: String,
    /// Why it was not taken.
    pub why: String,
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
        self.refused_settings.iter().find(|it| it.is_of(owner, setting)).map(|it| it.refusal.clone())
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
        let refusal = Refusal { value: value.to_owned(), why: error.to_string() };
        self.refused_settings.push(RefusedSetting { owner, name: name.to_owned(), refusal });
        true
    }

    /// The setting that a command changes, and to what, if it changes one that there is.
    fn setting_of<'a>(&self, command: &'a Command) -> Option<(Owner, &'a str, &'a str)> {
        match command {
            Command::SetServiceConfig { service, name, value } => {
                Some((Owner::Service(self.world().service_id(service)?), name, value))
            }
            Command::SetTopicConfig { topic, name, value } => {
                let number = self.world().broker().topics().iter().position(|it| **it.name() == **topic)?;
                Some((Owner::Topic(TopicId(number as u16)), name, value))
            }
            Command::SetServiceOnline { .. }
            | Command::SetInstanceOnline { .. }
            | Command::ShutDown { .. }
            | Command::Stall { .. }
            | Command::SetConnected { .. }
            | Command::SetBrokerOnline { .. }
            | Command::SetBrokerConnected { .. }
            | Command::Seek { .. }
            | Command::AddService { .. }
            | Command::RemoveService { .. }
            | Command::Redrive { .. }
            | Command::SetArrivalRate { .. }
            | Command::Publish { .. } => None,
        }
    }
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
