//! The rooms below the page, as a package of their own that is optimised for speed. `lib.rs` is the map of the whole house.
//!
//! Not an interface apart: the page and the tests reach these rooms as `catchup::log`, `catchup::sim` and so on.

pub mod broker;
pub mod check;
pub mod client;
pub mod direct;
pub mod search;
pub mod sim;

pub use catchup_store::{cow, json, log, sorted, time};
