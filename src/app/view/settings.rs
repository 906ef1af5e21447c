//! The settings of a service: those it decides for itself in plain words, and those of its Kafka clients by Kafka's names.

use crate::app::refusal::Owner;
use crate::app::{Model, Refusal};
use crate::sim::{CommitPolicy, Input, Named, OnFailure, ReadSetting, ServiceId, WriteSetting};
use std::rc::Rc;

/// The settings of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSettingsView {
    /// The service.
    pub service: Rc<str>,
    /// Each setting, group after group.
    pub rows: Vec<SettingRow>,
}

/// Where a setting stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingGroup {
    /// On top: what anybody asks first of a service.
    Plain,
    /// How it tries again.
    Retries,
    /// Of its Kafka consumer.
    Consumer,
    /// Of its Kafka producer.
    Producer,
}

impl SettingGroup {
    /// All groups, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Plain, Self::Retries, Self::Consumer, Self::Producer];

    /// What a group that is folded up is called.
    pub const fn title(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Retries => Some("Retries"),
            Self::Consumer => Some("Kafka settings: consumer"),
            Self::Producer => Some("Kafka settings: producer"),
        }
    }
}

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingRow {
    /// Its name.
    pub name: &'static str,
    /// The same in plain words, if there are any.
    pub words: Option<&'static str>,
    /// Where it stands.
    pub group: SettingGroup,
    /// What it means.
    pub meaning: &'static str,
    /// How it is asked for.
    pub input: Input,
    /// Its value.
    pub value: String,
    /// What was refused when it was changed last, if it was.
    pub refused: Option<Refusal>,
}

/// The settings of a service that is looked at.
pub(super) fn settings(model: &Model, id: ServiceId, name: &Rc<str>) -> ServiceSettingsView {
    ServiceSettingsView { service: name.clone(), rows: model.settings_of(id) }
}

impl Model {
    /// The settings of a service with their present values.
    pub fn settings_of(&self, id: ServiceId) -> Vec<SettingRow> {
        let world = self.world();
        let read = world.config_of(id).into_iter().flat_map(|config| {
            ReadSetting::ALL.into_iter().map(|setting| {
                let (group, words) = place_of_read(setting);
                let (name, meaning, input) = (setting.name(), setting.meaning(), setting.input());
                let (value, refused) = (config.value(setting), self.refusal_of(Owner::Service(id), name));
                SettingRow { name, words, group, meaning, input, value, refused }
            })
        });
        let write = world.write_config_of(id).into_iter().flat_map(|config| {
            WriteSetting::ALL.into_iter().map(|setting| {
                let (group, words) = place_of_write(setting);
                let (name, meaning, input) = (setting.name(), setting.meaning(), setting.input());
                let (value, refused) = (setting.value(config), self.refusal_of(Owner::Service(id), name));
                SettingRow { name, words, group, meaning, input, value, refused }
            })
        });
        read.chain(write).collect()
    }
}

const fn place_of_read(setting: ReadSetting) -> (SettingGroup, Option<&'static str>) {
    let plain = match setting {
        ReadSetting::OnFailure => "When it fails on a record",
        ReadSetting::CommitPolicy => "When it commits its offset",
        ReadSetting::Deduplicate => "Recognises repeated records",
        ReadSetting::Instances => "How many instances",
        ReadSetting::Processing => "Time for each record, in ms",
        ReadSetting::FailurePercent => "Attempts that fail, in percent",
        ReadSetting::ReadsPoison => "Can read a poison record",
        ReadSetting::RetryBackoff | ReadSetting::AttemptsMax => return (SettingGroup::Retries, None),
        ReadSetting::MaxPollRecords
        | ReadSetting::AutoOffsetReset
        | ReadSetting::AutoCommitInterval
        | ReadSetting::Assignor
        | ReadSetting::StaticMembership
        | ReadSetting::SessionTimeout
        | ReadSetting::HeartbeatInterval
        | ReadSetting::MaxPollInterval
        | ReadSetting::RequestTimeout => return (SettingGroup::Consumer, None),
    };
    (SettingGroup::Plain, Some(plain))
}

const fn place_of_write(setting: WriteSetting) -> (SettingGroup, Option<&'static str>) {
    match setting {
        WriteSetting::Acks => (SettingGroup::Plain, Some("When a record counts as written")),
        WriteSetting::Idempotence => (SettingGroup::Plain, Some("Nothing is written twice")),
        WriteSetting::Linger
        | WriteSetting::BatchSize
        | WriteSetting::BufferMemory
        | WriteSetting::Retries
        | WriteSetting::RetryBackoff
        | WriteSetting::RequestTimeout
        | WriteSetting::DeliveryTimeout
        | WriteSetting::InFlight => (SettingGroup::Producer, None),
    }
}

/// A value that can be chosen, in plain words: itself, if it is Kafka's own word.
pub fn value_words(value: &'static str) -> &'static str {
    let policy = CommitPolicy::named(value).map(|policy| match policy {
        CommitPolicy::BeforeProcessing => "before it does the work",
        CommitPolicy::AfterProcessing => "after it has done the work",
        CommitPolicy::Auto => "from time to time, by itself",
        CommitPolicy::ExactlyOnce => "in one transaction with its output",
    });
    let on_failure = OnFailure::named(value).map(|decision| match decision {
        OnFailure::Stop => "it stops",
        OnFailure::Skip => "it skips the record",
        OnFailure::Retry => "it retries; what is behind it waits",
        OnFailure::RetryTopic => "it retries by way of a retry topic",
        OnFailure::DeadLetter => "it sets it aside as a dead letter",
    });
    let acks = match value {
        "all" => Some("all: every in-sync replica has it"),
        "1" => Some("1: the leader has it"),
        "0" => Some("0: at once"),
        _ => None,
    };
    policy.or(on_failure).or(acks).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{SHIPPED, shipped};

    #[test]
    fn what_stands_on_top_is_said_in_plain_words_and_the_rest_has_kafkas_names() {
        let model = Model::new(shipped(SHIPPED[0].0).expect("a scenario"), 1);
        let rows: Vec<SettingRow> = model.world().service_ids().flat_map(|id| model.settings_of(id)).collect();
        for row in &rows {
            assert_eq!(row.words.is_some(), row.group == SettingGroup::Plain, "{}", row.name);
        }
        let is_kafkas = |row: &&SettingRow| matches!(row.group, SettingGroup::Consumer | SettingGroup::Producer);
        let own: Vec<&str> =
            rows.iter().filter(is_kafkas).map(|row| row.name).filter(|name| name.contains('_')).collect();
        assert!(own.iter().all(|name| *name == "static_membership"), "{own:?}");
    }
}
