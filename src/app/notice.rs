//! What the person is told once, and what of it can be opened.

use crate::log::RecordRef;
use crate::sim::ServiceId;

/// Something to tell the person, until it is dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub text: String,
    /// Whether something went wrong.
    pub is_error: bool,
    /// What it is about, to be opened.
    pub opens: Option<Opens>,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// A record.
    Record(RecordRef),
    /// A service.
    Service(ServiceId),
}

impl Notice {
    /// One that is about nothing that could be opened.
    pub(super) fn new(text: String, is_error: bool) -> Self {
        Self { text, is_error, opens: None }
    }
}
