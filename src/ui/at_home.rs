//! What the browser does so that the page is at home in it: addresses of panels, the sheet of shortcuts, copies.

use super::effects::{self, OnceDrawn};
use super::sharing;
use crate::app::{HomeEffect, HomeMsg, Layout, Msg, Panel};
use gloo::utils::{document, window};
use js_sys::{Function, Object, Reflect};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{CustomEvent, CustomEventInit};
use yew::Callback;

/// The dialog with the shortcuts.
pub(super) const SHEET: &str = "shortcuts";
/// Where it is remembered that shortcuts are switched off.
const SHORTCUTS_KEY: &str = "catchup.shortcuts";
/// What `static/picture.js` listens for.
const PICTURE: &str = "catchup-picture";
/// What `static/home.js` listens for, which has a line at the top of the window.
const SAID: &str = "catchup-said";

/// Runs one effect. What comes of it later is told to `on_msg`.
pub(super) fn run(effect: HomeEffect, on_msg: &Callback<Msg>) -> Option<OnceDrawn> {
    match effect {
        HomeEffect::Show { panel, is_alone } => return show(panel, is_alone),
        HomeEffect::RememberShortcuts(on) => remember_shortcuts(on),
        HomeEffect::ShowShortcuts => show_sheet(),
        HomeEffect::CopyTable { name, text } => copy_table(name, text, on_msg.clone()),
        HomeEffect::CopyPicture { panel, name } => copy_picture(panel, &name, on_msg.clone()),
        HomeEffect::Tell(text) => dispatch(SAID, &text.into()),
        HomeEffect::OpenWhole(fragment) => {
            let address = fragment.map_or_else(whole_address, |fragment| format!("{}#{fragment}", whole_address()));
            drop(window().open_with_url_and_target_and_features(&address, "_blank", "noopener"));
        }
    }
    None
}

/// What the page's address asks for, and what of it is wrong.
pub(super) fn layout() -> (Layout, Option<String>) {
    Layout::of_query(&window().location().search().unwrap_or_default())
}

/// Whether shortcuts are switched on, as far as that was said at an earlier visit.
pub(super) fn remembered_shortcuts() -> bool {
    effects::storage().and_then(|storage| storage.get_item(SHORTCUTS_KEY).ok()?).is_none()
}

fn remember_shortcuts(on: bool) {
    let Some(storage) = effects::storage() else { return };
    let remembered = if on { storage.remove_item(SHORTCUTS_KEY) } else { storage.set_item(SHORTCUTS_KEY, "off") };
    if let Err(error) = remembered {
        gloo::console::info!("that shortcuts are on or off will be forgotten", error);
    }
}

/// The address without what it asks for.
pub(super) fn whole_address() -> String {
    let here = window().location().href().unwrap_or_default();
    here.split(['?', '#']).next().unwrap_or_default().to_owned()
}

fn show(panel: Panel, is_alone: bool) -> Option<OnceDrawn> {
    let query = if is_alone { format!("?panel={}", panel.word()) } else { String::new() };
    let fragment = window().location().hash().unwrap_or_default();
    let address = format!("{}{query}{fragment}", whole_address());
    let said = window().history().and_then(|it| it.replace_state_with_url(&JsValue::NULL, "", Some(&address)));
    if let Err(error) = said {
        gloo::console::info!("the address cannot say which panel is shown", error);
    }
    let button = if is_alone { format!("reduce-{}", panel.word()) } else { format!("enlarge-{}", panel.word()) };
    effects::focus_once_drawn(move || {
        let found = document().query_selector(&format!("[data-panel={}]", panel.word())).ok().flatten();
        if let Some(found) = found {
            found.scroll_into_view();
        }
        document().get_element_by_id(&button)
    })
}

/// Calls a method without arguments: what only few elements have is not worth a class of its own.
fn show_sheet() {
    let Some(sheet) = document().get_element_by_id(SHEET) else { return };
    let show: Option<Function> = Reflect::get(&sheet, &"showModal".into()).ok().and_then(|show| show.dyn_into().ok());
    if let Some(show) = show.filter(|_| !sheet.has_attribute("open")) {
        drop(show.call0(&sheet));
    }
}

fn copy_table(name: String, text: String, on_msg: Callback<Msg>) {
    let text: Rc<str> = text.into();
    let given = text.clone();
    let on_done = Callback::from(move |copied| {
        let said = if copied {
            "The table is on the clipboard, as comma-separated values.".to_owned()
        } else {
            sharing::download(&name, &given, "text/csv");
            format!("The clipboard cannot be reached: the table is in the file {name}.")
        };
        on_msg.emit(Msg::Home(HomeMsg::Say(said)));
    });
    sharing::copy(&text, on_done);
}

/// Has a picture made by the page's small script, which tells what became of it.
fn copy_picture(panel: Panel, name: &str, on_msg: Callback<Msg>) {
    let detail = Object::new();
    let tell = Closure::once_into_js(move |said: String| on_msg.emit(Msg::Home(HomeMsg::Say(said))));
    for (name, value) in [("panel", panel.word().into()), ("name", name.into()), ("tell", tell)] {
        drop(Reflect::set(&detail, &name.into(), &value));
    }
    dispatch(PICTURE, &detail);
}

fn dispatch(name: &str, detail: &JsValue) {
    let with = CustomEventInit::new();
    with.set_detail(detail);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &with) {
        drop(document().dispatch_event(&event));
    }
}
