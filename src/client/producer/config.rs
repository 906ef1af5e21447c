//! A producer's settings, and which of them do not go together.

use crate::broker::Acks;
use crate::time::Span;
use std::sync::Arc;
use thiserror::Error;

/// The most requests in flight under which a log recognises every repetition.
const IN_FLIGHT_IDEMPOTENT_MAX: u32 = 5;

/// A producer's settings. Names, units and defaults are Kafka's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerConfig {
    /// `acks`: when a record counts as written.
    pub acks: Acks,
    /// `linger.ms`: how long a batch waits for more records.
    pub linger: Span,
    /// `batch.size`: a batch grows no larger, unless a single record is, and one that has so many bytes waits no longer.
    pub batch_bytes: usize,
    /// `buffer.memory`: how many bytes may wait to be acknowledged. Kafka counts a batch as if it were full, this producer
    /// counts what is in it.
    pub buffer_bytes: u64,
    /// `retries`: how often a batch is sent again.
    pub retries: u32,
    /// `retry.backoff.ms`: how long a batch waits before it is sent again; twice as long each further time. Kafka varies it by
    /// a fifth at random, this producer does not.
    pub retry_backoff: Span,
    /// `retry.backoff.max.ms`: the longest of these waits.
    pub retry_backoff_max: Span,
    /// `request.timeout.ms`: how long a request may go unanswered.
    pub request_timeout: Span,
    /// `delivery.timeout.ms`: how long after it was sent a record is given up.
    pub delivery_timeout: Span,
    /// `max.in.flight.requests.per.connection`. A request here carries a batch of one partition, where one of Kafka's carries
    /// a batch of each: so many may be in flight of each partition, which comes to the same.
    pub in_flight_max: u32,
    /// `enable.idempotence`: whether records are numbered, so that the log recognises those that are sent again.
    pub idempotence: bool,
    /// `transactional.id`: the name under which the producer is known again after a restart. With it, records are sent in
    /// transactions only.
    pub transactional_id: Option<Arc<str>>,
    /// `transaction.timeout.ms`: how long a transaction may take before the coordinator aborts it.
    pub transaction_timeout: Span,
}

impl Default for ProducerConfig {
    fn default() -> Self {
        Self {
            acks: Acks::All,
            linger: Span::from_ms(5),
            batch_bytes: 16_384,
            buffer_bytes: 33_554_432,
            retries: i32::MAX as u32,
            retry_backoff: Span::from_ms(100),
            retry_backoff_max: Span::from_ms(1_000),
            request_timeout: Span::from_ms(30_000),
            delivery_timeout: Span::from_ms(120_000),
            in_flight_max: 5,
            idempotence: true,
            transactional_id: None,
            transaction_timeout: Span::from_ms(60_000),
        }
    }
}

/// Settings that do not go together (`ConfigException`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProducerConfigError {
    /// Numbering records is of no use without `acks=all`.
    #[error("enable.idempotence needs acks=all")]
    IdempotenceNeedsAcks,
    /// Numbering records is of no use if none is sent again.
    #[error("enable.idempotence needs retries above 0")]
    IdempotenceNeedsRetries,
    /// The log remembers no more batches.
    #[error("enable.idempotence needs max.in.flight.requests.per.connection of at most 5")]
    IdempotenceNeedsFewInFlight,
    /// A transaction needs numbered records.
    #[error("transactional.id needs enable.idempotence")]
    TransactionsNeedIdempotence,
    /// A record must have time to linger, and to be sent once.
    #[error("delivery.timeout.ms must be at least linger.ms and request.timeout.ms together")]
    DeliveryTimeoutTooShort,
    /// Nothing could ever be sent.
    #[error("max.in.flight.requests.per.connection must be at least 1")]
    NothingInFlight,
}

impl ProducerConfig {
    /// Whether the settings go together.
    pub fn check(&self) -> Result<(), ProducerConfigError> {
        let checks = [
            (self.in_flight_max > 0, ProducerConfigError::NothingInFlight),
            (!self.idempotence || self.acks == Acks::All, ProducerConfigError::IdempotenceNeedsAcks),
            (!self.idempotence || self.retries > 0, ProducerConfigError::IdempotenceNeedsRetries),
            (
                !self.idempotence || self.in_flight_max <= IN_FLIGHT_IDEMPOTENT_MAX,
                ProducerConfigError::IdempotenceNeedsFewInFlight,
            ),
            (self.idempotence || self.transactional_id.is_none(), ProducerConfigError::TransactionsNeedIdempotence),
            (self.delivery_timeout >= self.linger + self.request_timeout, ProducerConfigError::DeliveryTimeoutTooShort),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, error)| Err(error))
    }

    /// How long a batch waits before it is sent for the time after `attempts` that failed.
    pub(super) fn backoff(&self, attempts: u32) -> Span {
        let doublings = attempts.saturating_sub(1).min(32);
        let us = self.retry_backoff.as_us().saturating_mul(1 << doublings);
        Span::from_us(us.min(self.retry_backoff_max.max(self.retry_backoff).as_us()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_waits_twice_as_long_each_time_up_to_a_bound() {
        let config = ProducerConfig::default();
        let check = |attempts, expect_ms| assert_eq!(config.backoff(attempts), Span::from_ms(expect_ms), "{attempts}");
        check(1, 100);
        check(2, 200);
        check(4, 800);
        check(5, 1_000);
        check(u32::MAX, 1_000);
    }

    fn check(config: &ProducerConfig, expect: Result<(), ProducerConfigError>) {
        assert_eq!(config.check(), expect, "{config:?}");
    }

    #[test]
    fn settings_that_do_not_go_together_are_refused() {
        let kafka = ProducerConfig::default;
        check(&kafka(), Ok(()));
        check(&ProducerConfig { acks: Acks::One, ..kafka() }, Err(ProducerConfigError::IdempotenceNeedsAcks));
        check(&ProducerConfig { retries: 0, ..kafka() }, Err(ProducerConfigError::IdempotenceNeedsRetries));
        check(&ProducerConfig { in_flight_max: 6, ..kafka() }, Err(ProducerConfigError::IdempotenceNeedsFewInFlight));
        check(&ProducerConfig { in_flight_max: 0, ..kafka() }, Err(ProducerConfigError::NothingInFlight));
        let linger = Span::from_ms(90_001);
        check(&ProducerConfig { linger, ..kafka() }, Err(ProducerConfigError::DeliveryTimeoutTooShort));
        let plain = ProducerConfig { idempotence: false, acks: Acks::Zero, in_flight_max: 9, retries: 0, ..kafka() };
        check(&plain, Ok(()));
        let transactional_id = Some("orders".into());
        let error = ProducerConfigError::TransactionsNeedIdempotence;
        check(&ProducerConfig { transactional_id, ..plain }, Err(error));
    }
}
