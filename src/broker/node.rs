//! The brokers as machines: whether each runs, can be reached, and counts as alive for the controller.

use super::replication::BrokerId;
use crate::time::Instant;

/// One broker.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a broker can run, be reached, count and wait in almost any combination"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    id: BrokerId,
    pub(super) is_online: bool,
    pub(super) is_connected: bool,
    pub(super) is_fenced: bool,
    /// Whether it was started again while the controller still counts on the broker that it was before.
    pub(super) awaits_session: bool,
    /// Since when the controller has heard nothing of it.
    pub(super) silent_since: Option<Instant>,
}

impl Node {
    pub(super) fn new(id: BrokerId) -> Self {
        Self { id, is_online: true, is_connected: true, is_fenced: false, awaits_session: false, silent_since: None }
    }

    /// Its number.
    pub fn id(&self) -> BrokerId {
        self.id
    }

    /// Whether it runs.
    pub fn is_online(&self) -> bool {
        self.is_online
    }

    /// Whether it is on the network.
    pub fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// Whether the controller has given it up: it leads nothing then, and is in sync with nothing.
    pub fn is_fenced(&self) -> bool {
        self.is_fenced
    }

    /// Whether it was started again so soon that the controller does not let it in: it takes it for a second broker with the number of
    /// one whose session has not ended (`DuplicateBrokerRegistration`).
    pub fn awaits_session(&self) -> bool {
        self.awaits_session
    }

    /// Whether anybody hears of it.
    pub fn is_heard(&self) -> bool {
        self.is_online && self.is_connected && !self.awaits_session
    }
}

/// What comes of a request to the broker that leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It serves.
    Serves,
    /// Nobody leads.
    NoLeader,
    /// It does not run, or is not let in: the connection breaks, and whoever asks knows it.
    Refused,
    /// It is cut off: nothing comes of it, not even an error.
    Silent,
}
