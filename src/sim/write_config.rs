//! The settings of a service that publishes, all of which can be changed while it runs. Names and units are Kafka's.

use super::config_error::ServiceConfigError;
use super::read_setting::Input;
use super::read_values::MS_MAX;
use crate::broker::Acks;
use crate::client::{ProducerConfig, ProducerConfigError};
use crate::time::Span;
use std::ops::RangeInclusive;

/// One of the settings of a service that publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WriteSetting {
    /// `acks`
    Acks,
    /// `enable.idempotence`
    Idempotence,
    /// `linger.ms`
    Linger,
    /// `batch.size`
    BatchSize,
    /// `buffer.memory`
    BufferMemory,
    /// `retries`
    Retries,
    /// `retry.backoff.ms`
    RetryBackoff,
    /// `request.timeout.ms`
    RequestTimeout,
    /// `delivery.timeout.ms`
    DeliveryTimeout,
    /// `max.in.flight.requests.per.connection`
    InFlight,
}

impl WriteSetting {
    /// All settings, those that teach most first.
    pub const ALL: [Self; 10] = [
        Self::Acks,
        Self::Idempotence,
        Self::Linger,
        Self::BatchSize,
        Self::BufferMemory,
        Self::Retries,
        Self::RetryBackoff,
        Self::RequestTimeout,
        Self::DeliveryTimeout,
        Self::InFlight,
    ];

    /// Kafka's name of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Acks => "acks",
            Self::Idempotence => "enable.idempotence",
            Self::Linger => "linger.ms",
            Self::BatchSize => "batch.size",
            Self::BufferMemory => "buffer.memory",
            Self::Retries => "retries",
            Self::RetryBackoff => "retry.backoff.ms",
            Self::RequestTimeout => "request.timeout.ms",
            Self::DeliveryTimeout => "delivery.timeout.ms",
            Self::InFlight => "max.in.flight.requests.per.connection",
        }
    }

    /// What it means, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Acks => {
                "When a record counts as written: at once, when the leader has it, or when all in-sync replicas have it."
            }
            Self::Idempotence => {
                "Whether batches are numbered, so that a retry never writes a record twice, as long as the producer runs."
            }
            Self::Linger => "How long a batch waits for more records, in milliseconds.",
            Self::BatchSize => "How large a batch grows, in bytes, before it is sent.",
            Self::BufferMemory => {
                "How many bytes of records may wait in the producer before publishing has to wait too."
            }
            Self::Retries => "How often an unacknowledged batch is sent again.",
            Self::RetryBackoff => "How long it waits before it sends again, in milliseconds; doubles each time.",
            Self::RequestTimeout => "How long it waits for an answer before it sends again, in milliseconds.",
            Self::DeliveryTimeout => {
                "How long a record may take in all, in milliseconds; then it fails with a TimeoutException. The service sends it once more here, so it may be there twice."
            }
            Self::InFlight => {
                "How many requests may wait for an answer (counted for each partition here); above 1 and without idempotence, a retry can change the order."
            }
        }
    }

    /// How it is best asked for.
    pub fn input(self) -> Input {
        match self {
            Self::Acks => Input::OneOf(vec!["all", "1", "0"]),
            Self::Idempotence => Input::Flag,
            Self::Linger
            | Self::BatchSize
            | Self::BufferMemory
            | Self::Retries
            | Self::RetryBackoff
            | Self::RequestTimeout
            | Self::DeliveryTimeout
            | Self::InFlight => Input::Text,
        }
    }

    /// What it takes.
    pub fn expected(self) -> String {
        match self.input() {
            Input::OneOf(words) => words.join(", "),
            Input::Flag => "true or false".to_owned(),
            Input::Text => {
                let range = self.range();
                format!("a whole number from {} to {}", range.start(), range.end())
            }
        }
    }

    /// The setting called `name`.
    pub fn named(name: &str) -> Result<Self, ServiceConfigError> {
        Self::ALL.into_iter().find(|setting| setting.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            ServiceConfigError::UnknownSetting { kind: "publishes", name: name.to_owned(), known }
        })
    }

    const fn range(self) -> RangeInclusive<u64> {
        match self {
            Self::Linger => 0..=MS_MAX,
            Self::BatchSize => 1..=1 << 24,
            Self::BufferMemory => 1_024..=1 << 30,
            Self::Retries => 0..=i32::MAX as u64,
            Self::RetryBackoff | Self::RequestTimeout | Self::DeliveryTimeout => 1..=MS_MAX,
            Self::InFlight => 1..=100,
            Self::Acks | Self::Idempotence => 0..=0,
        }
    }

    /// The value of this setting as a text.
    pub fn value(self, config: &ProducerConfig) -> String {
        match self {
            Self::Acks => acks_word(config.acks).to_owned(),
            Self::Idempotence => config.idempotence.to_string(),
            Self::Linger => config.linger.as_ms().to_string(),
            Self::BatchSize => config.batch_bytes.to_string(),
            Self::BufferMemory => config.buffer_bytes.to_string(),
            Self::Retries => config.retries.to_string(),
            Self::RetryBackoff => config.retry_backoff.as_ms().to_string(),
            Self::RequestTimeout => config.request_timeout.as_ms().to_string(),
            Self::DeliveryTimeout => config.delivery_timeout.as_ms().to_string(),
            Self::InFlight => config.in_flight_max.to_string(),
        }
    }

    /// Gives this setting another value, unless that does not go together with the others.
    pub fn set(self, config: &mut ProducerConfig, value: &str) -> Result<(), ServiceConfigError> {
        let value = value.trim();
        let refused = |expected: String| {
            let (name, value) = (self.name(), value.to_owned());
            ServiceConfigError::InvalidValue { name, value, expected }
        };
        let mut changed = config.clone();
        self.try_set(&mut changed, value).ok_or_else(|| refused(self.expected()))?;
        changed.check().map_err(|error| refused(format!("one that goes with the others: {error}")))?;
        *config = changed;
        Ok(())
    }

    /// Which other settings have to change first so that this one takes `value`: each once, in this order. `None` if none of them
    /// stands in the way of it, or nothing helps.
    pub(super) fn needs(self, config: &ProducerConfig, value: &str) -> Option<Vec<(Self, String)>> {
        let (mut config, mut needs) = (config.clone(), Vec::new());
        while self.set(&mut config.clone(), value).is_err() {
            let mut wanted = config.clone();
            self.try_set(&mut wanted, value.trim())?;
            let (other, value) = self.mended(wanted.check().err()?, &wanted)?;
            if needs.iter().any(|(known, _)| *known == other) {
                return None;
            }
            other.set(&mut config, &value).ok()?;
            needs.push((other, value));
        }
        Some(needs)
    }

    /// The other setting that stands in the way of this one, and a value with which it does not.
    fn mended(self, error: ProducerConfigError, wanted: &ProducerConfig) -> Option<(Self, String)> {
        let kafka = ProducerConfig::default();
        let until = |span: Span| span.as_ms().to_string();
        Some(match (error, self) {
            (ProducerConfigError::IdempotenceNeedsAcks, Self::Idempotence) => (Self::Acks, Self::Acks.value(&kafka)),
            (ProducerConfigError::IdempotenceNeedsRetries, Self::Idempotence) => {
                (Self::Retries, Self::Retries.value(&kafka))
            }
            (ProducerConfigError::IdempotenceNeedsFewInFlight, Self::Idempotence) => {
                (Self::InFlight, Self::InFlight.value(&kafka))
            }
            (
                ProducerConfigError::IdempotenceNeedsAcks
                | ProducerConfigError::IdempotenceNeedsRetries
                | ProducerConfigError::IdempotenceNeedsFewInFlight,
                _,
            ) => (Self::Idempotence, "false".to_owned()),
            (ProducerConfigError::DeliveryTimeoutTooShort, Self::DeliveryTimeout) => {
                let rest = wanted.delivery_timeout.as_us().checked_sub(wanted.linger.as_us()).filter(|rest| *rest > 0);
                rest.map_or((Self::Linger, until(Span::ZERO)), |us| (Self::RequestTimeout, until(Span::from_us(us))))
            }
            (ProducerConfigError::DeliveryTimeoutTooShort, _) => {
                (Self::DeliveryTimeout, until(wanted.linger + wanted.request_timeout))
            }
            (ProducerConfigError::TransactionsNeedIdempotence | ProducerConfigError::NothingInFlight, _) => {
                return None;
            }
        })
    }

    fn try_set(self, config: &mut ProducerConfig, value: &str) -> Option<()> {
        let number = || value.parse().ok().filter(|number| self.range().contains(number));
        let ms = || number().map(Span::from_ms);
        match self {
            Self::Acks => config.acks = acks_named(value)?,
            Self::Idempotence => config.idempotence = value.parse().ok()?,
            Self::Linger => config.linger = ms()?,
            Self::BatchSize => config.batch_bytes = number()? as usize,
            Self::BufferMemory => config.buffer_bytes = number()?,
            Self::Retries => config.retries = number()? as u32,
            Self::RetryBackoff => {
                config.retry_backoff = ms()?;
                config.retry_backoff_max = config.retry_backoff_max.max(config.retry_backoff);
            }
            Self::RequestTimeout => config.request_timeout = ms()?,
            Self::DeliveryTimeout => config.delivery_timeout = ms()?,
            Self::InFlight => config.in_flight_max = number()? as u32,
        }
        Some(())
    }
}

const fn acks_word(acks: Acks) -> &'static str {
    match acks {
        Acks::Zero => "0",
        Acks::One => "1",
        Acks::All => "all",
    }
}

fn acks_named(word: &str) -> Option<Acks> {
    [Acks::Zero, Acks::One, Acks::All].into_iter().find(|acks| acks_word(*acks) == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, value: &str, expect: Result<&str, &str>) {
        let mut config = ProducerConfig::default();
        let setting = WriteSetting::named(name).expect("a setting");
        let found = setting.set(&mut config, value).map(|()| setting.value(&config)).map_err(|error| error.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expect, "{name} = {value:?}");
        assert!(expect.is_ok() || config == ProducerConfig::default(), "a refused value changes nothing");
    }

    #[test]
    fn every_setting_takes_the_value_that_it_has() {
        for setting in WriteSetting::ALL {
            let mut config = ProducerConfig::default();
            assert_eq!(setting.set(&mut config, &setting.value(&ProducerConfig::default())), Ok(()), "{setting:?}");
            assert_eq!(config, ProducerConfig::default());
        }
    }

    fn needs(config: &ProducerConfig, setting: WriteSetting, value: &str) -> Option<Vec<String>> {
        let needs = setting.needs(config, value)?;
        let mut changed = config.clone();
        for (other, value) in &needs {
            assert_eq!(other.set(&mut changed, value), Ok(()), "{other:?}");
        }
        assert_eq!(setting.set(&mut changed, value), Ok(()), "{needs:?}");
        Some(needs.iter().map(|(other, value)| format!("{}={value}", other.name())).collect())
    }

    #[test]
    fn whatever_other_settings_stand_in_the_way_are_known_with_values_that_do_not() {
        let kafka = ProducerConfig::default();
        let idempotence_off = Some(vec!["enable.idempotence=false".to_owned()]);
        for (setting, value) in [
            (WriteSetting::Acks, "1"),
            (WriteSetting::Acks, "0"),
            (WriteSetting::Retries, "0"),
            (WriteSetting::InFlight, "6"),
        ] {
            assert_eq!(needs(&kafka, setting, value), idempotence_off, "{setting:?}");
        }
        let careless =
            ProducerConfig { idempotence: false, acks: Acks::Zero, in_flight_max: 9, retries: 0, ..kafka.clone() };
        let all = needs(&careless, WriteSetting::Idempotence, "true").expect("it can be had");
        assert_eq!(all.len(), 3, "{all:?}");
        assert_eq!(
            needs(&kafka, WriteSetting::DeliveryTimeout, "1000"),
            Some(vec!["request.timeout.ms=995".to_owned()])
        );
        let both = Some(vec!["linger.ms=0".to_owned(), "request.timeout.ms=5".to_owned()]);
        assert_eq!(needs(&kafka, WriteSetting::DeliveryTimeout, "5"), both);
        assert_eq!(needs(&kafka, WriteSetting::Linger, "120000"), Some(vec!["delivery.timeout.ms=150000".to_owned()]));
        assert_eq!(needs(&kafka, WriteSetting::Linger, "20"), Some(Vec::new()), "nothing stands in its way");
        assert_eq!(needs(&kafka, WriteSetting::Acks, "2"), None, "nothing helps");
        assert_eq!(needs(&kafka, WriteSetting::Linger, "86400000"), None, "the other would be beyond its range");
    }

    #[test]
    fn what_does_not_go_together_is_refused_with_the_reason() {
        check("acks", "all", Ok("all"));
        check(
            "acks",
            "1",
            Err("acks is \"1\"; it must be one that goes with the others: enable.idempotence needs acks=all"),
        );
        check("acks", "2", Err("acks is \"2\"; it must be all, 1, 0"));
        check("linger.ms", "20", Ok("20"));
        check("linger.ms", "-1", Err("linger.ms is \"-1\"; it must be a whole number from 0 to 86400000"));
    }
}
