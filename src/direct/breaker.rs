//! A circuit breaker: after so many failures in a row a caller leaves a neighbour alone for a while, then lets one call try.

use super::config::DirectConfig;
use crate::time::Instant;

/// What one caller thinks of one neighbour.
#[derive(Clone, Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    /// It lets nothing through until then; the first call after that is to try.
    shut_until: Option<Instant>,
}

impl Breaker {
    /// Whether a call may go out now. While one tries, others may not.
    pub(super) fn permits(&mut self, now: Instant, config: &DirectConfig) -> bool {
        match self.shut_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                self.shut_until = Some(now + config.timeout);
                true
            }
        }
    }

    /// A call was answered well.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// A call has failed.
    pub(super) fn failed(&mut self, now: Instant, config: &DirectConfig) {
        self.failures = self.failures.saturating_add(1);
        if config.breaker_failures > 0 && self.failures >= config.breaker_failures {
            self.shut_until = Some(now + config.breaker_open);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    #[test]
    fn it_shuts_after_failures_in_a_row_and_lets_one_call_try_when_its_time_is_over() {
        let config = DirectConfig {
            breaker_failures: 2,
            breaker_open: Span::from_ms(100),
            timeout: Span::from_ms(10),
            ..DirectConfig::default()
        };
        let mut breaker = Breaker::default();
        let at = Instant::from_ms;
        breaker.failed(at(0), &config);
        assert!(breaker.permits(at(1), &config), "one failure is not two");
        breaker.failed(at(2), &config);
        assert!(!breaker.permits(at(101), &config));
        assert!(breaker.permits(at(102), &config), "one call tries");
        assert!(!breaker.permits(at(103), &config), "others wait for what becomes of it");
        breaker.failed(at(112), &config);
        assert!(!breaker.permits(at(211), &config), "it has failed");
        assert!(breaker.permits(at(212), &config));
        breaker.succeeded();
        assert!(breaker.permits(at(212), &config));
        assert!(breaker.permits(at(212), &config), "it is open to all again");
    }

    #[test]
    fn without_a_limit_it_never_shuts() {
        let (mut breaker, config) = (Breaker::default(), DirectConfig::default());
        (0..1_000).for_each(|_| breaker.failed(Instant::START, &config));
        assert!(breaker.permits(Instant::START, &config));
    }
}
