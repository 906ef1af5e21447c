//! What the tests of this room do to a model, again and again.

use super::{Model, Msg, update};
use crate::scenario::shipped;
use crate::sim::Command;
use crate::time::Span;

/// The beginning of the shipped delivery.
pub(super) fn delivery() -> Model {
    Model::new(shipped("delivery").expect("a shipped scenario"), 42)
}

/// Switches a service on or off as a person does.
pub(super) fn switch(model: &mut Model, service: &str, online: bool) {
    let command = Command::SetServiceOnline { service: service.to_owned(), online };
    assert_eq!(update(model, Msg::Do(command)), []);
    assert_eq!(model.notice(), None);
}

/// Lets so much time go by.
pub(super) fn go_on(model: &mut Model, ms: u64) {
    model.advance_to(model.world().now() + Span::from_ms(ms));
}
