//! Under which settings a service read during a run, and what else was done that takes promises back.

use super::super::observed::Observed;
use catchup::client::AutoOffsetReset;
use catchup::sim::{Event, Named, OnFailure, ReadConfig, ServiceEvent};
use std::collections::BTreeSet;

/// What held at any time of the run.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that takes promises back, with any other")]
pub(crate) struct Terms {
    pub(crate) policies: BTreeSet<String>,
    /// Whether a person let the group begin elsewhere.
    pub(crate) sought: bool,
    /// Whether records could be tried again from another topic.
    pub(crate) puts_aside: bool,
    /// Whether records could be left out.
    pub(crate) skips: bool,
    /// Whether it might begin at the end.
    pub(crate) begins_late: bool,
}

impl Terms {
    /// The terms of a run that began with `config`, for the service called `name`.
    pub(crate) fn of(config: &ReadConfig, observed: &Observed, name: &str) -> Self {
        let (id, in_group) = (observed.id(name), observed.group_id(name));
        let mut terms = Self::new(config);
        for stamped in &observed.events {
            match &stamped.event {
                Event::Service(ServiceEvent::Configured { service, setting, value }) if *service == id => {
                    terms.change(setting, value);
                }
                Event::Service(ServiceEvent::Sought { group, .. }) if *group == in_group => terms.sought = true,
                _ => {}
            }
        }
        terms
    }

    pub(crate) fn new(config: &ReadConfig) -> Self {
        let mut terms = Self {
            policies: BTreeSet::new(),
            sought: false,
            puts_aside: false,
            skips: false,
            begins_late: config.auto_offset_reset == AutoOffsetReset::Latest,
        };
        terms.change("commit_policy", config.commit_policy.name());
        terms.change("on_failure", config.on_failure.name());
        terms
    }

    pub(crate) fn always(&self, policy: &str) -> bool {
        self.policies.iter().eq([policy])
    }

    pub(crate) fn ever(&self, policy: &str) -> bool {
        self.policies.contains(policy)
    }

    fn change(&mut self, setting: &str, value: &str) {
        match setting {
            "commit_policy" => drop(self.policies.insert(value.to_owned())),
            "on_failure" => {
                let on_failure = OnFailure::named(value);
                self.puts_aside |= matches!(on_failure, Some(OnFailure::RetryTopic | OnFailure::DeadLetter));
                self.skips |= on_failure == Some(OnFailure::Skip);
            }
            "auto.offset.reset" => self.begins_late |= value == AutoOffsetReset::Latest.name(),
            _ => {}
        }
    }
}
