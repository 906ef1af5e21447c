//! The same day with direct calls: the scenario, seed, arrivals and outages of a run, a second time, where nobody publishes
//! anything. Who publishes on the bus calls each service that reads there, and waits for its answer.
//!
//! It is here to be compared with, so it is fair: work takes as long, on as many instances, and fails as often as on the bus; the
//! network is the same; a service that is switched on again is there at once, and a call that finds nobody is refused at once
//! unless a knob says otherwise. What a caller has in hand when it crashes fails, as nobody is left who could answer. Nobody tries
//! again by hand what has failed.
//!
//! | what is done to the run | what it means here |
//! | --- | --- |
//! | switch a service off | a crash: the calls that it has in hand or waiting are gone, and their callers hear nothing; its own updates fail |
//! | switch it on | it takes calls again; updates that came about meanwhile are told now, as on the bus |
//! | shut it down | it takes no more calls, and finishes those that it has |
//! | switch an instance off | the call that it works on is gone; with the last instance, those that wait are gone too |
//! | let it stand still | its instances begin nothing and finish nothing meanwhile; calls wait, or time out |
//! | cut it off | calls and answers from it and to it are lost |
//! | `instances`, `processing_ms`, `failure_percent`, `reads_poison`, `deduplicate` | the same |
//! | arrival rate | the same |
//! | publish by hand | the person calls each service that reads the topic |
//! | switch a broker off, or cut it off | nothing, as there is none, and [`DirectRun::ignored`] says so |
//! | other settings of services, settings of topics, seek, redrive | nothing, and [`DirectRun::ignored`] says so |
//!
//! Like the world, it reads no clock, and the same scenario, seed, knobs and commands give the same run.

mod breaker;
mod calling;
mod config;
mod obeying;
mod run;
mod station;
mod tally;
mod task;
mod working;

pub use config::{DirectConfig, DirectSetting};
pub use run::{DirectRun, dependencies};
pub use tally::{Reached, Tally};
