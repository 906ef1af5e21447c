//! What a service does with a record on which it fails, and how records that were put aside come back.

use super::asides::Aside;
use super::event::{Event, Fared, ServiceId, WorkEvent};
use super::instance::{Ended, Phase, Plan, Role, Running, Trouble};
use super::memory::{Known, fingerprint};
use super::origin::{Origin, is_poison};
use super::outcome::OutcomeTexts;
use super::policy::OnFailure;
use super::resting::REST_MAX;
use super::world::World;
use crate::client::ConsumedRecord;
use crate::log::{RecordRef, TopicId};
use crate::time::Span;

impl World {
    /// Whether this attempt at a record fails.
    pub(super) fn fails(&mut self, id: ServiceId, record: &ConsumedRecord) -> bool {
        let Some((percent, reads_poison)) =
            self.read_config(id).map(|config| (u64::from(config.failure_percent), config.reads_poison))
        else {
            return false;
        };
        let by_chance = percent > 0 && self.service_mut(id).failures.below(100) < percent;
        let headers = record.headers.iter().map(|header| (&*header.key, header.value.as_deref()));
        by_chance || (!reads_poison && is_poison(headers))
    }

    /// An attempt at a record has failed: what the service does then is one of its settings.
    pub(super) fn fail(&mut self, id: ServiceId, index: u32, record: &ConsumedRecord, origin: &Origin) {
        let Some(running) = self.running_mut(id, index) else { return };
        let (failures, role) = (running.fails_on(record.place()), running.role);
        self.fare(id, index, origin, Fared::Failed(failures));
        let Some(on_failure) = self.read_config(id).map(|config| config.on_failure) else { return };
        match (role, on_failure) {
            (Role::Main, OnFailure::Stop) => self.stop_at(id, index),
            (Role::Main, OnFailure::Retry) => self.try_again(id, index, failures),
            (Role::Main, OnFailure::Skip) => self.skip(id, index, origin),
            (Role::Retry, _) | (Role::Main, OnFailure::RetryTopic) => self.put_aside_again(id, index, record, origin),
            (Role::Main, OnFailure::DeadLetter) => self.give_up_on(id, index, record, origin),
        }
    }

    /// Says what became of a record.
    pub(super) fn fare(&mut self, id: ServiceId, index: u32, origin: &Origin, how: Fared) {
        let Some(group) = self.service(id).group else { return };
        let event = Event::Work(WorkEvent::Fared {
            service: id,
            group,
            partition: origin.partition,
            offset: origin.offset,
            key: origin.key,
            epoch: origin.epoch,
            how,
        });
        match how {
            Fared::Failed(_) => self.emit(event),
            Fared::Skipped
            | Fared::SentToRetry(_)
            | Fared::DeadLettered(_)
            | Fared::Redriven(_)
            | Fared::Deduplicated => self.conclude(id, index, event),
        }
    }

    /// Whether a service that is to remember its work has done this before. It remembers from now on; of what is done in a
    /// transaction, only if that is committed.
    pub(super) fn remembers(
        &mut self,
        id: ServiceId,
        index: u32,
        record: &ConsumedRecord,
        texts: Option<&OutcomeTexts>,
    ) -> Known {
        if !self.read_config(id).is_some_and(|config| config.deduplicate) {
            return Known::No;
        }
        let work = fingerprint(record, texts);
        if let Some(transaction) = self.transaction_of(id, index) {
            let is_known = self.service(id).memory.knows(work);
            let is_new = !is_known && self.undecided.entry(transaction).or_default().work.insert(work);
            return if is_new { Known::No } else { Known::Published };
        }
        self.running_mut(id, index).into_iter().for_each(|running| running.to_be_told.push(work));
        self.service_mut(id).memory.note(work)
    }

    /// Where the record in hand was published first.
    pub(super) fn origin_of(&self, id: ServiceId, index: u32, record: &ConsumedRecord) -> Origin {
        match self.running(id, index).map(|running| running.role) {
            Some(Role::Retry) => self.origin_carried(id, record),
            Some(Role::Main) | None => Origin::at(record),
        }
    }

    /// Tries the record again after a while.
    fn try_again(&mut self, id: ServiceId, index: u32, failures: u32) {
        let until = self.now + self.backoff(id, failures);
        self.running_mut(id, index).into_iter().for_each(|running| running.rest(until));
    }

    pub(super) fn skip(&mut self, id: ServiceId, index: u32, origin: &Origin) {
        self.fare(id, index, origin, Fared::Skipped);
        self.next_record(id, index);
    }

    /// Commits what it has done, and ends. The record stays where it is, for the next instance to fail on it.
    fn stop_at(&mut self, id: ServiceId, index: u32) {
        let Some(running) = self.running_mut(id, index) else { return };
        running.stop_here();
        running.plan = Plan::End(Ended::Failed);
    }

    /// Puts a record into the retry topic, unless it was tried often enough.
    fn put_aside_again(&mut self, id: ServiceId, index: u32, record: &ConsumedRecord, origin: &Origin) {
        let Some(attempts_max) = self.read_config(id).map(|config| config.attempts_max) else { return };
        let retry_topic = self.service_spec(id).consumes.as_ref().and_then(|consumes| consumes.retry_topic);
        let attempt = origin.attempt + 1;
        match retry_topic.filter(|_| attempt < attempts_max) {
            Some(topic) => {
                let retry_at = self.now + self.backoff(id, attempt);
                self.put_aside(
                    id,
                    index,
                    (topic, Aside::Retry),
                    record,
                    &Origin { attempt, ..*origin },
                    Some(retry_at),
                );
            }
            None => self.give_up_on(id, index, record, origin),
        }
    }

    /// Puts a record where somebody can look at it; leaves it out if there is no such place.
    fn give_up_on(&mut self, id: ServiceId, index: u32, record: &ConsumedRecord, origin: &Origin) {
        let topic: Option<TopicId> = self.service_spec(id).consumes.as_ref().and_then(|it| it.dead_letter_topic);
        let Some(topic) = topic else { return self.skip(id, index, origin) };
        let tried = Origin { attempt: origin.attempt + 1, ..*origin };
        self.put_aside(id, index, (topic, Aside::DeadLetter), record, &tried, None);
    }

    /// The wait before the next attempt: twice as long each time.
    fn backoff(&self, id: ServiceId, failures: u32) -> Span {
        let first = self.read_config(id).map_or(Span::ZERO, |config| config.retry_backoff);
        let doubled = first.as_us().saturating_mul(1u64 << (failures - 1).min(16));
        Span::from_us(doubled).min(REST_MAX)
    }

    /// Where a record that was put aside was published first. What it says of itself counts only if it can be true: a person may
    /// have written it.
    pub(super) fn origin_carried(&self, id: ServiceId, record: &ConsumedRecord) -> Origin {
        let carried = Origin::of(record, |name| self.topic_named(name));
        let topics = self.service_spec(id).consumes.as_ref().map(|consumes| &consumes.topics);
        let is_read = topics.is_some_and(|topics| topics.contains(&carried.partition.topic));
        let log = self.broker.log(carried.partition).filter(|_| is_read);
        let is_possible = log.is_some_and(|log| (0..log.log_end_offset().0).contains(&carried.offset.0));
        if is_possible { carried } else { Origin { partition: record.partition, offset: record.offset, ..carried } }
    }
}

impl Running {
    /// Notes that it has failed on a record, and says how often in a row.
    fn fails_on(&mut self, record: RecordRef) -> u32 {
        let before = self.trouble.filter(|trouble| trouble.record == record).map_or(0, |trouble| trouble.failures);
        let failures = before.saturating_add(1);
        self.trouble = Some(Trouble { record, failures });
        failures
    }

    /// Lets go of what it has not done, so that it commits no more than it has.
    pub(super) fn stop_here(&mut self) {
        for record in std::mem::take(&mut self.work).into_iter().rev() {
            self.consumer.seek(record.partition, record.start());
        }
        self.phase = Phase::Publishing;
    }
}
