//! A service laid open: its instances and its group, what can happen to it, where it begins, and its settings.

use super::field::button;
use super::opened::opened;
use super::part::{Part, part};
use super::setting::{Control, Said, setting};
use super::shape::{ink, shape};
use super::switch::switch;
use super::word::word;
use crate::app::view::{
    InstanceRow, PanelView, ReaderView, ServiceSettingsView, SettingGroup, SettingRow, text::switching, value_words,
};
use crate::app::{Msg, SeekDraft, SeekKind, Term};
use crate::sim::{Command, Input};
use std::rc::Rc;
use yew::prelude::*;

/// How long a service stands still at a click: longer than any session, and than the shipped scenarios' poll interval.
const STALL_MS: u64 = 30_000;

#[inline(never)]
pub(super) fn panel(view: &PanelView, on_msg: &Callback<Msg>) -> Html {
    let heading = html! { <>{ for view.group.map(|group| html! { <span key="shape">{ shape(group) }{ " " }</span> }) }{ &*view.name }</> };
    let body = html! {
        <>
            { for view.reader.iter().map(|reader| instances(view, reader, on_msg)) }
            <section key="facts">
                <dl class="facts explained">{ for view.facts.iter().map(|(name, value, meaning)| html! { <div key={*name}><dt>{ *name }</dt><dd>{ value }</dd><dd class="note">{ *meaning }</dd></div> }) }</dl>
                { for view.reader.iter().map(|reader| html! { <p key="rebalance" class="note" role="status">{ reader.rebalance.clone().unwrap_or_default() }</p> }) }
            </section>
            <section key="trouble">
                <h3>{ "Trouble" }</h3>
                { trouble(view, on_msg) }
                { for view.reader.iter().map(|reader| costs(view, reader, on_msg)) }
            </section>
            { for view.reader.iter().map(|reader| html! { <section key="seek">{ part("seek", Part::Seek(reader.seek.clone()), on_msg) }</section> }) }
            <section key="settings">
                <h3>{ "Settings" }</h3>
                { part("settings", Part::ServiceSettings(view.settings.clone()), on_msg) }
            </section>
            { removal(view, on_msg) }
        </>
    };
    let class = classes!(view.group.map_or("ink-publisher", ink));
    opened(class, heading, view.back.as_ref().map(|back| (back, Msg::OpenService(None))), body, on_msg)
}

/// The way out, for good.
fn removal(view: &PanelView, on_msg: &Callback<Msg>) -> Html {
    let (label, what) = if view.is_leaving {
        ("Remove it at once", "It finishes what it has in hand, and then it is gone.")
    } else {
        let what = if view.reader.is_some() {
            "It finishes what it has in hand, commits, and leaves for good. The others do not notice."
        } else {
            "It sends what it has in hand, and leaves for good. Nothing new is published any more; who reads goes on with what is there."
        };
        ("Remove this service", what)
    };
    let msg = Msg::Do(Command::RemoveService { service: view.name.to_string() });
    html! {
        <section key="removal">
            <h3>{ "Leave" }</h3>
            <p class="note">{ what }</p>
            { button("button quiet", label, None, on_msg, msg) }
        </section>
    }
}

fn instances(view: &PanelView, reader: &ReaderView, on_msg: &Callback<Msg>) -> Html {
    let scale = |instances: u32| {
        let (service, name, value) = (view.name.to_string(), "instances".to_owned(), instances.to_string());
        Msg::Do(Command::SetServiceConfig { service, name, value })
    };
    html! {
        <section key="instances">
            <h3>{ word(Term::Instance, "Instances") }</h3>
            <ul class="instances">{ for reader.instances.iter().map(|row| instance(view, row, on_msg)) }</ul>
            <p class="note" role="status">{ reader.idle.clone().unwrap_or_default() }</p>
            <div class="row">
                { button("button quiet", "Add an instance", None, on_msg, scale(reader.wanted + 1)) }
                { button("button quiet", "Remove one", None, on_msg, scale(reader.wanted.saturating_sub(1))) }
            </div>
            <p class="refused" role="status">{ reader.refused.clone().unwrap_or_default() }</p>
        </section>
    }
}

fn instance(view: &PanelView, row: &InstanceRow, on_msg: &Callback<Msg>) -> Html {
    let id = format!("instance-{}-{}", view.id.0, row.name.replace(' ', "-"));
    let on_change = {
        let (service, instance) = (view.name.to_string(), row.number);
        on_msg.reform(move |online| Msg::Do(Command::SetInstanceOnline { service: service.clone(), instance, online }))
    };
    html! {
        <li key={row.name.clone()} class={classes!(row.is_idle.then_some("idle"), (!row.online).then_some("ended"))}>
            <b id={id.clone()}>{ &row.name }</b><span>{ &row.text }</span>
            { for row.has_switch.then(|| switch(&id, switching(row.online, true), row.online, &on_change)) }
        </li>
    }
}

/// What can happen to it.
fn trouble(view: &PanelView, on_msg: &Callback<Msg>) -> Html {
    let service = || view.name.to_string();
    let act = |label, title, command| button("button quiet", label, Some(title), on_msg, Msg::Do(command));
    let online = !view.online;
    let connected = !view.connected;
    let network = if view.connected { "Cut the network" } else { "Reconnect the network" };
    let crash = if view.online {
        ("Crash", "It loses what it has in hand, and does not leave its group")
    } else {
        ("Start", "It starts again, with whatever it had not finished")
    };
    html! {
        <div class="row" key="trouble">
            { act(crash.0, crash.1, Command::SetServiceOnline { service: service(), online }) }
            { for view.online.then(|| act("Shut down", "It finishes what it has in hand, and commits", Command::ShutDown { service: service() })) }
            { for view.reader.iter().filter(|_| view.online).map(|_| act("Stall 30 s", "It stops working, but still sends heartbeats", Command::Stall { service: service(), ms: STALL_MS })) }
            { act(network, "Nothing gets to the broker or back", Command::SetConnected { service: service(), connected }) }
            <p class="note">{ view.how_it_ends }</p>
        </div>
    }
}

/// What that has cost.
fn costs(view: &PanelView, reader: &ReaderView, on_msg: &Callback<Msg>) -> Html {
    let redrive = reader.dead_letters.filter(|letters| *letters > 0).map(|letters| {
        let text = if letters == 1 { "1 dead letter".to_owned() } else { format!("{letters} dead letters") };
        let (title, service) = ("Puts them into the retry topic, to be tried again", view.name.to_string());
        html! {
            <div class="row" key="redrive"><span>{ word(Term::DeadLetter, &text) }</span>
                { button("button quiet", "Redrive", Some(title), on_msg, Msg::Do(Command::Redrive { service })) }
            </div>
        }
    });
    html! {
        <>
            <ul class="costs" aria-label="What that has cost">{ for reader.costs.iter().enumerate().map(|(index, (text, is_bad))| html! { <li key={index} class={classes!(is_bad.then_some("bad"))}>{ text }</li> }) }</ul>
            { for redrive }
        </>
    }
}

/// Where the group begins.
#[inline(never)]
pub(super) fn seek(view: &crate::app::view::SeekView, on_msg: &Callback<Msg>) -> Html {
    let draft = view.draft.clone();
    let on_kind = {
        let (draft, on_msg) = (draft.clone(), on_msg.clone());
        Callback::from(move |word: String| {
            let kind = SeekKind::ALL.into_iter().find(|kind| kind.word() == word).unwrap_or_default();
            on_msg.emit(Msg::DraftSeek(SeekDraft { kind, number: draft.number.clone() }));
        })
    };
    let on_number = {
        let (kind, on_msg) = (draft.kind, on_msg.clone());
        Callback::from(move |number: String| on_msg.emit(Msg::DraftSeek(SeekDraft { kind, number })))
    };
    let offers = SeekKind::ALL.into_iter().map(|kind| (kind.word().into(), kind.label().into()));
    let go = draft.target().ok().filter(|_| !view.is_seeking).map(|to| {
        let service = view.service.to_string();
        button("button quiet", "Begin there", None, on_msg, Msg::Do(Command::Seek { service, to }))
    });
    html! {
        <>
            <h3>{ "Reset its offsets" }</h3>
            <div class="row">
                { super::choice::choice(Some("Where the group begins".into()), offers, draft.kind.word(), on_kind) }
                { for draft.kind.has_number().then(|| super::setting::text_input("The number", &draft.number, &on_number, None)) }
                { for go }
            </div>
            <p class="note" role="status">{ &view.preview }</p>
        </>
    }
}

#[inline(never)]
pub(super) fn settings(view: &ServiceSettingsView, on_msg: &Callback<Msg>) -> Html {
    html! { <>{ for SettingGroup::ALL.into_iter().filter_map(|group| settings_of(group, view, on_msg)) }</> }
}

/// The settings of a group, folded up if it has a title.
fn settings_of(group: SettingGroup, view: &ServiceSettingsView, on_msg: &Callback<Msg>) -> Option<Html> {
    let rows: Vec<Html> =
        view.rows.iter().filter(|row| row.group == group).map(|row| field(&view.service, row, on_msg)).collect();
    let key = group.title().unwrap_or("Plain");
    let rows = (!rows.is_empty()).then(|| html! { <div class="settings" key={key}>{ for rows }</div> })?;
    Some(match group.title() {
        None => rows,
        Some(title) => html! { <details class="fold" key={title}><summary>{ title }</summary>{ rows }</details> },
    })
}

fn field(service: &Rc<str>, row: &SettingRow, on_msg: &Callback<Msg>) -> Html {
    let control = match &row.input {
        Input::OneOf(words) => Control::OneOf(words.iter().map(|word| (*word, value_words(word))).collect()),
        Input::Flag => Control::Flag,
        Input::Text => Control::Text,
    };
    let on_value = {
        let (service, name, on_msg) = (service.clone(), row.name.to_owned(), on_msg.clone());
        Callback::from(move |value: String| {
            let (service, name) = (service.to_string(), name.clone());
            on_msg.emit(Msg::Do(Command::SetServiceConfig { service, name, value }));
        })
    };
    setting(&Said::of(row), control, on_value, on_msg)
}
