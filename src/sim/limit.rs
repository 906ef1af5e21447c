//! Limits of a service: when one is reached, something waits until there is room again, and an event says so.

/// How many entities of one service can be on their way.
pub const ENTITIES_MAX: usize = 50_000;
/// How many updates of one service can wait for the broker's acknowledgement.
pub const UNACKNOWLEDGED_MAX: usize = 10_000;

/// One of the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// [`ENTITIES_MAX`]: no new entities turn up until some are through.
    Entities,
    /// [`UNACKNOWLEDGED_MAX`]: entities wait before their next stage until the broker has acknowledged some updates. Kafka's
    /// producers block likewise, at `buffer.memory`, which counts bytes.
    Unacknowledged,
    /// `buffer.memory`: the producer takes nothing more until the broker has acknowledged some of it.
    BufferMemory,
}

impl Limit {
    /// How many there can be. What the producer's buffer holds is one of its settings.
    pub const fn max(self) -> usize {
        match self {
            Self::Entities => ENTITIES_MAX,
            Self::Unacknowledged => UNACKNOWLEDGED_MAX,
            Self::BufferMemory => usize::MAX,
        }
    }

    /// How few there must be before it goes on: so few that it does not go on and off with each of them.
    const fn resumes_at(self) -> usize {
        match self {
            Self::Entities => ENTITIES_MAX / 10 * 9,
            Self::Unacknowledged => UNACKNOWLEDGED_MAX / 2,
            Self::BufferMemory => usize::MAX,
        }
    }
}

/// Whether a limit is reached, as far as everybody was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Valve {
    limit: Limit,
    is_shut: bool,
}

impl Valve {
    pub(super) const fn new(limit: Limit) -> Self {
        Self { limit, is_shut: false }
    }

    pub(super) const fn is_shut(self) -> bool {
        self.is_shut
    }

    /// Opens or shuts now that there are so many, and returns what has changed.
    pub(super) fn update(&mut self, len: usize) -> Option<(Limit, bool)> {
        let bound = if self.is_shut { self.limit.resumes_at() + 1 } else { self.limit.max() };
        let reached = len >= bound;
        let changed = reached != self.is_shut;
        self.is_shut = reached;
        changed.then_some((self.limit, reached))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valve_shuts_at_its_limit_and_opens_when_there_is_room_again() {
        let mut valve = Valve::new(Limit::Entities);
        let lengths = [0, ENTITIES_MAX - 1, ENTITIES_MAX, ENTITIES_MAX - 1, 45_001, 45_000, 45_001];
        let changes: Vec<_> = lengths.into_iter().map(|len| valve.update(len).map(|(_, reached)| reached)).collect();
        assert_eq!(changes, [None, None, Some(true), None, None, Some(false), None]);
    }
}
