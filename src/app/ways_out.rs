//! What can be done for a service that fails on one record again and again, and what has been done about it.

use super::model::Model;
use super::msg::Effect;
use super::update::act;
use crate::log::RecordRef;
use crate::sim::{Command, InstanceInfo, Named, OnFailure, ReadSetting, ServiceId, is_poison};

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

/// A way out that a person has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WayTaken {
    /// Of which record.
    pub(super) record: RecordRef,
    /// For which service.
    pub(super) service: ServiceId,
    /// What is set otherwise since, such as `on_failure of logistics is skip`.
    pub(super) set: String,
}

impl Model {
    /// The ways out of the record on which a service fails, of those that its topics and settings leave it.
    pub(super) fn ways_out(&self, id: ServiceId) -> Vec<WayOut> {
        let consumes = self.world().service_spec(id).consumes.as_ref();
        let dead_letter = consumes.and_then(|it| it.dead_letter_topic).map(|_| OnFailure::DeadLetter);
        let retry_topic = consumes.and_then(|it| it.retry_topic).map(|_| OnFailure::RetryTopic);
        let decisions = dead_letter.into_iter().chain(retry_topic).chain([OnFailure::Skip]);
        let decided = self.world().config_of(id).map(|config| config.on_failure);
        let ways = decisions.filter(|decision| decided != Some(*decision)).filter_map(|decision| {
            let (label, meaning) = words_of(decision)?;
            let (name, value) = (ReadSetting::OnFailure.name().to_owned(), decision.name().to_owned());
            let command = Command::SetServiceConfig { service: self.name(id).to_owned(), name, value };
            Some(WayOut { label, meaning, command })
        });
        let fix = self.fix_of(id).map(|command| WayOut {
            label: "Fix the bug",
            meaning: "it can process this record then",
            command,
        });
        ways.chain(fix).collect()
    }

    /// The same as a sentence.
    pub(super) fn tell_ways_out(&self, id: ServiceId) -> String {
        let ways = self.ways_out(id);
        let mut words = String::new();
        for (index, way) in ways.iter().enumerate() {
            match index {
                0 => words.push_str(way.label),
                _ if index + 1 == ways.len() => words = format!("{words}, or {}", way.label.to_lowercase()),
                _ => words = format!("{words}, {}", way.label.to_lowercase()),
            }
        }
        words + "."
    }

    /// When a service tries again the record on which it fails: `next attempt in 48 s`; `None` if it is at it, or on its way to it.
    pub(super) fn next_attempt(&self, id: ServiceId) -> Option<String> {
        let record = self.stuck_at(id)?.record;
        let fails_on_it = |it: &InstanceInfo<'_>| it.trouble.is_some_and(|trouble| trouble.record == record);
        let until = self.world().instances(id).filter(fails_on_it).find_map(|instance| instance.rests_until)?;
        let left_s = until.since(self.world().now()).as_us().div_ceil(1_000_000);
        Some(format!("next attempt in {left_s} s"))
    }

    /// What makes a service able to process the record on which it fails: that it can read a poison record, or that no attempt of it
    /// fails by chance; nothing, if it is able to.
    pub(super) fn fix_of(&self, id: ServiceId) -> Option<Command> {
        let (record, config) = (self.stuck_at(id)?.record, self.world().config_of(id)?);
        let found = self.world().broker().log(record.partition)?.record(record.offset)?;
        let is_unreadable = !config.reads_poison && is_poison(found.headers().map(|header| (header.key, header.value)));
        let (setting, value) = match (is_unreadable, config.failure_percent) {
            (true, _) => (ReadSetting::ReadsPoison, "true"),
            (false, 1..) => (ReadSetting::FailurePercent, "0"),
            (false, 0) => return None,
        };
        let (service, name) = (self.name(id).to_owned(), setting.name().to_owned());
        Some(Command::SetServiceConfig { service, name, value: value.to_owned() })
    }

    /// What becomes of the record on which a service fails, if that is decided: it does not go on for ever as it is set.
    pub(super) fn decided(&self, id: ServiceId) -> Option<&'static str> {
        if self.fix_of(id).is_none() {
            return Some("the next attempt processes the record");
        }
        let consumes = self.world().service_spec(id).consumes.as_ref()?;
        match self.world().config_of(id)?.on_failure {
            OnFailure::DeadLetter if consumes.dead_letter_topic.is_some() => {
                Some("when it fails next, the record is set aside")
            }
            OnFailure::RetryTopic if consumes.retry_topic.is_some() => {
                Some("when it fails next, the record moves to its retry topic")
            }
            OnFailure::DeadLetter | OnFailure::RetryTopic | OnFailure::Skip => {
                Some("when it fails next, the record is skipped")
            }
            OnFailure::Retry | OnFailure::Stop => None,
        }
    }
}

/// What a decision is called as a way out, and what it means.
const fn words_of(decision: OnFailure) -> Option<(&'static str, &'static str)> {
    match decision {
        OnFailure::DeadLetter => {
            Some(("Set it aside", "as a dead letter: the rest goes on, and it can be redriven once the bug is fixed"))
        }
        OnFailure::RetryTopic => {
            Some(("Use its retry topic", "it is tried again from there, and the rest goes on meanwhile"))
        }
        OnFailure::Skip => Some(("Skip it", "the rest goes on, and it counts as lost")),
        OnFailure::Retry | OnFailure::Stop => None,
    }
}

/// Takes a way out of the record that is looked at. What was pressed goes away with what was in the way, so the keyboard's focus goes
/// to the record, which says what came of it.
pub(super) fn take(model: &mut Model, service: ServiceId, command: &Command) -> Vec<Effect> {
    act(model, command);
    if let (None, Some(record), Command::SetServiceConfig { service: whose, name, value }) =
        (model.notice(), model.selected(), command)
    {
        let set = format!("{name} of {whose} is {value}");
        model.way_taken = Some(WayTaken { record, service, set });
    }
    vec![Effect::FocusInspector]
}
