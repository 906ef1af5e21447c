//! Why a setting of a service keeps the value that it had.

use thiserror::Error;

/// Why a setting of a service keeps the value that it had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ServiceConfigError {
    /// There is no such setting.
    #[error("there is no setting \"{name}\" of a service that {kind}; there are: {known}")]
    UnknownSetting {
        /// What the service does: `reads` or `publishes`.
        kind: &'static str,
        /// What was asked for.
        name: String,
        /// The settings there are.
        known: String,
    },
    /// The value is not one that the setting takes.
    #[error("{name} is \"{value}\"; it must be {expected}")]
    InvalidValue {
        /// The setting.
        name: &'static str,
        /// The value.
        value: String,
        /// What it takes.
        expected: String,
    },
}
