//! What is to be expected of a search before it begins: whether the settings allow what is sought, and which setting would.

use crate::app::model::Model;
use crate::check::promises::Promise;
use crate::sim::{Command, ReadSetting, ServiceId, WriteSetting};

/// What is to be expected of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// The settings of these services allow what is sought.
    Likely(Vec<ServiceId>),
    /// The settings of all services rule it out. With another one of this service they would not.
    Unlikely(Option<Change>),
}

/// A setting that would allow what is sought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose.
    pub service: ServiceId,
    /// What it does then, in words that go on from its name.
    pub what: &'static str,
    /// What changes it.
    pub commands: Vec<Command>,
}

impl Model {
    /// What is to be expected of a search for a run that breaks `promise`.
    pub fn outlook(&self, promise: Promise) -> Outlook {
        let allow = self.moment.promises.not_made(promise);
        if allow.is_empty() { Outlook::Unlikely(self.change_for(promise)) } else { Outlook::Likely(allow) }
    }

    fn change_for(&self, promise: Promise) -> Option<Change> {
        let world = self.world();
        let publishes = Promise::OF_PUBLISHERS.contains(&promise);
        let publisher = || world.service_ids().find(|id| world.write_config_of(*id).is_some());
        let service = if publishes { publisher() } else { self.worth_missing() }?;
        let (settings, what) = self.settings_for(promise, service)?;
        let set = |(name, value): &(&str, &str)| Command::SetServiceConfig {
            service: self.name(service).to_owned(),
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        };
        Some(Change { service, what, commands: settings.iter().map(set).collect() })
    }

    /// Settings of a service with which a promise is not made, and what it does then.
    fn settings_for(&self, promise: Promise, service: ServiceId) -> Option<(Vec<(&str, &str)>, &'static str)> {
        let world = self.world();
        let policy = ReadSetting::CommitPolicy.name();
        let one = |name, value, what| Some((vec![(name, value)], what));
        match promise {
            Promise::NothingIsLost => one(policy, "before_processing", "commit before its work"),
            Promise::NothingTwice if world.config_of(service)?.deduplicate => {
                one(ReadSetting::Deduplicate.name(), "false", "no longer recognise repeated records")
            }
            Promise::NothingTwice => one(policy, "after_processing", "commit after its work"),
            Promise::InOrder => {
                world.service_spec(service).consumes.as_ref()?.retry_topic?;
                let settings =
                    vec![(ReadSetting::OnFailure.name(), "retry_topic"), (ReadSetting::FailurePercent.name(), "5")];
                Some((settings, "fail on 5 % of its records, and retry them by way of its retry topic"))
            }
            Promise::RetriedOnce | Promise::SentInOrder => {
                one(WriteSetting::Idempotence.name(), "false", "publish without enable.idempotence")
            }
            // With acks=1 a leader would have to fail within the milliseconds before its followers have the record.
            Promise::AcknowledgedIsThere
            | Promise::WrittenOnce
            | Promise::NoneLeftOut
            | Promise::CommittedReads
            | Promise::OffsetsGoForward
            | Promise::OneOwner => None,
        }
    }
}
