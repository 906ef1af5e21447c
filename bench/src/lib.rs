//! Catchup's benchmarks, natively (`main.rs`) and in a browser (`page.mjs`): everything that is compared is measured in turns
//! in one run and one thread, and what is reported are ratios. Absolute figures are of this machine and this moment.

#[cfg(not(target_arch = "wasm32"))]
pub mod day;
mod input;
pub mod log;
#[cfg(target_arch = "wasm32")]
pub mod page;
mod phases;
mod statistics;
#[cfg(not(target_arch = "wasm32"))]
pub mod timeline;
#[cfg(not(target_arch = "wasm32"))]
pub mod watching;
