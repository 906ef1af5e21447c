//! What redelivery has cost outside: how often somebody saw the same thing a second time. Records that differ and say the same, as
//! a producer publishes them that sends again what had arrived, cost as much as one that is processed twice.

use crate::cow::RecentSet;
use crate::sim::{Event, Outcome, ServiceId, Stamped};
use crate::sorted::SortedMap;
use xxhash_rust::xxh64::xxh64;

/// How many outcomes are remembered of each service at least; what is much older is not recognised when it is seen again.
const REMEMBERED_MIN: usize = 100_000;

/// What has been seen of each service, as hashes.
#[derive(Clone, Debug, Default)]
pub struct Costs(SortedMap<ServiceId, Seen>);

#[derive(Clone, Debug)]
struct Seen {
    known: RecentSet<u64>,
    repeated: u64,
}

impl Costs {
    /// Takes in what happened.
    pub fn observe(&mut self, stamped: &Stamped) {
        let Event::Outcome(Outcome { service, subject, stage, text, .. }) = &stamped.event else { return };
        let hash = [subject, stage, text].iter().fold(0, |hash, part| xxh64(part.as_bytes(), hash));
        self.0.entry(*service).or_default().note(hash);
    }

    /// How often somebody saw of a service what had been seen before.
    pub fn repeated(&self, service: ServiceId) -> u64 {
        self.0.get(&service).map_or(0, |seen| seen.repeated)
    }
}

impl Seen {
    fn note(&mut self, hash: u64) {
        self.repeated += u64::from(!self.known.insert(hash));
    }
}

impl Default for Seen {
    fn default() -> Self {
        Self { known: RecentSet::new(REMEMBERED_MIN), repeated: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Offset, TopicPartition};
    use crate::time::Instant;

    fn outcome(service: u16, offset: i64, text: &str) -> Stamped {
        let event = Event::Outcome(Outcome {
            service: ServiceId(service),
            partition: TopicPartition::default(),
            offset: Offset(offset),
            timestamp_ms: 0,
            subject: "Ada".into(),
            detail: "".into(),
            stage: "paid".into(),
            text: text.into(),
        });
        Stamped { at: Instant::START, event }
    }

    #[test]
    fn the_same_text_a_second_time_is_a_cost_wherever_it_comes_from() {
        let mut costs = Costs::default();
        for (service, offset, text) in
            [(1, 0, "paid"), (1, 0, "paid"), (1, 7, "paid"), (1, 8, "packed"), (2, 0, "paid")]
        {
            costs.observe(&outcome(service, offset, text));
        }
        assert_eq!([1, 2, 3].map(|service| costs.repeated(ServiceId(service))), [2, 0, 0]);
    }
}
