//! The knobs of direct calls: what a client library for calls between services lets one set. All hold from the beginning of the
//! run: to turn one is to run the day again.

use crate::sim::{Input, ServiceConfigError};
use crate::time::Span;
use std::ops::RangeInclusive;

/// The longest time that a knob takes: an hour.
const MS_MAX: u64 = 3_600_000;

/// How services call each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectConfig {
    /// Whether all neighbours are called at once.
    pub in_parallel: bool,
    /// How long a caller waits for an answer.
    pub timeout: Span,
    /// How often it calls again.
    pub retries: u32,
    /// How long it waits before it calls again; twice as long each time.
    pub retry_backoff: Span,
    /// How many updates a caller has in hand at once.
    pub concurrency: u32,
    /// How many calls wait at a neighbour.
    pub queue_max: u32,
    /// After how many failures in a row a caller stops calling a neighbour for a while; 0 if never.
    pub breaker_failures: u32,
    /// For how long.
    pub breaker_open: Span,
    /// Whether a call to a neighbour that is switched off is refused at once.
    pub refuses_when_off: bool,
}

impl Default for DirectConfig {
    fn default() -> Self {
        Self {
            in_parallel: false,
            timeout: Span::from_ms(1_000),
            retries: 3,
            retry_backoff: Span::from_ms(200),
            concurrency: 16,
            queue_max: 100,
            breaker_failures: 0,
            breaker_open: Span::from_ms(5_000),
            refuses_when_off: true,
        }
    }
}

/// One of the knobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectSetting {
    /// `in_parallel`
    InParallel,
    /// `timeout_ms`
    Timeout,
    /// `retries`
    Retries,
    /// `retry_backoff_ms`
    RetryBackoff,
    /// `concurrency`
    Concurrency,
    /// `queue_max`
    QueueMax,
    /// `breaker_failures`
    BreakerFailures,
    /// `breaker_open_ms`
    BreakerOpen,
    /// `refuses_when_off`
    RefusesWhenOff,
}

impl DirectSetting {
    /// All knobs, those that teach most first.
    pub const ALL: [Self; 9] = [
        Self::Timeout,
        Self::Retries,
        Self::RetryBackoff,
        Self::InParallel,
        Self::Concurrency,
        Self::QueueMax,
        Self::BreakerFailures,
        Self::BreakerOpen,
        Self::RefusesWhenOff,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InParallel => "in_parallel",
            Self::Timeout => "timeout_ms",
            Self::Retries => "retries",
            Self::RetryBackoff => "retry_backoff_ms",
            Self::Concurrency => "concurrency",
            Self::QueueMax => "queue_max",
            Self::BreakerFailures => "breaker_failures",
            Self::BreakerOpen => "breaker_open_ms",
            Self::RefusesWhenOff => "refuses_when_off",
        }
    }

    /// What it means, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::InParallel => "Whether all neighbours are called at once, or one after another.",
            Self::Timeout => "How long a caller waits for an answer before it gives that call up, in milliseconds.",
            Self::Retries => "How often it calls again when a call has failed.",
            Self::RetryBackoff => "How long it waits before it calls again, in milliseconds; doubles each time.",
            Self::Concurrency => "How many updates a caller has in hand at once; all others wait their turn.",
            Self::QueueMax => "How many calls wait at a neighbour that is busy; any more are turned away.",
            Self::BreakerFailures => {
                "After how many failures in a row a circuit breaker stops all calls to a neighbour for a while; 0 for no breaker."
            }
            Self::BreakerOpen => "How long the breaker stops them before it lets one call try, in milliseconds.",
            Self::RefusesWhenOff => "Whether a neighbour that is off says so at once, or leaves its callers waiting.",
        }
    }

    /// How it is best asked for.
    pub const fn input(self) -> Input {
        match self {
            Self::InParallel | Self::RefusesWhenOff => Input::Flag,
            Self::Timeout
            | Self::Retries
            | Self::RetryBackoff
            | Self::Concurrency
            | Self::QueueMax
            | Self::BreakerFailures
            | Self::BreakerOpen => Input::Text,
        }
    }

    /// What it takes.
    fn expected(self) -> String {
        match self.input() {
            Input::Flag | Input::OneOf(_) => "true or false".to_owned(),
            Input::Text => {
                let range = self.range();
                format!("a whole number from {} to {}", range.start(), range.end())
            }
        }
    }

    const fn range(self) -> RangeInclusive<u64> {
        match self {
            Self::InParallel | Self::RefusesWhenOff => 0..=1,
            Self::Timeout | Self::BreakerOpen | Self::RetryBackoff => 1..=MS_MAX,
            Self::Retries => 0..=100,
            Self::Concurrency => 1..=10_000,
            Self::QueueMax | Self::BreakerFailures => 0..=10_000,
        }
    }

    /// The knob called `name`.
    pub fn named(name: &str) -> Result<Self, ServiceConfigError> {
        Self::ALL.into_iter().find(|setting| setting.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            ServiceConfigError::UnknownSetting { kind: "is called directly", name: name.to_owned(), known }
        })
    }
}

impl DirectConfig {
    /// The value of a knob as a text.
    pub fn value(&self, setting: DirectSetting) -> String {
        match setting {
            DirectSetting::InParallel => self.in_parallel.to_string(),
            DirectSetting::Timeout => self.timeout.as_ms().to_string(),
            DirectSetting::Retries => self.retries.to_string(),
            DirectSetting::RetryBackoff => self.retry_backoff.as_ms().to_string(),
            DirectSetting::Concurrency => self.concurrency.to_string(),
            DirectSetting::QueueMax => self.queue_max.to_string(),
            DirectSetting::BreakerFailures => self.breaker_failures.to_string(),
            DirectSetting::BreakerOpen => self.breaker_open.as_ms().to_string(),
            DirectSetting::RefusesWhenOff => self.refuses_when_off.to_string(),
        }
    }

    /// Why a knob has no effect beside the others, such as `retries is 0`; `None` if it has one.
    pub fn no_effect(&self, setting: DirectSetting) -> Option<String> {
        let other = match setting {
            DirectSetting::RetryBackoff if self.retries == 0 => DirectSetting::Retries,
            DirectSetting::BreakerOpen if self.breaker_failures == 0 => DirectSetting::BreakerFailures,
            DirectSetting::InParallel
            | DirectSetting::Timeout
            | DirectSetting::Retries
            | DirectSetting::RetryBackoff
            | DirectSetting::Concurrency
            | DirectSetting::QueueMax
            | DirectSetting::BreakerFailures
            | DirectSetting::BreakerOpen
            | DirectSetting::RefusesWhenOff => return None,
        };
        Some(format!("{} is {}", other.name(), self.value(other)))
    }

    /// Gives a knob another value. A value that it does not take changes nothing.
    pub fn set(&mut self, setting: DirectSetting, value: &str) -> Result<(), ServiceConfigError> {
        let value = value.trim();
        self.try_set(setting, value).ok_or_else(|| ServiceConfigError::InvalidValue {
            name: setting.name(),
            value: value.to_owned(),
            expected: setting.expected(),
        })
    }

    fn try_set(&mut self, setting: DirectSetting, value: &str) -> Option<()> {
        let number = || value.parse::<u64>().ok().filter(|number| setting.range().contains(number));
        match setting {
            DirectSetting::InParallel => self.in_parallel = value.parse().ok()?,
            DirectSetting::Timeout => self.timeout = Span::from_ms(number()?),
            DirectSetting::Retries => self.retries = number()? as u32,
            DirectSetting::RetryBackoff => self.retry_backoff = Span::from_ms(number()?),
            DirectSetting::Concurrency => self.concurrency = number()? as u32,
            DirectSetting::QueueMax => self.queue_max = number()? as u32,
            DirectSetting::BreakerFailures => self.breaker_failures = number()? as u32,
            DirectSetting::BreakerOpen => self.breaker_open = Span::from_ms(number()?),
            DirectSetting::RefusesWhenOff => self.refuses_when_off = value.parse().ok()?,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_knob_takes_the_value_that_it_has() {
        for setting in DirectSetting::ALL {
            let mut config = DirectConfig::default();
            let value = config.value(setting);
            assert_eq!(config.set(setting, &value), Ok(()), "{}", setting.name());
            assert_eq!(config, DirectConfig::default());
            assert_eq!(DirectSetting::named(setting.name()), Ok(setting));
        }
    }

    #[test]
    fn a_value_that_a_knob_does_not_take_is_refused_with_those_that_it_takes() {
        let mut config = DirectConfig::default();
        let check = |refused: Result<(), ServiceConfigError>, expect: &str| {
            assert_eq!(refused.map_err(|error| error.to_string()), Err(expect.to_owned()));
        };
        check(config.set(DirectSetting::Retries, "101"), "retries is \"101\"; it must be a whole number from 0 to 100");
        check(config.set(DirectSetting::InParallel, "1"), "in_parallel is \"1\"; it must be true or false");
        assert_eq!(config, DirectConfig::default());
    }
}
