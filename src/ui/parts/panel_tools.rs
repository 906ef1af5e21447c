//! What can be done with each panel: show it on its own, link to it, take it along as a picture or a table.

use crate::app::{HomeMsg, Msg, Panel};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

const ENLARGE: &str = "M9 3H3v6M15 3h6v6M9 21H3v-6M15 21h6v-6";
const REDUCE: &str = "M3 9h6V3M21 9h-6V3M3 15h6v6M21 15h-6v6";
const LINK: &str = "M10 14a5 5 0 0 0 7 0l3-3a5 5 0 0 0-7-7l-1 1M14 10a5 5 0 0 0-7 0l-3 3a5 5 0 0 0 7 7l1-1";
const PICTURE: &str = "M3 4h18v16H3zM3 17l5-5 4 4 4-5 5 6";
const TABLE: &str = "M3 4h18v16H3zM3 10h18M3 15h18M10 4v16";

/// The tools of a panel; which of the first two is shown, the style sheet knows.
#[inline(never)]
pub(super) fn panel_tools(panel: Panel, on_msg: &Callback<Msg>) -> Html {
    let title = panel.title();
    let takes_along = panel.is_taken_along().then(|| {
        html! {
            <>
                { tool(None, "tool-button", format!("Copy {title} as a picture"), PICTURE, on_msg, HomeMsg::CopyPicture(panel)) }
                { tool(None, "tool-button", format!("Copy {title} as a table (CSV)"), TABLE, on_msg, HomeMsg::CopyTable(panel)) }
            </>
        }
    });
    html! {
        <div class="panel-tools" key="panel-tools" role="toolbar" aria-label={format!("With {title}")} onkeydown={|event: KeyboardEvent| move_focus(&event)}>
            { for takes_along }
            { tool(Some(format!("link-{}", panel.word())), "tool-button", format!("Copy a link to {title}, or embed it"), LINK, on_msg, HomeMsg::LinkTo(panel)) }
            { tool(Some(format!("enlarge-{}", panel.word())), "tool-button enlarge", format!("Enlarge {title}"), ENLARGE, on_msg, HomeMsg::Enlarge(panel)) }
            { tool(Some(format!("reduce-{}", panel.word())), "tool-button reduce", "Show the whole page (Escape)".to_owned(), REDUCE, on_msg, HomeMsg::ShowWhole) }
        </div>
    }
}

/// The arrow keys go from tool to tool.
fn move_focus(event: &KeyboardEvent) {
    let step: fn(&Element) -> Option<Element> = match event.key().as_str() {
        "ArrowLeft" => Element::previous_element_sibling,
        "ArrowRight" => Element::next_element_sibling,
        _ => return,
    };
    let mut tool = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    while let Some(next) = tool.as_ref().and_then(step).and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        // What is not shown cannot take it.
        if next.get_bounding_client_rect().width() > 0.0 && next.focus().is_ok() {
            return event.prevent_default();
        }
        tool = Some(next.into());
    }
}

fn tool(
    id: Option<String>,
    class: &'static str,
    name: String,
    icon: &'static str,
    on_msg: &Callback<Msg>,
    msg: HomeMsg,
) -> Html {
    // One stop for each panel on the way of the Tab key; the arrow keys go on from there.
    let tabindex = if matches!(msg, HomeMsg::Enlarge(_) | HomeMsg::ShowWhole) { "0" } else { "-1" };
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::Home(msg.clone()));
    html! {
        <button type="button" {id} {class} {tabindex} title={name.clone()} aria-label={name} {onclick}>
            <svg viewBox="0 0 24 24" aria-hidden="true"><path d={icon} /></svg>
        </button>
    }
}
