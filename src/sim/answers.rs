//! What became of the updates of a publishing service, as those see it who wait for its answer: a customer who has paid, say.

use super::latencies::Latencies;
use crate::time::Span;

/// From this on somebody who waits for an answer is held up.
pub const HELD_UP: Span = Span::from_ms(1_000);

/// The answers that a publishing service could give. On the bus it can as soon as the log has the update; where it calls its
/// neighbours, as soon as they all have answered, or it has given up on one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// How long it took, from the update to the answer that all is well.
    pub times: Latencies,
    /// How many of those took longer than [`HELD_UP`].
    pub held_up: u64,
    /// How many updates were answered with an error, or not at all.
    pub failed: u64,
}

impl Answers {
    /// An update was answered, after so long.
    pub fn answered(&mut self, after: Span) {
        self.times.note(after);
        self.held_up += u64::from(after > HELD_UP);
    }

    /// Takes in all of another service's.
    pub fn add(&mut self, other: &Self) {
        self.times.add(&other.times);
        self.held_up += other.held_up;
        self.failed += other.failed;
    }
}
