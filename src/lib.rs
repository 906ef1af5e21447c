//! Catchup is an event-bus playground in a browser tab: take a service down, watch its lag grow, bring it back, and see that
//! nothing was lost. Behind the page is not an animation but a topic/partition log with Kafka's semantics, driven by a
//! deterministic simulation.
//!
//! # The house
//!
//! A module is a room; a room knows only the rooms before it in this list, and `tests/layers.rs` enforces it.
//!
//! | room | what it is |
//! | --- | --- |
//! | [`time`] | instants and spans of simulated time |
//! | [`json`] | JSON as it is read: in order, and with the path to what is wrong |
//! | [`sorted`] | maps and sets that lie in memory in the order of their keys |
//! | [`cow`] | queues and sets whose clones share what has not changed since |
//! | [`log`] | one partition's log: records in Kafka's v2 batches, as bytes in segments |
//! | [`broker`] | brokers, topics and their replicas, and the coordinators: a request in, a response out |
//! | [`client`] | producer, consumer, partitioner, assignor: what a Kafka client library does |
//! | [`sim`] | the world: simulated time, seeded randomness, network, services, commands and events |
//! | [`direct`] | the same day with direct calls instead of the bus, to be compared with |
//! | [`check`] | what became of every record, which invariants held and which challenges are done, from the events alone |
//! | [`search`] | which outages break a promise: tries random schedules, and makes one that does as short as it goes |
//! | [`scenario`] | a system as data: the file format, its validation, the shipped files |
//! | [`run`] | a run as data: a link and a file that show it again |
//! | [`app`] | the page's state without a browser: model, messages, update, view models |
//! | `ui` | Yew components, the canvas, `window.catchup`, and the one place that runs effects; wasm only |
//!
//! # One direction
//!
//! ```text
//! DOM event -> Msg -> app::update (pure) -> Command -> sim -> Event -> view model -> html!
//! ```
//!
//! # Invariants
//!
//! - Scenario + seed + timed commands *is* the run. The same three give the same [`sim::World::trace_hash`], natively and in the
//!   browser.
//! - Below `ui`, nothing reads a clock, draws an unseeded random number or touches the browser, and no floating-point
//!   number decides anything in the world.
//! - What the page claims is computed in [`check`] from events, not read off the engine. The sentences that must always hold
//!   are [`check::Invariant`].

pub use catchup_engine::{broker, check, client, cow, direct, json, log, search, sim, sorted, time};

pub mod app;
pub mod run;
pub mod scenario;
#[cfg(target_arch = "wasm32")]
pub mod ui;
