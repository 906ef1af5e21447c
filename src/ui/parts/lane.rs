//! A partition as a lane: its newest records, and how far each group has come.

use super::shape::{ink, outline, shape};
use super::topic::mark_word;
use super::word::word;
use crate::app::view::{CellView, LaneGroup, LaneView, Mark, text};
use crate::app::{FocusMove, Msg, RecordRef, Term};
use crate::log::{Offset, TopicPartition};
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

pub(super) fn lane(lane: &LaneView, on_msg: &Callback<Msg>) -> Html {
    let (topic, partition) = (lane.partition.topic.0, lane.partition.partition);
    let selected = lane.cells.iter().position(|cell| cell.selected);
    let tab_stop = selected.unwrap_or(lane.cells.len().saturating_sub(1));
    html! {
        <div class="lane">
            <div class="lane-head">
                <h3>{ opener(lane.partition, on_msg) }</h3>
                <p class="note">{ "next " }{ word(Term::Offset, "offset") }{ " " }<b>{ text::grouped(lane.log_end_offset as u64) }</b></p>
            </div>
            <div class="cells" data-lane={format!("{topic}-{partition}")} data-cells="true" role="group"
                aria-label={format!("Newest records of partition {partition}; arrow keys move between them")} tabindex="-1" onkeydown={on_key(lane.partition, on_msg)}>
                { for lane.cells.iter().enumerate().map(|(index, cell)| cell_of(lane, cell, index == tab_stop, on_msg)) }
                <span key="next" class="cell next" aria-hidden="true">{ flags(lane.groups.iter().filter(|group| group.lag == 0).map(|group| group.index)) }</span>
            </div>
            <ul class="strips">{ for lane.groups.iter().map(strip) }</ul>
        </div>
    }
}

fn opener(partition: TopicPartition, on_msg: &Callback<Msg>) -> Html {
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::OpenPartition(Some(partition)));
    html! { <button type="button" class="link" title="Its segments, and the topic's settings" {onclick}>{ format!("Partition {}", partition.partition) }</button> }
}

/// What a click on a record does.
pub(super) fn select_of(record: RecordRef, on_msg: &Callback<Msg>) -> Callback<MouseEvent> {
    on_msg.reform(move |_| Msg::Select(Some(record)))
}

/// A mouse selects when it is pressed: until it is let go, a new record may have moved this one from under it.
fn press_of(record: RecordRef, on_msg: &Callback<Msg>) -> Callback<PointerEvent> {
    let on_msg = on_msg.clone();
    Callback::from(move |event: PointerEvent| {
        if event.pointer_type() == "mouse" && event.button() == 0 {
            on_msg.emit(Msg::Select(Some(record)));
        }
    })
}

fn cell_of(lane: &LaneView, cell: &CellView, is_tab_stop: bool, on_msg: &Callback<Msg>) -> Html {
    let offset = cell.record.offset;
    // A cell that has left the picture is used again for the record that comes in: at great speed nothing else is left.
    let key = offset.0.rem_euclid(i64::from(lane.places.max(1)));
    let fates =
        lane.groups.iter().zip(&cell.marks).map(|(group, mark)| format!("{}: {}", group.name, mark_word(*mark)));
    let label = format!("Offset {offset}: {}; {}", cell.label, fates.collect::<Vec<_>>().join(", "));
    html! {
        <button type="button" {key} data-offset={offset.to_string()} class={classes!("cell", cell.selected.then_some("selected"))}
            tabindex={if is_tab_stop { "0" } else { "-1" }} title={label.clone()} aria-label={label}
            aria-pressed={cell.selected.to_string()}
            onclick={select_of(cell.record, on_msg)} onpointerdown={press_of(cell.record, on_msg)}>
            <span class="offset">{ offset.0 }</span>
            <span class="marks">{ for cell.marks.iter().enumerate().map(|(index, mark)| mark_of(index, *mark)) }</span>
            { flags(cell.next_of.iter().copied()) }
        </button>
    }
}

fn mark_of(index: usize, mark: Mark) -> Html {
    let class = match mark {
        Mark::Waiting => "waiting",
        Mark::Processed => "processed",
        Mark::Committed => "committed",
        Mark::Again => "twice",
    };
    html! { <i key={index} class={classes!("mark", class)}>{ if mark == Mark::Waiting { outline(index) } else { shape(index) } }</i> }
}

/// Where groups will read next.
fn flags(groups: impl Iterator<Item = usize>) -> Html {
    html! { <span class="flags" key="flags">{ for groups.map(|index| html! { <i key={index} class={classes!("flag", ink(index))}></i> }) }</span> }
}

fn strip(group: &LaneGroup) -> Html {
    let style = format!("--part: {}", text::thousandths(group.lag_per_mille));
    html! {
        <li key={group.index} class={classes!("strip", ink(group.index))}>
            <span class="strip-name">{ shape(group.index) }{ &*group.name }{ for group.reader.iter().map(|text| html! { <small key="reader" title="The instance that reads this partition; – is nobody at present">{ &**text }</small> }) }</span>
            <span class="bar reverse" ~style={style} aria-hidden="true"></span>
            <span class={classes!("strip-lag", (group.lag == 0).then_some("level"))}>{ &group.text }</span>
        </li>
    }
}

/// Arrow keys move the focus from record to record.
fn on_key(lane: TopicPartition, on_msg: &Callback<Msg>) -> Callback<KeyboardEvent> {
    let on_msg = on_msg.clone();
    Callback::from(move |event: KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowLeft" => FocusMove::Previous,
            "ArrowRight" => FocusMove::Next,
            "Home" => FocusMove::First,
            "End" => FocusMove::Last,
            _ => return,
        };
        event.prevent_default();
        let focused = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let offset = focused.and_then(|it| it.get_attribute("data-offset")?.parse().ok());
        let from = offset.map(|offset| RecordRef { partition: lane, offset: Offset(offset) });
        on_msg.emit(Msg::MoveFocus { from, lane, to });
    })
}
