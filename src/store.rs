//! The rooms that every record goes through, as a package of their own that is optimised for speed. `lib.rs` is the map of
//! the whole house.
//!
//! Not an interface apart: the rooms above reach these as `crate::log`, `crate::time` and so on.

pub mod cow;
pub mod json;
pub mod log;
pub mod sorted;
pub mod time;
