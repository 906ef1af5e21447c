//! Breakpoints: what is there, and the form for another.

use super::choice::{Offer, choice};
use super::field::{field, on_change};
use crate::app::view::ToolsView;
use crate::app::{Breakpoint, Msg};
use crate::sim::ServiceId;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The kinds, as the form calls them.
const KINDS: [(&str, &str); 5] = [
    ("lag", "the lag passes a limit"),
    ("lost", "an update is lost"),
    ("again", "an update is processed again"),
    ("rebalance", "a group rebalances"),
    ("published", "a stage is reached"),
];

#[derive(PartialEq, Properties)]
pub(super) struct HoldProps {
    pub(super) view: Rc<ToolsView>,
    pub(super) on_msg: Callback<Msg>,
}

/// The fields as they are being filled in.
#[derive(Clone, PartialEq)]
struct Draft {
    kind: String,
    service: String,
    limit: String,
    /// Empty for that of the record that is looked at.
    key: String,
    stage: String,
}

#[component]
pub(super) fn Hold(props: &HoldProps) -> Html {
    let draft = use_state(|| Draft::of(&props.view));
    let (filled, view, on_msg) = (draft.clone(), props.view.clone(), props.on_msg.clone());
    let onsubmit = Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        on_msg.emit(filled.breakpoint(&view).map_or_else(Msg::Complain, Msg::HoldAt));
    });
    html! {
        <>
            <p class="note">{ "Time stops at the very instant at which this happens." }</p>
            <form {onsubmit}>{ fields(&draft, &props.view) }<button type="submit" class="button">{ "Hold there" }</button></form>
            <ul class="held">{ for props.view.breakpoints.iter().enumerate().map(|(index, text)| held(index, text, &props.on_msg)) }</ul>
        </>
    }
}

fn held(index: usize, text: &str, on_msg: &Callback<Msg>) -> Html {
    let onclick = on_msg.reform(move |_| Msg::Unhold(index));
    html! {
        <li key={text}><span>{ format!("when {text}") }</span>
            <button type="button" class="button quiet" {onclick} aria-label={format!("Remove: hold when {text}")}>{ "Remove" }</button></li>
    }
}

fn fields(draft: &UseStateHandle<Draft>, view: &ToolsView) -> Html {
    let set = |change| on_change(draft, change);
    let kinds = KINDS.into_iter().map(|(value, label)| (value.into(), label.into()));
    let of_service = html! { { field("field", "Service", "", choice(None, services(view), &draft.service, set(|draft, it| draft.service = it))) } };
    let rest = match &*draft.kind {
        "lag" => html! { <>
            { of_service }
            { field("field", "Lag above", "", typed(&draft.limit, &set(|draft, it| draft.limit = it))) }
        </> },
        "rebalance" => of_service,
        "published" => html! { <>
            { field("field", "Key", "", typed(draft.key_of(view), &set(|draft, it| draft.key = it))) }
            { field("field", "Status", "", choice(None, stages(view), &draft.stage, set(|draft, it| draft.stage = it))) }
        </> },
        _ => html! {},
    };
    html! { <>
        { field("field", "Hold when", "", choice(None, kinds, &draft.kind, set(|draft, it| draft.kind = it))) }
        { rest }
    </> }
}

fn services(view: &ToolsView) -> impl Iterator<Item = Offer> {
    view.readers.iter().map(|(number, name)| (number.to_string().into(), name.clone().into()))
}

fn stages(view: &ToolsView) -> impl Iterator<Item = Offer> {
    let stages = view.stages.iter().map(|stage| (stage.clone().into(), stage.clone().into()));
    std::iter::once(("".into(), "any".into())).chain(stages)
}

fn typed(value: &str, on_value: &Callback<String>) -> Html {
    let oninput = on_value.reform(|event: InputEvent| {
        let input = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
        input.map(|input| input.value()).unwrap_or_default()
    });
    html! { <input value={value.to_owned()} autocomplete="off" {oninput} /> }
}

impl Draft {
    fn of(view: &ToolsView) -> Self {
        Self {
            kind: KINDS[0].0.to_owned(),
            service: view.readers.last().map(|(number, _)| number.to_string()).unwrap_or_default(),
            limit: "100".to_owned(),
            key: String::new(),
            stage: view.stages.last().map(ToString::to_string).unwrap_or_default(),
        }
    }

    fn key_of<'a>(&'a self, view: &'a ToolsView) -> &'a str {
        if self.key.is_empty() { view.key.as_deref().unwrap_or_default() } else { &self.key }
    }

    fn breakpoint(&self, view: &ToolsView) -> Result<Breakpoint, String> {
        let service = || self.service.parse().map(ServiceId).map_err(|_| "Choose a service to hold for.".to_owned());
        match &*self.kind {
            "lag" => {
                let limit = self.limit.trim().parse();
                let limit = limit.map_err(|_| format!("\"{}\" is not a whole number of updates.", self.limit))?;
                Ok(Breakpoint::LagAbove(service()?, limit))
            }
            "lost" => Ok(Breakpoint::Lost),
            "again" => Ok(Breakpoint::Again),
            "rebalance" => Ok(Breakpoint::Rebalance(service()?)),
            _ => Ok(Breakpoint::Published { key: self.key_of(view).trim().to_owned(), text: self.stage.clone() }),
        }
    }
}
