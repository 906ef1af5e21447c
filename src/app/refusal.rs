//! A change of a setting that was refused: what was typed stays in its field, beside the reason, until it is mended or left.

use super::model::Model;
use crate::sim::{Command, CommandError};

/// A value that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The value, as it was given.
    pub value: String,
    /// Why it was not taken.
    pub why: String,
}

/// The setting whose last change was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RefusedSetting {
    name: String,
    refusal: Refusal,
}

impl RefusedSetting {
    /// The setting that `command` would have changed, if `error` is something to be said there, where the person is.
    pub(super) fn of(command: &Command, error: &CommandError) -> Option<Self> {
        let is_about_the_value =
            matches!(error, CommandError::Config(_) | CommandError::ServiceConfig(_) | CommandError::NeedsTopic { .. });
        let (name, value) = setting_of(command).filter(|_| is_about_the_value)?;
        let refusal = Refusal { value: value.to_owned(), why: error.to_string() };
        Some(Self { name: name.to_owned(), refusal })
    }
}

impl Model {
    /// What was refused when this setting was changed last, if it was the last that was changed.
    pub(super) fn refusal_of(&self, setting: &str) -> Option<Refusal> {
        self.refused_setting.as_ref().filter(|refused| refused.name == setting).map(|refused| refused.refusal.clone())
    }

    /// What was refused is let go: the settings show what they are.
    pub(super) fn forget_refusal(&mut self) {
        self.refused_setting = None;
        self.comparing.forget_refusal();
    }
}

/// The setting that a command changes, and to what, if it changes one.
fn setting_of(command: &Command) -> Option<(&str, &str)> {
    match command {
        Command::SetServiceConfig { name, value, .. } | Command::SetTopicConfig { name, value, .. } => {
            Some((name, value))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Msg, update};
    use crate::scenario::shipped;
    use crate::sim::ReadSetting;

    fn set(model: &mut Model, setting: ReadSetting, value: &str) {
        let (service, name) = ("logistics".to_owned(), setting.name().to_owned());
        update(model, Msg::Do(Command::SetServiceConfig { service, name, value: value.to_owned() }));
        assert_eq!(model.notice(), None, "it is said at the setting");
    }

    fn typed(model: &Model, setting: ReadSetting) -> Option<String> {
        model.refusal_of(setting.name()).map(|refusal| refusal.value)
    }

    #[test]
    fn what_was_typed_stays_until_it_is_mended_or_left() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        let (polled, timeout) = (ReadSetting::MaxPollRecords, ReadSetting::SessionTimeout);
        set(&mut model, polled, "none");
        assert_eq!((typed(&model, polled).as_deref(), typed(&model, timeout)), (Some("none"), None));
        set(&mut model, polled, "0");
        assert_eq!(typed(&model, polled).as_deref(), Some("0"));
        set(&mut model, polled, "7");
        assert_eq!(typed(&model, polled), None, "it is mended");
        set(&mut model, timeout, "soon");
        update(&mut model, Msg::ForgetRefusal);
        assert_eq!(typed(&model, timeout), None, "it is left");
    }
}
