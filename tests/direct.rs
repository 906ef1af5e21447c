//! Direct calls instead of the bus: small cases that can be worked out by hand, and what holds of any day whatever.

#![cfg(not(target_arch = "wasm32"))]

#[path = "direct/by_hand.rs"]
mod by_hand;
#[path = "direct/days.rs"]
mod days;
#[expect(dead_code, reason = "other tests use more of it")]
mod observed;
mod random_run;
