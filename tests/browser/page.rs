//! A page of its own for each test, and what a person or a script does with it.

use crate::role::{all_by_role, text_of};
use crate::wait::{until, until_some};
use gloo::utils::{body, document, window};
use js_sys::{Array, Function, Reflect};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

/// A page that was just opened.
pub(crate) struct Page {
    host: Element,
}

impl Page {
    /// Opens the page as a visitor meets it: its run goes on already.
    pub(crate) async fn open() -> Self {
        Self::close_the_last();
        let host = document().create_element("div").expect("an element");
        host.set_id("page");
        body().append_child(&host).expect("a place for it");
        catchup::ui::mount_on(host.clone());
        let page = Self { host };
        until("the page shows its services", || page.find("switch", "notifications").is_some()).await;
        page
    }

    /// Opens the page and begins a run of the delivery scenario at time 0. It only goes on when it is told to.
    pub(crate) async fn open_held(seed: u32) -> Self {
        let page = Self::open().await;
        page.pause();
        page.load(&"delivery".into(), seed).expect("a scenario that ships with the page");
        page.is_drawn().await;
        page
    }

    /// A page cannot be closed, so that of the test before is held and taken out of sight.
    fn close_the_last() {
        if let Some(last) = document().get_element_by_id("page") {
            Self { host: last.clone() }.pause();
            last.remove();
        }
    }

    // What a person sees

    /// The one thing of this role and name, if it is there.
    pub(crate) fn find(&self, role: &str, name: &str) -> Option<Element> {
        self.find_where(role, |its_name| its_name == name)
    }

    /// The one thing of this role whose name `is_meant`, if it is there.
    pub(crate) fn find_where(&self, role: &str, is_meant: impl Fn(&str) -> bool) -> Option<Element> {
        find_in(&self.host, role, is_meant)
    }

    /// The one thing of this role and name, as soon as it is there.
    pub(crate) async fn by_role(&self, role: &str, name: &str) -> Element {
        until_some(&format!("the {role} \"{name}\""), || self.find(role, name)).await
    }

    /// Waits for the page to say `text` anywhere.
    pub(crate) async fn says(&self, text: &str) {
        until(&format!("the page says \"{text}\""), || text_of(&self.host).contains(text)).await;
    }

    /// The lag of a group in the table "Consumer lag".
    pub(crate) fn lag(&self, group: &str) -> u64 {
        let table = self.find("table", "Consumer lag").expect("the table of lags");
        let row = all_by_role(&table, "row", |name| name.starts_with(group)).pop().expect("a row for the group");
        let lag = all_by_role(&row, "cell", |_| true).first().map(text_of).expect("a cell with its lag");
        lag.replace(',', "").parse().expect("a number")
    }

    /// Waits until the clock on the page tells the time of the run, and so all that is drawn is of that time.
    pub(crate) async fn is_drawn(&self) {
        let ms = self.time_ms();
        let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
        self.says(&format!("Simulated time {h:02}:{m:02}:{s:02}.{}", ms % 1_000 / 100)).await;
    }

    // What a person does

    /// Clicks on the one thing of this role and name, as soon as it is there.
    pub(crate) async fn click(&self, role: &str, name: &str) {
        click(&self.by_role(role, name).await);
    }

    /// Fills in, or chooses in, the control of this role and name.
    pub(crate) async fn fill_in(&self, role: &str, name: &str, value: &str) {
        let control = self.by_role(role, name).await;
        Reflect::set(&control, &"value".into(), &value.into()).expect("a control with a value");
        for event in ["input", "change"] {
            let tell =
                Function::new_with_args("it, event", "it.dispatchEvent(new InputEvent(event, { bubbles: true }))");
            tell.call2(&JsValue::NULL, &control, &event.into()).expect("an event");
        }
    }

    /// Waits until a page on which time is held has taken in what was done to it: what it draws of a later instant, it
    /// draws with that.
    pub(crate) async fn takes_in(&self) {
        self.advance(100).await;
    }

    // What a script does

    /// Calls a method of `window.catchup`; `Err` is the message of the `Error` that it throws.
    #[expect(clippy::unused_self, reason = "the handle is the window's, but only a mounted page has put it there")]
    pub(crate) fn call(&self, method: &str, arguments: &[JsValue]) -> Result<JsValue, String> {
        let handle = Reflect::get(&window(), &"catchup".into()).expect("window.catchup");
        let method: Function = Reflect::get(&handle, &method.into()).expect("a method").unchecked_into();
        let arguments: Array = arguments.iter().collect();
        method.apply(&handle, &arguments).map_err(|thrown| {
            let error: js_sys::Error = thrown.dyn_into().expect("what is thrown is an Error");
            error.message().into()
        })
    }

    /// `window.catchup.pause()`.
    pub(crate) fn pause(&self) {
        self.call("pause", &[]).expect("it never fails");
    }

    /// `window.catchup.advance(ms)`.
    pub(crate) fn skip(&self, ms: u32) {
        self.call("advance", &[ms.into()]).expect("less than a day");
    }

    /// `window.catchup.advance(ms)`, and then waits for what is drawn of it.
    pub(crate) async fn advance(&self, ms: u32) {
        self.skip(ms);
        self.is_drawn().await;
    }

    /// `window.catchup.load(scenario, seed)`.
    pub(crate) fn load(&self, scenario: &JsValue, seed: u32) -> Result<JsValue, String> {
        self.call("load", &[scenario.clone(), seed.into()])
    }

    /// `window.catchup.apply(command)`.
    pub(crate) fn apply(&self, command: &Value) -> Result<JsValue, String> {
        self.call("apply", &[js(command)])
    }

    /// `window.catchup.trace_hash()`.
    pub(crate) fn trace_hash(&self) -> String {
        self.call("trace_hash", &[]).expect("it never fails").as_string().expect("a text")
    }

    /// `window.catchup.snapshot()`.
    pub(crate) fn snapshot(&self) -> Value {
        let snapshot = self.call("snapshot", &[]).expect("it never fails");
        serde_wasm_bindgen::from_value(snapshot).expect("plain data")
    }

    /// The time of the run in milliseconds.
    pub(crate) fn time_ms(&self) -> u64 {
        self.snapshot()["time_ms"].as_u64().expect("a number")
    }

    /// How many records were ever published to a topic.
    pub(crate) fn published(&self, topic: usize) -> u64 {
        let snapshot = self.snapshot();
        let partitions = snapshot["topics"][topic]["partitions"].as_array().expect("partitions");
        partitions.iter().map(|partition| partition["log_end_offset"].as_u64().expect("an offset")).sum()
    }
}

/// The one thing of this role whose name `is_meant` in `within`, if it is there.
pub(crate) fn find_in(within: &Element, role: &str, is_meant: impl Fn(&str) -> bool) -> Option<Element> {
    let mut found = all_by_role(within, role, is_meant);
    assert!(found.len() < 2, "{} things of role {role} go by that name", found.len());
    found.pop()
}

/// Clicks.
pub(crate) fn click(element: &Element) {
    element.unchecked_ref::<HtmlElement>().click();
}

/// JSON as a JavaScript value.
pub(crate) fn js(value: &Value) -> JsValue {
    js_sys::JSON::parse(&value.to_string()).expect("JSON")
}
