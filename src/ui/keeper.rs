//! Sees to it that the run is kept in the browser, and that what the address or an earlier page has left is opened.

use super::roll_call::RollCall;
use super::shared::Shared;
use super::sharing;
use super::storage::{Store, left_by_earlier_visit};
use crate::app::{KeepMsg, Kept, Msg};
use crate::time::Span;
use gloo::events::EventListener;
use gloo::utils::{document, window};
use std::cell::RefCell;
use std::rc::Rc;
use yew::Callback;

/// What is said after a failure.
const MENDED: &str = "Catchup had failed, and was started again where your run was kept last. It is held: if time runs on from here, \
                      the same may happen again. Going back or acting differently takes another road.";

/// From so long on, a run to which nothing was done is worth going on with.
const WORTH_GOING_ON: Span = Span::from_ms(60_000);

/// Keeps the run until it is dropped.
pub(super) struct Keeper {
    store: Rc<RefCell<Store>>,
    _roll_call: Option<RollCall>,
    _listeners: [EventListener; 3],
}

impl Keeper {
    /// Opens what there is to be opened, and keeps the run from now on.
    pub(super) fn begin(shared: &Shared, on_msg: &Callback<Msg>) -> Self {
        let (store, found) = Store::open();
        let is_fresh = found.kept.is_none() && found.left.is_none() && store.fragment().is_empty();
        open(shared, found.kept, found.is_mended, store.fragment());
        if let Some(left) = found.left {
            shared.advance(|model| crate::app::update(model, Msg::Keep(KeepMsg::SetAside(left))));
        }
        let mut roll_call = RollCall::answer(store.name().to_owned());
        if let Some(roll_call) = roll_call.as_mut().filter(|_| is_fresh) {
            let (on_msg, own) = (on_msg.clone(), store.name().to_owned());
            roll_call.ask(move |present| offer(&[present, &[own]].concat(), &on_msg));
        }
        let store = Rc::new(RefCell::new(store));
        let leave = |target: &web_sys::EventTarget, name| {
            let (store, shared) = (store.clone(), shared.clone());
            EventListener::new(target, name, move |_| drop(store.borrow_mut().save(&shared.model())))
        };
        let listeners = [
            leave(&window(), "pagehide"),
            leave(&document(), "visibilitychange"),
            on_hash_change(&store, on_msg.clone()),
        ];
        Self { store, _roll_call: roll_call, _listeners: listeners }
    }

    /// Keeps the run if it is time to.
    pub(super) fn consider(&self, at_ms: f64, shared: &Shared) {
        let kept = self.store.borrow_mut().consider(at_ms, &shared.model());
        if let Err(reason) = kept {
            shared.update(Msg::Complain(reason));
        }
    }
}

/// Within a slide or a document nothing is kept: each shows the run of its address.
pub(super) fn embed(shared: &Shared, on_msg: &Callback<Msg>) -> EventListener {
    open(shared, None, false, &sharing::fragment().unwrap_or_default());
    let on_msg = on_msg.clone();
    EventListener::new(&window(), "hashchange", move |_| {
        if let Some(fragment) = sharing::fragment() {
            on_msg.emit(Msg::Keep(KeepMsg::OpenLink(format!("#{fragment}"))));
        }
    })
}

/// The run that this tab has shown before goes before that of the address: whoever loads a page again wants to be where they were.
fn open(shared: &Shared, kept: Option<Kept>, is_mended: bool, fragment: &str) {
    let tell = |msg| drop(shared.advance(|model| crate::app::update(model, msg)));
    match kept {
        Some(kept) => {
            let playing = kept.playing && !is_mended;
            tell(Msg::Keep(KeepMsg::Offer(Rc::new(Kept { playing, ..kept }))));
            tell(Msg::Keep(KeepMsg::GoOn));
            if is_mended {
                tell(Msg::Complain(MENDED.to_owned()));
            }
        }
        None if !fragment.is_empty() => tell(Msg::Keep(KeepMsg::OpenLink(format!("#{fragment}")))),
        None => {}
    }
}

/// A run of an earlier visit is offered if something was done in it, or if it has gone on for a while.
fn offer(present: &[String], on_msg: &Callback<Msg>) {
    let was_only_met = |Kept { run, .. }: &Kept| {
        run.commands.is_empty() && run.roads.is_empty() && run.end < run.scenario.opens_at + WORTH_GOING_ON
    };
    if let Some(kept) = left_by_earlier_visit(present).filter(|kept| !was_only_met(kept)) {
        on_msg.emit(Msg::Keep(KeepMsg::Offer(Rc::new(kept))));
    }
}

fn on_hash_change(store: &Rc<RefCell<Store>>, on_msg: Callback<Msg>) -> EventListener {
    let store = store.clone();
    EventListener::new(&window(), "hashchange", move |_| {
        let fragment = sharing::fragment();
        store.borrow_mut().came_to(fragment.clone().unwrap_or_default());
        if let Some(fragment) = fragment {
            on_msg.emit(Msg::Keep(KeepMsg::OpenLink(format!("#{fragment}"))));
        }
    })
}
