//! Which promises the settings of a service make.

use super::promise::Promise;
use crate::broker::{Acks, Topic};
use crate::client::{AutoOffsetReset, ProducerConfig};
use crate::log::{Isolation, Setting, TopicId};
use crate::sim::{CommitPolicy, OnFailure, ReadConfig, ReadSetting, ServiceSpec, WriteSetting};

/// The settings of a service, as they are now.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    pub(super) reads: Option<ReadConfig>,
    pub(super) writes: Writes,
    pub(super) published: Option<Published>,
}

/// The settings of a service's producer, if it has one. A change holds from the next producer on.
#[derive(Clone, Debug, Default)]
pub(super) struct Writes {
    now: Option<ProducerConfig>,
    next: Option<ProducerConfig>,
}

impl Writes {
    pub(super) fn of(config: Option<ProducerConfig>) -> Self {
        Self { now: config.clone(), next: config }
    }

    /// Whether it publishes.
    pub(super) const fn are_any(&self) -> bool {
        self.now.is_some()
    }

    /// Another producer begins.
    pub(super) fn begin(&mut self) {
        self.now.clone_from(&self.next);
    }
}

/// How the topic is kept that a service publishes to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Published {
    topic: TopicId,
    /// Whether others can lead its partitions than those that have everything first.
    is_replicated: bool,
    is_unclean: bool,
}

/// How the topic is kept that a service publishes to, if it publishes.
pub(super) fn published_by(spec: &ServiceSpec, topics: &[Published]) -> Option<Published> {
    let topic = spec.publishes.as_ref()?.topic;
    topics.iter().find(|it| it.topic == topic).copied()
}

impl Published {
    pub(super) fn of(found: &Topic, topic: TopicId) -> Self {
        let is_replicated = found.replicas().iter().any(|replicas| replicas.assigned().len() > 1);
        Self { topic, is_replicated, is_unclean: found.config().unclean_leader_election }
    }

    pub(super) const fn topic(self) -> TopicId {
        self.topic
    }

    /// Takes in that a setting of the topic has changed.
    pub(super) fn set(&mut self, setting: Setting, value: &str) {
        if setting == Setting::UncleanLeaderElection {
            self.is_unclean = value == "true";
        }
    }

    /// Whether what is acknowledged stays, whoever leads.
    fn keeps(self, acks: Acks) -> bool {
        match acks {
            Acks::Zero => false,
            Acks::One => !self.is_replicated,
            Acks::All => !(self.is_replicated && self.is_unclean),
        }
    }
}

impl Terms {
    /// Takes in that a setting has changed. One that is not known here changes no promise.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        if let (Some(reads), Ok(setting)) = (&mut self.reads, ReadSetting::named(name)) {
            drop(reads.set(setting, value));
        }
        if let (Some(writes), Ok(setting)) = (&mut self.writes.next, WriteSetting::named(name)) {
            drop(setting.set(writes, value));
        }
    }

    /// Whether this is the topic that the service publishes to.
    pub(super) fn publishes_to(&self, topic: TopicId) -> bool {
        self.published.is_some_and(|it| it.topic == topic)
    }

    /// Takes in that a setting of that topic has changed.
    pub(super) fn set_topic(&mut self, setting: Setting, value: &str) {
        self.published.iter_mut().for_each(|published| published.set(setting, value));
    }

    /// Whether a promise will be made once the next producer begins.
    pub(super) fn will_make(&self, promise: Promise) -> bool {
        let mut later = self.clone();
        later.writes.begin();
        later.make(promise)
    }

    /// Whether a promise is made.
    pub(super) fn make(&self, promise: Promise) -> bool {
        match promise {
            Promise::AcknowledgedIsThere => {
                let keeps = |acks| self.published.map_or(acks != Acks::Zero, |it| it.keeps(acks));
                self.writes.now.as_ref().is_some_and(|it| keeps(it.acks))
            }
            // Whatever it is set to, a new producer's records have new numbers, and so have those that it is handed again.
            Promise::WrittenOnce => false,
            Promise::RetriedOnce => self.writes.now.as_ref().is_some_and(|it| it.idempotence),
            Promise::SentInOrder => {
                self.writes.now.as_ref().is_some_and(|it| it.idempotence || it.in_flight_max == 1 || it.retries == 0)
            }
            Promise::NothingIsLost
            | Promise::NothingTwice
            | Promise::InOrder
            | Promise::NoneLeftOut
            | Promise::CommittedReads
            | Promise::OffsetsGoForward
            | Promise::OneOwner => self.reads.as_ref().is_some_and(|it| reader_makes(it, promise)),
        }
    }
}

fn reader_makes(config: &ReadConfig, promise: Promise) -> bool {
    let commits_first = config.commit_policy == CommitPolicy::BeforeProcessing;
    let puts_aside = matches!(config.on_failure, OnFailure::RetryTopic | OnFailure::DeadLetter);
    let skips_ahead = config.auto_offset_reset == AutoOffsetReset::Latest;
    match promise {
        Promise::NothingIsLost => !commits_first && !skips_ahead && config.on_failure != OnFailure::Skip,
        Promise::NothingTwice => {
            config.deduplicate || config.commit_policy == CommitPolicy::ExactlyOnce || commits_first && !puts_aside
        }
        Promise::InOrder => !commits_first && !puts_aside,
        Promise::NoneLeftOut => !skips_ahead,
        Promise::CommittedReads => config.isolation() == Isolation::ReadCommitted,
        Promise::OffsetsGoForward | Promise::OneOwner => true,
        Promise::AcknowledgedIsThere | Promise::RetriedOnce | Promise::WrittenOnce | Promise::SentInOrder => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(settings: &[(&str, &str)], promise: Promise, expect: bool) {
        let writes = Writes::of(Some(ProducerConfig::default()));
        let mut terms = Terms { reads: Some(ReadConfig::default()), writes, published: None };
        for (name, value) in settings {
            terms.set(name, value);
        }
        terms.writes.begin();
        assert_eq!(terms.make(promise), expect, "{promise:?} under {settings:?}");
    }

    #[test]
    fn at_least_once_loses_nothing_and_repeats() {
        let settings = [("commit_policy", "after_processing"), ("on_failure", "retry")];
        check(&settings, Promise::NothingIsLost, true);
        check(&settings, Promise::NothingTwice, false);
        check(&settings, Promise::InOrder, true);
    }

    #[test]
    fn at_most_once_repeats_nothing_and_loses() {
        let settings = [("commit_policy", "before_processing"), ("on_failure", "retry")];
        check(&settings, Promise::NothingIsLost, false);
        check(&settings, Promise::NothingTwice, true);
    }

    #[test]
    fn exactly_once_promises_both_and_reads_what_was_committed() {
        let settings = [("commit_policy", "exactly_once"), ("on_failure", "retry")];
        for promise in [Promise::NothingIsLost, Promise::NothingTwice, Promise::CommittedReads] {
            check(&settings, promise, true);
        }
    }

    #[test]
    fn what_is_done_on_failure_decides_on_order_and_on_loss() {
        check(&[("on_failure", "retry_topic")], Promise::InOrder, false);
        check(&[("on_failure", "dead_letter")], Promise::NothingIsLost, true);
        check(&[("on_failure", "skip")], Promise::NothingIsLost, false);
    }

    #[test]
    fn a_group_that_begins_at_the_end_leaves_out_what_was_before() {
        check(&[("auto.offset.reset", "latest")], Promise::NothingIsLost, false);
        check(&[("auto.offset.reset", "latest")], Promise::NoneLeftOut, false);
    }

    #[test]
    fn a_producer_promises_what_its_acks_and_its_numbers_allow() {
        check(&[], Promise::AcknowledgedIsThere, true);
        check(&[("enable.idempotence", "false"), ("acks", "0")], Promise::AcknowledgedIsThere, false);
        check(&[], Promise::RetriedOnce, true);
        check(&[("enable.idempotence", "false")], Promise::RetriedOnce, false);
        check(&[], Promise::WrittenOnce, false);
        check(&[], Promise::SentInOrder, true);
        check(&[("enable.idempotence", "false")], Promise::SentInOrder, false);
        let one_by_one = [("enable.idempotence", "false"), ("max.in.flight.requests.per.connection", "1")];
        check(&one_by_one, Promise::SentInOrder, true);
    }

    #[test]
    fn a_setting_of_a_producer_holds_from_the_next_one_on() {
        let writes = Writes::of(Some(ProducerConfig::default()));
        let mut terms = Terms { reads: None, writes, published: None };
        terms.set("enable.idempotence", "false");
        assert!(terms.make(Promise::RetriedOnce), "the old producer goes on until it is through");
        terms.writes.begin();
        assert!(!terms.make(Promise::RetriedOnce));
    }
}
