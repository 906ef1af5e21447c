//! Publishing one record by hand.

use super::choice::{Offer, choice};
use super::field::{field, on_change};
use super::word::word;
use crate::app::view::ByHandView;
use crate::app::{Msg, Term};
use crate::sim::{Command, POISON};
use crate::sorted::SortedMap;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(super) struct PublishProps {
    /// The topics, each with its number of partitions.
    pub(super) topics: Vec<(Rc<str>, usize)>,
    /// The record that was published last.
    pub(super) latest: Option<Rc<ByHandView>>,
    pub(super) on_msg: Callback<Msg>,
}

/// The fields as they are being filled in.
#[derive(Clone, PartialEq)]
struct Draft {
    topic: String,
    partition: String,
    key: String,
    value: String,
    header: String,
}

#[component]
pub(super) fn Publish(props: &PublishProps) -> Html {
    let topics = &props.topics;
    let draft = use_state(|| Draft::of(topics));
    let sent = use_state(|| 0u32);
    html! {
        <details class="publish card ink-hand" data-card="hand" data-way="in" data-live="true" data-topics={all_topics(topics)}>
            <summary>{ "Publish a record by hand" }</summary>
            <form onsubmit={on_submit(&draft, &sent, &props.on_msg)}>
                { fields(topics, &draft) }
                <button type="submit" class="button">{ "Publish" }</button>
            </form>
            { poison(&draft.topic, &sent, &props.on_msg) }
            <p class="note" role="status">{ for (*sent > 0).then(|| said(*sent, props.latest.as_deref(), &props.on_msg)) }</p>
        </details>
    }
}

/// How many records have been published, and where the latest is.
fn said(sent: u32, latest: Option<&ByHandView>, on_msg: &Callback<Msg>) -> Html {
    let place = latest.map(|latest| {
        let record = latest.record;
        let onclick = on_msg.reform(move |_: MouseEvent| Msg::Select(Some(record)));
        html! { <key="place">{ " The latest is in " }<button type="button" class="link" {onclick}>{ &latest.place }</button>{ "." }</> }
    });
    html! { <>{ format!("{sent} sent.") }{ for place }</> }
}

/// A record that no reader can read, until its bug is fixed.
fn poison(topic: &str, sent: &UseStateHandle<u32>, on_msg: &Callback<Msg>) -> Html {
    let (topic, sent) = (topic.to_owned(), sent.clone());
    let onclick = on_msg.reform(move |_: MouseEvent| {
        sent.set(*sent + 1);
        Msg::Do(Command::Publish {
            topic: topic.clone(),
            key: Some("poison".to_owned()),
            value: Some("this is no JSON".to_owned()),
            headers: [(POISON.to_owned(), "true".to_owned())].into(),
            partition: None,
        })
    });
    html! {
        <div class="row poison">
            <button type="button" class="button quiet" {onclick}>{ "Publish a poison record" }</button>
            { word(Term::Poison, "What is that?") }
        </div>
    }
}

impl Draft {
    fn of(topics: &[(Rc<str>, usize)]) -> Self {
        Self {
            topic: topics.first().map(|(name, _)| name.to_string()).unwrap_or_default(),
            partition: String::new(),
            key: "order-1".to_owned(),
            value: "{\"status\":\"placed\"}".to_owned(),
            header: "source: me".to_owned(),
        }
    }
}

fn on_submit(
    draft: &UseStateHandle<Draft>,
    sent: &UseStateHandle<u32>,
    on_msg: &Callback<Msg>,
) -> Callback<SubmitEvent> {
    let (draft, sent, on_msg) = (draft.clone(), sent.clone(), on_msg.clone());
    Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        match command_of(&draft) {
            Ok(command) => {
                on_msg.emit(Msg::Do(command));
                sent.set(*sent + 1);
            }
            Err(reason) => on_msg.emit(Msg::Complain(reason)),
        }
    })
}

fn fields(topics: &[(Rc<str>, usize)], draft: &UseStateHandle<Draft>) -> Html {
    let set = |change| on_change(draft, change);
    let typed = |change| set(change).reform(|event: InputEvent| value_of(&event));
    let partitions = topics.iter().find(|(name, _)| **name == *draft.topic).map_or(0, |(_, partitions)| *partitions);
    let set_topic = set(|draft, topic| {
        draft.topic = topic;
        draft.partition.clear();
    });
    let set_partition = set(|draft, partition| draft.partition = partition);
    let key = html! { <input value={draft.key.clone()} oninput={typed(|draft, key| draft.key = key)} /> };
    let value =
        html! { <textarea rows="2" value={draft.value.clone()} oninput={typed(|draft, value| draft.value = value)} /> };
    let header =
        html! { <input value={draft.header.clone()} oninput={typed(|draft, header| draft.header = header)} /> };
    html! {
        <>
            { field("field", "Topic", "", choice(None, topics.iter().map(|(name, _)| offer(name)), &draft.topic, set_topic)) }
            { field("field", "Key", " decides the partition", key) }
            { field("field", "Value", " empty for a tombstone", value) }
            { field("field", "Header", " name: value", header) }
            { field("field", "Partition", "", choice(None, partition_offers(partitions), &draft.partition, set_partition)) }
        </>
    }
}

fn offer(name: &Rc<str>) -> Offer {
    (name.clone().into(), name.clone().into())
}

fn partition_offers(partitions: usize) -> impl Iterator<Item = Offer> {
    let numbered = (0..partitions).map(|index| (index.to_string().into(), index.to_string().into()));
    std::iter::once(("".into(), "by the key".into())).chain(numbered)
}

fn all_topics(topics: &[(Rc<str>, usize)]) -> String {
    (0..topics.len()).map(|index| index.to_string()).collect::<Vec<_>>().join(",")
}

fn command_of(draft: &Draft) -> Result<Command, String> {
    Ok(Command::Publish {
        topic: draft.topic.clone(),
        key: (!draft.key.is_empty()).then(|| draft.key.clone()),
        value: (!draft.value.is_empty()).then(|| draft.value.clone()),
        headers: headers_of(&draft.header)?,
        partition: draft.partition.parse().ok(), // empty: the key decides
    })
}

fn headers_of(text: &str) -> Result<SortedMap<String, String>, String> {
    let mut headers = SortedMap::new();
    if text.trim().is_empty() {
        return Ok(headers);
    }
    let (name, value) = text.split_once(':').ok_or_else(|| {
        format!("Nothing was published: the header \"{text}\" has no colon; it is written as name: value.")
    })?;
    headers.insert(name.trim().to_owned(), value.trim().to_owned());
    Ok(headers)
}

fn value_of(event: &InputEvent) -> String {
    let Some(target) = event.target() else { return String::new() };
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        return input.value();
    }
    target.dyn_ref::<HtmlTextAreaElement>().map(HtmlTextAreaElement::value).unwrap_or_default()
}
