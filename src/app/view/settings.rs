//! The settings of a service: those it decides for itself in plain words, and those of its Kafka clients by Kafka's names.

use crate::app::refusal::Owner;
use crate::app::{Model, Refusal};
use crate::sim::{CommitPolicy, Input, Named, OnFailure, ReadSetting, ServiceId, WriteSetting, in_kafka};
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
    /// What it is in Kafka, if that has no setting of this name; what its default is there, if that is another value.
    pub in_kafka: Option<String>,
    /// Why it has no effect now, if it has none: what another setting is.
    pub no_effect: Option<String>,
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
                let own = in_kafka(setting, config).map(str::to_owned);
                let in_kafka = own.or_else(|| other_default(setting.kafka_default()?, &value));
                let no_effect = world.no_effect_of_read(id, setting);
                SettingRow { name, words, group, meaning, in_kafka, no_effect, input, value, refused }
            })
        });
        let write = world.write_config_of(id).into_iter().flat_map(|config| {
            WriteSetting::ALL.into_iter().map(|setting| {
                let (group, words) = place_of_write(setting);
                let (name, meaning, input) = (setting.name(), setting.meaning(), setting.input());
                let (value, refused) = (setting.value(config), self.refusal_of(Owner::Service(id), name));
                let in_kafka = other_default(setting.kafka_default(), &value);
                let no_effect = setting.no_effect(config);
                SettingRow { name, words, group, meaning, in_kafka, no_effect, input, value, refused }
            })
        });
        read.chain(write).collect()
    }
}

/// What Kafka's default is, where the value is another one.
pub(super) fn other_default(default: &str, value: &str) -> Option<String> {
    (default != value).then(|| format!("the default is {default}"))
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
        WriteSetting::Idempotence => (SettingGroup::Plain, Some("A retry writes nothing twice")),
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
    use crate::sim::Command;
    use crate::time::Instant;

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

    /// A delivery whose services are set as said, from the beginning.
    fn delivery_with(set: &[(usize, &str, &str)]) -> Model {
        let mut scenario = shipped("delivery").expect("a scenario");
        let world = std::sync::Arc::make_mut(&mut scenario.world);
        for (service, name, value) in set {
            let service = &mut world.services[*service];
            let read = service.consumes.as_mut().and_then(|it| Some((&mut it.config, ReadSetting::named(name).ok()?)));
            match (read, service.publishes.as_mut()) {
                (Some((config, setting)), _) => config.set(setting, value).expect("it takes that"),
                (None, Some(it)) => {
                    WriteSetting::named(name)
                        .and_then(|setting| setting.set(&mut it.config, value))
                        .expect("it takes that");
                }
                (None, None) => panic!("there is no {name}"),
            }
        }
        Model::new(scenario, 7)
    }

    /// What comes of a day in which the services are set as said, with two outages and a broker away.
    fn day_with(set: &[(usize, &str, &str)]) -> u64 {
        let mut model = delivery_with(set);
        for (s, online) in [(8, false), (14, true), (20, false), (22, true)] {
            model.advance_to(Instant::from_ms(s * 1_000));
            let service = "notifications".to_owned();
            model.act(Command::SetServiceOnline { service, online }).expect("there is such a service");
            model.act(Command::SetBrokerOnline { broker: 2, online }).expect("there is such a broker");
        }
        model.advance_to(Instant::from_ms(40_000));
        model.world().trace_hash()
    }

    fn dormant(model: &Model) -> Vec<(usize, SettingRow)> {
        let of = |id: ServiceId| model.settings_of(id).into_iter().map(move |row| (usize::from(id.0), row));
        model.world().service_ids().flat_map(of).filter(|(_, row)| row.no_effect.is_some()).collect()
    }

    #[test]
    fn what_is_said_to_have_no_effect_has_none() {
        let careless = [(0, "enable.idempotence", "false"), (0, "acks", "0")];
        let never_again = [(0, "enable.idempotence", "false"), (0, "retries", "0")];
        let sound = [(2, "failure_percent", "0"), (2, "reads_poison", "true")];
        let skips = [(2, "failure_percent", "9"), (2, "on_failure", "skip"), (2, "commit_policy", "before_processing")];
        let days: [(&[_], &[&str]); 4] = [
            (&careless, &["max.in.flight.requests.per.connection", "auto.commit.interval.ms"]),
            (&never_again, &["retry.backoff.ms"]),
            (&sound, &["on_failure", "attempts_max"]),
            (&skips, &["retry_backoff_ms", "attempts_max"]),
        ];
        for (day, expected) in days {
            let found = dormant(&delivery_with(day));
            assert!(expected.iter().all(|name| found.iter().any(|(_, row)| row.name == *name)), "{day:?}: {found:?}");
            let as_it_is = day_with(day);
            for (service, row) in found {
                let other = match &row.input {
                    Input::OneOf(words) => (*words.iter().find(|word| **word != row.value).expect("a word")).to_owned(),
                    Input::Flag => (row.value != "true").to_string(),
                    Input::Text => (row.value.parse::<u32>().expect("a number") / 2 + 1).to_string(),
                };
                let changed: Vec<_> = day.iter().copied().chain([(service, row.name, &*other)]).collect();
                assert_eq!(day_with(&changed), as_it_is, "{} has an effect with {day:?}", row.name);
            }
        }
    }

    #[test]
    fn what_has_no_effect_says_which_setting_makes_it_so_and_what_kafka_calls_it() {
        let find = |set: &[_], name: &str| {
            let model = delivery_with(set);
            model.settings_of(ServiceId(2)).into_iter().find(|row| row.name == name).expect("a setting")
        };
        let interval = "auto.commit.interval.ms";
        assert_eq!(find(&[], interval).no_effect.as_deref(), Some("commit_policy is after_processing"));
        assert_eq!(find(&[(2, "commit_policy", "auto")], interval).no_effect, None);
        let policy = find(&[(2, "commit_policy", "auto")], "commit_policy");
        assert_eq!(policy.in_kafka.as_deref(), Some("enable.auto.commit=true"));
        let is_own = |row: &SettingRow| row.group == SettingGroup::Consumer && row.name.contains('_');
        let model = delivery_with(&[]);
        let rows = model.settings_of(ServiceId(2));
        assert!(
            rows.iter().filter(|row| is_own(row)).all(|row| row.in_kafka.is_some()),
            "among Kafka's names each is Kafka's"
        );
    }
}
