//! The search apart from the page: a worker with the page's own WebAssembly, and what the worker runs.
//!
//! Nothing is downloaded twice: the browser has both files already, and the worker is told where they are.

use crate::app::{Report, SearchJob, report_of, search_of};
use crate::search::Stage;
use gloo::events::EventListener;
use gloo::utils::document;
use js_sys::{Function, JSON, Object, Promise, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};
use yew::Callback;
use yew::platform::spawn_local;

/// The worker's script.
const SCRIPT: &str = "search.js";
/// How long between two reports, in milliseconds.
const REPORT_EVERY_MS: f64 = 200.0;

thread_local! {
    /// The one search of the page. To put another in its place ends it.
    static SEARCH: RefCell<Option<SearchWorker>> = const { RefCell::new(None) };
}

/// A search that goes on. To drop it ends it.
pub(super) struct SearchWorker {
    worker: Worker,
    _listeners: [EventListener; 2],
}

impl Drop for SearchWorker {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// What a worker says: a report as a text, and how many schedules it tries a second, in tenths; or why it cannot.
pub(super) type Heard = Result<(String, u64), String>;

impl SearchWorker {
    /// Begins a search, and tells `on_heard` of it.
    pub(super) fn begin(job: &SearchJob, on_heard: Callback<Heard>) -> Result<Self, JsValue> {
        let (script, wasm) = (address("link[rel=modulepreload]")?, address("link[rel=preload][as=fetch]")?);
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(SCRIPT, &options)?;
        let began_ms = js_sys::Date::now();
        let on_message = {
            let on_heard = on_heard.clone();
            EventListener::new(&worker, "message", move |event| {
                if let Some(message) = event.dyn_ref::<MessageEvent>() {
                    on_heard.emit(heard(&message.data(), js_sys::Date::now() - began_ms));
                }
            })
        };
        let on_error = EventListener::new(&worker, "error", move |_| {
            on_heard.emit(Err("this browser does not run it in a worker".to_owned()));
        });
        let order = Object::new();
        let fields =
            [("script", script), ("wasm", wasm), ("file", job.file.clone()), ("promise", job.promise.to_owned())];
        for (name, value) in fields {
            Reflect::set(&order, &name.into(), &value.into())?;
        }
        Reflect::set(&order, &"tries".into(), &job.tries_max.into())?;
        worker.post_message(&order)?;
        Ok(Self { worker, _listeners: [on_message, on_error] })
    }
}

/// Begins the page's search, in the place of the one before.
pub(super) fn start(job: &SearchJob, on_heard: &Callback<Heard>) {
    match SearchWorker::begin(job, on_heard.clone()) {
        Ok(worker) => SEARCH.with(|search| drop(search.replace(Some(worker)))),
        Err(error) => on_heard.emit(Err(format!("this browser does not run it in a worker: {error:?}"))),
    }
}

/// Ends the page's search.
pub(super) fn stop() {
    let ended = SEARCH.with(RefCell::take);
    spawn_local(async move { drop(ended) }); // not while its own listener runs
}

/// A search of its own, whose end is promised.
pub(super) fn promised(job: &SearchJob) -> Promise {
    let running: Rc<RefCell<Option<SearchWorker>>> = Rc::default();
    Promise::new(&mut |resolve, reject| {
        let (ends, fails) = (running.clone(), reject.clone());
        let on_heard = Callback::from(move |heard: Heard| {
            let (tell, value) = match heard {
                Ok((report, _)) if Report::read(&report).is_some_and(|report| !report.is_over()) => return,
                Ok((report, _)) => (&resolve, JSON::parse(&report).unwrap_or(JsValue::NULL)),
                Err(reason) => (&fails, js_sys::Error::new(&reason).into()),
            };
            drop(tell.call1(&JsValue::NULL, &value));
            let ended = ends.clone();
            spawn_local(async move { drop(ended.take()) }); // not while its own listener runs
        });
        match SearchWorker::begin(job, on_heard) {
            Ok(worker) => drop(running.replace(Some(worker))),
            Err(error) => drop(reject.call1(&JsValue::NULL, &error)),
        }
    })
}

/// Where the page has got something from.
fn address(selector: &str) -> Result<String, JsValue> {
    let link = document().query_selector(selector)?;
    let link = link.and_then(|link| Reflect::get(&link, &"href".into()).ok()?.as_string());
    link.ok_or_else(|| JsValue::from_str("the page does not say where its program is"))
}

fn heard(data: &JsValue, elapsed_ms: f64) -> Heard {
    let text = |name: &str| Reflect::get(data, &name.into()).ok()?.as_string();
    let Some(report) = text("report") else {
        return Err(text("failed").unwrap_or_default());
    };
    let tries = Report::read(&report).map_or(0, |report| report.tries);
    Ok((report, (f64::from(tries) * 10_000.0 / elapsed_ms.max(1.0)) as u64))
}

/// What the worker runs: the search that a run file asks for. `on_report` is told a JSON text now and then, and at the end.
#[wasm_bindgen]
pub fn search(file: &str, promise: &str, tries_max: u32, on_report: &Function) -> Result<(), JsError> {
    let mut search = search_of(file, promise, tries_max).map_err(|reason| JsError::new(&reason))?;
    let mut told_ms = 0.0;
    loop {
        let stage = search.step();
        let now_ms = js_sys::Date::now();
        let is_over = matches!(stage, Stage::Found | Stage::NotFound);
        if is_over || now_ms - told_ms >= REPORT_EVERY_MS {
            told_ms = now_ms;
            let told = on_report.call1(&JsValue::NULL, &report_of(&search, file).into());
            told.map_err(|_| JsError::new("the page does not listen"))?;
        }
        if is_over {
            return Ok(());
        }
    }
}
