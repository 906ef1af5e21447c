//! How a run leaves the page and comes to it: the address, the clipboard, files.

use super::at_home;
use crate::app::Msg;
use crate::run::{FILE_BYTES_MAX, FRAGMENT};
use gloo::file::callbacks::{FileReader, read_as_text};
use gloo::file::{Blob, File, ObjectUrl};
use gloo::utils::{document, window};
use js_sys::{Function, Promise, Reflect};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;
use yew::Callback;

thread_local! {
    /// The file that is being read, and the one that is being given: each until the next.
    static READING: RefCell<Option<FileReader>> = const { RefCell::new(None) };
    static GIVEN: RefCell<Option<ObjectUrl>> = const { RefCell::new(None) };
}

/// The address of the page with this fragment, or with a query and a fragment.
pub(super) fn address(fragment: &str) -> String {
    if fragment.starts_with('?') {
        return format!("{}{fragment}", at_home::whole_address());
    }
    let here = window().location().href().unwrap_or_default();
    format!("{}#{fragment}", here.split('#').next().unwrap_or_default())
}

/// The fragment of the page's address, if it is that of a run.
pub(super) fn fragment() -> Option<String> {
    let hash = window().location().hash().ok()?;
    hash.strip_prefix('#').filter(|it| it.starts_with(FRAGMENT)).map(str::to_owned)
}

/// Puts a text on the clipboard, and tells `on_done` whether that worked. Some browsers have no clipboard for pages, or forbid it.
pub(super) fn copy(text: &str, on_done: Callback<bool>) {
    match write_text(text) {
        Some(promise) => {
            let (done, failed) = (on_done.clone(), on_done);
            let done = Closure::once_into_js(move || done.emit(true));
            let failed = Closure::once_into_js(move || failed.emit(false));
            drop(then(&promise, &done, &failed));
        }
        None => on_done.emit(false),
    }
}

fn write_text(text: &str) -> Option<Promise> {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).ok()?;
    let write: Function = Reflect::get(&clipboard, &"writeText".into()).ok()?.dyn_into().ok()?;
    write.call1(&clipboard, &text.into()).ok()?.dyn_into().ok()
}

fn then(promise: &Promise, done: &JsValue, failed: &JsValue) -> Option<JsValue> {
    let then: Function = Reflect::get(promise, &"then".into()).ok()?.dyn_into().ok()?;
    then.call2(promise, done, failed).ok()
}

/// Gives the person a file.
pub(super) fn download(name: &str, text: &str, kind: &str) {
    let url = ObjectUrl::from(Blob::new_with_options(text, Some(kind)));
    let link = document().create_element("a").ok().and_then(|it| it.dyn_into::<HtmlElement>().ok());
    if let Some(link) = link {
        let ready = link.set_attribute("href", &url).and_then(|()| link.set_attribute("download", name));
        match ready {
            Ok(()) => link.click(),
            Err(error) => gloo::console::error!("the file could not be given", error),
        }
    }
    GIVEN.set(Some(url));
}

/// Reads a file that a person has chosen or dropped, and has it opened.
pub(super) fn open(file: &web_sys::File, seed: u64, on_msg: &Callback<Msg>) {
    let file = File::from(file.clone());
    if file.size() > FILE_BYTES_MAX as u64 {
        let (name, bytes) = (file.name(), file.size());
        let text = format!("The file {name} was not opened: it has {bytes} bytes; the limit is {FILE_BYTES_MAX}.");
        on_msg.emit(Msg::Complain(text));
        return;
    }
    let on_msg = on_msg.clone();
    let reader = read_as_text(&file, move |text| {
        on_msg.emit(match text {
            Ok(text) => Msg::Open { text, seed },
            Err(error) => Msg::Complain(format!("The file could not be read: {error}")),
        });
    });
    READING.set(Some(reader));
}
