//! `window.catchup`: the page for scripts and tests. `static/catchup.d.ts` says the same in TypeScript.

use super::shared::Shared;
use super::sharing::address;
use crate::app::{
    Model, Msg, SearchOptions, TRIES_MAX, branches, challenges_snapshot, ledger_snapshot, promises_snapshot, snapshot,
    update,
};
use crate::json::Json;
use crate::run::{Run, file_of, of_file, of_link};
use crate::scenario;
use crate::search::SEED_MAX;
use crate::sim::{Command, NewService};
use crate::time::{Instant, Span};
use js_sys::Reflect;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

/// The most simulated time that one call advances, in milliseconds: a day.
const ADVANCE_MS_MAX: f64 = 86_400_000.0;
/// The largest whole number that JavaScript holds exactly.
const SAFE_INTEGER_MAX: f64 = 9_007_199_254_740_991.0;

/// The handle.
#[wasm_bindgen(js_name = CatchupHandle)]
pub struct Handle {
    shared: Shared,
}

impl Handle {
    /// Makes the handle known as `window.catchup`.
    pub(super) fn install(shared: Shared) {
        let handle = JsValue::from(Self { shared });
        if let Err(error) = Reflect::set(&gloo::utils::window(), &JsValue::from_str("catchup"), &handle) {
            gloo::console::error!("window.catchup could not be set", error);
        }
    }
}

#[wasm_bindgen(js_class = CatchupHandle)]
impl Handle {
    /// The state of the run. Times in milliseconds, offsets as numbers.
    pub fn snapshot(&self) -> Result<JsValue, JsError> {
        Ok(snapshot(&self.shared.settled()).serialize(&Serializer::json_compatible())?)
    }

    /// Does one thing to the world, such as `{ type: "set_service_online", service: "notifications", online: false }`.
    pub fn apply(&self, command: &JsValue) -> Result<(), JsError> {
        let command =
            command_of(command).map_err(|reason| JsError::new(&format!("this is not a command: {reason}")))?;
        Ok(self.shared.with(|model| model.act(command))?)
    }

    /// Advances the run by `ms` of simulated time, and returns when that is done.
    pub fn advance(&self, ms: &JsValue) -> Result<(), JsError> {
        let ms = number(ms, "ms", ADVANCE_MS_MAX)?;
        let span = Span::from_us((ms * 1_000.0).round() as u64);
        self.shared.with(|model| {
            let until = model.world().now() + span;
            model.advance_to(until);
        });
        Ok(())
    }

    /// Looks at another instant of the run, which must have come so far.
    pub fn seek(&self, time_ms: &JsValue) -> Result<(), JsError> {
        let end_ms = self.shared.settled().end().as_us() as f64 / 1_000.0;
        let ms = number(time_ms, "time_ms", end_ms)?;
        self.shared.with(|model| model.seek(Instant::START + Span::from_us((ms * 1_000.0).round() as u64)));
        Ok(())
    }

    /// Takes back what was done last before the instant that is looked at. Returns whether there was anything.
    pub fn undo(&self) -> bool {
        self.shared.with(|model| model.undo().is_some())
    }

    /// Does again what was taken back last. Returns whether there was anything.
    pub fn redo(&self) -> bool {
        self.shared.with(|model| model.redo().is_some())
    }

    /// The roads that were left: each with its name, how many commands it had, and how far it had come.
    pub fn branches(&self) -> Result<JsValue, JsError> {
        Ok(branches(&self.shared.settled()).serialize(&Serializer::json_compatible())?)
    }

    /// The run beside the same day with direct calls, at the instant that is looked at.
    pub fn compare_direct(&self) -> Result<JsValue, JsError> {
        Ok(self.shared.with(Model::compare_direct).serialize(&Serializer::json_compatible())?)
    }

    /// What became of the records of each group: sums that add up.
    pub fn ledger(&self) -> Result<JsValue, JsError> {
        Ok(ledger_snapshot(&self.shared.settled()).serialize(&Serializer::json_compatible())?)
    }

    /// What each service promises, as it is set, and whether it has kept it.
    pub fn promises(&self) -> Result<JsValue, JsError> {
        Ok(promises_snapshot(&self.shared.settled()).serialize(&Serializer::json_compatible())?)
    }

    /// Which challenges are done in this run, and which were done before.
    pub fn challenges(&self) -> Result<JsValue, JsError> {
        Ok(challenges_snapshot(&self.shared.settled()).serialize(&Serializer::json_compatible())?)
    }

    /// Searches for an outage that breaks a promise, apart from the page, with the settings as they are now. A `Promise` of what was
    /// found.
    pub fn search(&self, options: &JsValue) -> Result<js_sys::Promise, JsError> {
        let option = |name: &str| Reflect::get(options, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
        let optional = |name: &str, max: u64| {
            let value = option(name);
            if value.is_undefined() { Ok(None) } else { whole(number(&value, name, max as f64)?, name).map(Some) }
        };
        let default = SearchOptions::default();
        let options = SearchOptions {
            promise: option("promise").as_string().unwrap_or(default.promise),
            tries_max: optional("tries", TRIES_MAX.into())?.map_or(default.tries_max, |tries| tries as u32),
            seed: optional("seed", SEED_MAX)?,
            horizon_ms: optional("horizon_ms", SEED_MAX)?.unwrap_or(default.horizon_ms),
        };
        let job = self.shared.settled().search_job(&options).map_err(|reason| JsError::new(&reason))?;
        Ok(super::worker::promised(&job))
    }

    /// Lets simulated time run.
    pub fn play(&self) {
        self.shared.update(Msg::SetPlaying(true));
    }

    /// Holds simulated time.
    pub fn pause(&self) {
        self.shared.update(Msg::SetPlaying(false));
    }

    /// Begins a run at time 0: of a shipped scenario by its name, or of the scenario in an object or a JSON text. Without a seed,
    /// with the seed of the present run. Whether time runs stays as it was.
    pub fn load(&self, scenario: &JsValue, seed: &JsValue) -> Result<(), JsError> {
        let seed = if seed.is_undefined() {
            self.shared.settled().world().seed()
        } else {
            whole(number(seed, "seed", SAFE_INTEGER_MAX)?, "seed")?
        };
        let scenario = scenario_of(scenario)?;
        self.shared.with(|model| model.begin(Model::new(scenario, seed)));
        Ok(())
    }

    /// Lets a service join: one that the scenario offers, by its name, or one that is defined here, as an object or a JSON text.
    pub fn add_service(&self, service: &JsValue) -> Result<(), JsError> {
        let text = service.as_string().or_else(|| text_of(service));
        let text = text.ok_or_else(|| JsError::new("service must be a name, an object or a JSON text"))?;
        let is_defined = text.trim_start().starts_with('{');
        let service = if is_defined { NewService::Defined(text) } else { NewService::Offered(text) };
        Ok(self.shared.with(|model| model.act(Command::AddService { service }))?)
    }

    /// Lets a service leave for good.
    pub fn remove_service(&self, name: &str) -> Result<(), JsError> {
        let service = name.to_owned();
        Ok(self.shared.with(|model| model.act(Command::RemoveService { service }))?)
    }

    /// The link to the run at this instant.
    pub fn link(&self) -> Result<String, JsError> {
        Ok(address(&self.shared.settled().link()?))
    }

    /// Opens the run of a link, held at its instant.
    pub fn open(&self, link: &JsValue) -> Result<(), JsError> {
        let link = link.as_string().ok_or_else(|| JsError::new("link must be a text"))?;
        self.begin(of_link(&link)?);
        Ok(())
    }

    /// The run with the roads that were left, as what is in its file.
    pub fn export_run(&self) -> Result<JsValue, JsError> {
        let file = file_of(&self.shared.settled().run())?;
        js_sys::JSON::parse(&file).map_err(|_| JsError::new("the run could not be written"))
    }

    /// Opens a run that [`Handle::export_run`] has given, as an object or as a JSON text, held at its instant.
    pub fn import_run(&self, file: &JsValue) -> Result<(), JsError> {
        let text = file.as_string().or_else(|| text_of(file));
        let text = text.ok_or_else(|| JsError::new("file must be an object or a JSON text"))?;
        self.begin(of_file(&text)?);
        Ok(())
    }

    /// One number for everything that has happened in the run, as 16 hexadecimal digits.
    pub fn trace_hash(&self) -> String {
        format!("{:016x}", self.shared.settled().world().trace_hash())
    }

    /// The time of the run in microseconds: what `snapshot().time_ms` rounds down.
    pub fn time_us(&self) -> f64 {
        self.shared.settled().world().now().since(Instant::START).as_us() as f64
    }
}

impl Handle {
    fn begin(&self, run: Run) {
        self.shared.with(|model| {
            let run = Model::of_run(run);
            drop(update(model, Msg::SetPlaying(false)));
            model.begin(run);
        });
    }
}

fn command_of(value: &JsValue) -> Result<Command, String> {
    let text = text_of(value).ok_or("it must be an object")?;
    let json = Json::read(&text).map_err(|error| error.to_string())?;
    Command::from_json(&json).map_err(|error| error.to_string())
}

fn scenario_of(value: &JsValue) -> Result<scenario::Scenario, JsError> {
    let text = match value.as_string() {
        Some(name) if !name.trim_start().starts_with('{') => return Ok(scenario::shipped(&name)?),
        Some(text) => text,
        None => text_of(value).ok_or_else(|| JsError::new("scenario: it must be a name, an object or a JSON text"))?,
    };
    Ok(scenario::parse(&text)?)
}

/// A value as JSON, if it can be written so.
fn text_of(value: &JsValue) -> Option<String> {
    js_sys::JSON::stringify(value).ok()?.as_string()
}

fn number(value: &JsValue, name: &str, max: f64) -> Result<f64, JsError> {
    match value.as_f64() {
        Some(number) if (0.0..=max).contains(&number) => Ok(number),
        Some(number) => {
            Err(JsError::new(&format!("{name} is {}; it must be from 0 to {}", written(number), written(max))))
        }
        None => Err(JsError::new(&format!("{name} must be a number"))),
    }
}

fn whole(number: f64, name: &str) -> Result<u64, JsError> {
    if number.fract() == 0.0 {
        return Ok(number as u64);
    }
    Err(JsError::new(&format!("{name} is {}; it must be a whole number", written(number))))
}

/// A number as JavaScript writes it. Rust's own way would make the page larger by all it takes to write a fraction.
fn written(number: f64) -> String {
    js_sys::Number::from(number).to_string_with_radix(10).map(String::from).unwrap_or_default()
}
