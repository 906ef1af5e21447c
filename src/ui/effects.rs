//! The one place that runs effects: what the model wants of the browser.

use super::{at_home, sharing, worker};
use crate::app::{Copied, Effect, KeepMsg, Msg, RecordRef, Report, SearchMsg, Theme};
use crate::log::TopicPartition;
use crate::sim::ServiceId;
use gloo::utils::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, Storage};
use yew::Callback;

/// Where the choice of colours is remembered.
const THEME_KEY: &str = "catchup.theme";
/// The element that an inspector's focus goes to.
const INSPECTOR_HEADING: &str = "inspector-heading";

/// The field with the link, and the button that shows it.
const SHARING_LINK: &str = "sharing-link";
const SHARING: &str = "sharing";
const SHARE: &str = "share";

/// What is done once the page shows what came of it.
pub(super) type OnceDrawn = Box<dyn FnOnce()>;

/// Runs one effect, and returns what of it waits for the page. What comes of it later is told to `on_msg`.
pub(super) fn run(effect: Effect, on_msg: &Callback<Msg>) -> Option<OnceDrawn> {
    match effect {
        Effect::ApplyTheme(theme) => {
            apply_theme(theme);
            remember_theme(theme);
        }
        Effect::StartSearch(job) => {
            let on_heard = on_msg.reform(|heard: worker::Heard| {
                Msg::Search(match heard.map(|(text, per_second)| (Report::read(&text), per_second)) {
                    Ok((Some(report), per_second)) => SearchMsg::Report(report, per_second),
                    Ok((None, _)) => SearchMsg::Fail("what it reports cannot be read".to_owned()),
                    Err(reason) => SearchMsg::Fail(reason),
                })
            });
            worker::start(&job, &on_heard);
        }
        Effect::StopSearch => worker::stop(),
        Effect::Reveal(class) => return Some(Box::new(move || reveal(class))),
        Effect::FocusId(id) => return focus_once_drawn(move || document().get_element_by_id(id)),
        Effect::FocusInspector => return focus_once_drawn(|| document().get_element_by_id(INSPECTOR_HEADING)),
        Effect::FocusLane(lane) => focus(lane_of(lane)),
        Effect::ShowCard(service) => return Some(Box::new(move || bring_into_sight(service))),
        Effect::FocusCard(service) => focus(opener_of(service)),
        Effect::FocusAccount(service) => focus(account_of(service)),
        Effect::FocusRecord(record) if is_shown(record) => focus(cell_of(record)),
        Effect::FocusRecord(record) => {
            if has_keyboard() {
                on_msg.emit(Msg::HoldRecord(record));
            }
            return focus_once_drawn(move || cell_of(record));
        }
        Effect::FocusSharing => return focus_once_drawn(select_link),
        Effect::FocusShare(panel) => {
            let id = panel.map_or_else(|| SHARE.to_owned(), |panel| format!("link-{}", panel.word()));
            return focus_once_drawn(move || document().get_element_by_id(&id));
        }
        Effect::CopyLink(fragment) => copy(&sharing::address(&fragment), Copied::Link, on_msg),
        Effect::CopyEmbed(embed) => copy(&embed.code(&sharing::address(embed.tail())), Copied::Embed, on_msg),
        Effect::Home(effect) => return at_home::run(effect, on_msg),
        Effect::Download { name, text } => sharing::download(&name, &text, "application/json"),
    }
    None
}

/// The field with the link, all of it selected; what says that there is none, if there is none.
fn select_link() -> Option<Element> {
    let link = document().get_element_by_id(SHARING_LINK);
    if let Some(link) = link.as_ref().and_then(|it| it.dyn_ref::<HtmlInputElement>()) {
        link.select();
    }
    link.or_else(|| document().get_element_by_id(SHARING))
}

fn copy(text: &str, what: Copied, on_msg: &Callback<Msg>) {
    sharing::copy(text, on_msg.reform(move |is_done| Msg::Keep(KeepMsg::Copied(what, is_done))));
}

/// Scrolls to what has this class.
fn reveal(class: &str) {
    if let Ok(Some(found)) = document().query_selector(&format!(".{class}")) {
        found.scroll_into_view();
    }
}

/// The colours that were chosen at an earlier visit. A browser that forbids storage has none, and nothing else breaks.
pub(super) fn remembered_theme() -> Theme {
    let remembered = storage().and_then(|storage| storage.get_item(THEME_KEY).ok()?);
    match remembered.as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        Some(_) | None => Theme::Auto,
    }
}

fn remember_theme(theme: Theme) {
    if let Some(Err(error)) = storage().map(|storage| storage.set_item(THEME_KEY, word(theme))) {
        gloo::console::info!("the choice of colours will be forgotten", error);
    }
}

pub(super) fn storage() -> Option<Storage> {
    window().local_storage().ok()?
}

fn apply_theme(theme: Theme) {
    if let Some(root) = document().document_element() {
        let applied = match theme {
            Theme::Auto => root.remove_attribute("data-theme"),
            Theme::Light | Theme::Dark => root.set_attribute("data-theme", word(theme)),
        };
        if let Err(error) = applied {
            gloo::console::error!("the colours could not be put on", error);
        }
    }
}

/// Moves the focus to what `find` finds once the page has been drawn.
#[expect(clippy::unnecessary_wraps, reason = "it is what an effect returns")]
pub(super) fn focus_once_drawn(find: impl FnOnce() -> Option<Element> + 'static) -> Option<OnceDrawn> {
    Some(Box::new(move || focus(find())))
}

fn focus(element: Option<Element>) {
    let found = element.and_then(|it| it.dyn_into::<HtmlElement>().ok());
    if let Some(Err(error)) = found.map(|it| it.focus()) {
        gloo::console::error!("the focus could not be moved", error);
    }
}

/// Scrolls to the card of a service and what people see of it, as little as it takes; to its beginning if there is no room for all.
fn bring_into_sight(service: ServiceId) {
    let card = document().query_selector(&format!("[data-card=\"{}\"]", service.0)).ok().flatten();
    let Some(whole) = card.and_then(|card| card.closest(".reader").ok().flatten().or(Some(card))) else { return };
    let is_seen = |is_end: bool| {
        let rect = whole.get_bounding_client_rect();
        let y = if is_end { rect.bottom() - 2.0 } else { rect.top() + 2.0 };
        let found = document().element_from_point((rect.left() + rect.width() / 2.0) as f32, y as f32);
        whole.contains(found.as_deref())
    };
    if !is_seen(true) {
        whole.scroll_into_view_with_bool(false);
    }
    if !is_seen(false) {
        whole.scroll_into_view();
    }
}

/// The button on the card of a service that opens it.
fn opener_of(service: ServiceId) -> Option<Element> {
    document().query_selector(&format!("[data-card=\"{}\"] .opener", service.0)).ok()?
}

/// The first number in the account of a service.
fn account_of(service: ServiceId) -> Option<Element> {
    document().query_selector(&format!("[data-line=\"{}\"] button", service.0)).ok()?
}

/// Whether it is the keyboard that is used: a focus that a mouse has left somewhere is not shown.
fn has_keyboard() -> bool {
    document().active_element().is_some_and(|it| it.matches(":focus-visible").unwrap_or(false))
}

/// The cell of a record in its lane, or else the lane.
fn cell_of(record: RecordRef) -> Option<Element> {
    let lane = lane_of(record.partition)?;
    lane.query_selector(&cell_selector(record)).ok()?.or(Some(lane))
}

fn is_shown(record: RecordRef) -> bool {
    lane_of(record.partition).is_some_and(|lane| lane.query_selector(&cell_selector(record)).ok().flatten().is_some())
}

fn cell_selector(record: RecordRef) -> String {
    format!("[data-offset=\"{}\"]", record.offset)
}

fn lane_of(partition: TopicPartition) -> Option<Element> {
    let lane = format!("[data-lane=\"{}-{}\"]", partition.topic.0, partition.partition);
    document().query_selector(&lane).ok()?
}

/// The record that has the keyboard's focus: its lane and its offset.
pub(super) struct FocusedRecord {
    lane: Element,
    offset: String,
}

/// The record that has the keyboard's focus before the page is drawn again, if one has it.
pub(super) fn focused_record() -> Option<FocusedRecord> {
    let cell = document().active_element()?;
    Some(FocusedRecord { offset: cell.get_attribute("data-offset")?, lane: cell.parent_element()? })
}

/// Whether nothing has the keyboard's focus.
pub(super) fn is_focus_nowhere() -> bool {
    document().active_element().is_none_or(|it| it.tag_name() == "BODY")
}

/// Gives the focus back to the record that had it: its cell may have been moved, or be another record's now. A record
/// that has left the picture gives it to its lane, so that the keyboard does not lose its place.
pub(super) fn keep_focus(FocusedRecord { lane, offset }: FocusedRecord) {
    let cell = lane.query_selector(&format!("[data-offset=\"{offset}\"]")).ok().flatten();
    let focused = document().active_element();
    let is_free = is_focus_nowhere() || focused.as_ref().is_some_and(|it| lane.contains(Some(it)));
    if is_free && lane.is_connected() && (cell.is_none() || cell != focused) {
        focus(cell.or(Some(lane)));
    }
}

const fn word(theme: Theme) -> &'static str {
    match theme {
        Theme::Auto => "auto",
        Theme::Light => "light",
        Theme::Dark => "dark",
    }
}
