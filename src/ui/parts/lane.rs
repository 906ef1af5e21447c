//! A partition as a lane: its newest records, and how far each group has come.

use super::shape::{AGAIN, ink, marks, shape};
use super::topic::mark_word;
use crate::app::view::{CellView, LaneGroup, LaneView, Mark, text};
use crate::app::{FocusMove, Msg, RecordRef};
use crate::log::{Offset, TopicPartition};
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

/// How many groups' marks no longer fit into one row.
const MARKS_IN_ONE_ROW: usize = 4;
/// From what lag on a group is said to be behind in its colour; a record or two are always on their way.
const WORTH_A_COLOUR: u64 = 5;

pub(super) fn lane(lane: &LaneView, on_msg: &Callback<Msg>) -> Html {
    let place = format!("{}-{}", lane.partition.topic.0, lane.partition.partition);
    // Wires are tied to the records, or, where the lanes lie close together, to the ends of the whole line.
    let (whole, records) = if lane.is_dense { (Some(place), None) } else { (None, Some(place)) };
    html! {
        <div class={classes!("lane", lane.is_dense.then_some("dense"))} data-lane={whole} data-dense={lane.is_dense.then_some("true")}>
            <h3>{ opener(lane.partition, on_msg) }</h3>
            { records_of(lane, records, on_msg) }
            { if lane.is_dense { heats(&lane.groups) } else { html! { <ul class="strips">{ for lane.groups.iter().map(strip) }</ul> } } }
        </div>
    }
}

/// The newest records, and the place that the next one will take.
fn records_of(lane: &LaneView, place: Option<String>, on_msg: &Callback<Msg>) -> Html {
    let selected = lane.cells.iter().position(|cell| cell.selected);
    let tab_stop = selected.unwrap_or(lane.cells.len().saturating_sub(1));
    let up_to_date = lane.groups.iter().filter(|group| group.lag == 0 && !lane.is_dense).map(|group| group.index);
    let covered = lane.groups.iter().filter(|group| group.hidden > 0 && !lane.is_dense).count();
    html! {
        <div class="cells" data-lane={place} data-cells="true" role="group" tabindex="-1" onkeydown={on_key(lane.partition, on_msg)}
            aria-label={format!("{} records of partition {}; arrow keys move between them", if lane.newer > 0 { "Older" } else { "Newest" }, lane.partition.partition)}>
            { for lane.cells.iter().enumerate().map(|(index, cell)| cell_of(lane, cell, (index == tab_stop, index < covered), on_msg)) }
            { stragglers(lane, on_msg) }
            { if lane.newer > 0 { newest(lane, on_msg) } else { next_of(lane, up_to_date) } }
        </div>
    }
}

/// The place that the next record will take.
fn next_of(lane: &LaneView, up_to_date: impl Iterator<Item = usize>) -> Html {
    html! {
        <span key="next" class="cell next" title="The offset that the next record will have">
            <span class="unseen">{ "next " }</span><span class="offset">{ lane.log_end_offset }</span>{ flags(up_to_date) }
        </span>
    }
}

/// The way back to the newest records, where older ones are shown.
fn newest(lane: &LaneView, on_msg: &Callback<Msg>) -> Html {
    let title = format!("Back to the newest records: {} are newer than these", text::grouped(lane.newer));
    let onclick = on_msg.reform(|_: MouseEvent| Msg::Follow(None));
    html! {
        <button key="newest" type="button" class="cell next newest" {title} {onclick}>
            <span class="offset"><span class="unseen">{ "Back to the newest records, next " }</span>{ lane.log_end_offset }</span>
            <span class="onward" aria-hidden="true">{ "\u{25b8}" }</span>
        </button>
    }
}

/// The groups whose place has left the picture: where they are, and the way there.
fn stragglers(lane: &LaneView, on_msg: &Callback<Msg>) -> Html {
    let behind = lane.groups.iter().filter(|group| group.hidden > 0 && !lane.is_dense);
    let place = |group: &LaneGroup| {
        let at = text::grouped(group.committed.unwrap_or(lane.log_start_offset).max(0) as u64);
        let label =
            format!("Follow {}, which reads at offset {at} of partition {}", group.name, lane.partition.partition);
        let followed = Some((lane.partition.topic, group.service));
        let onclick = on_msg.reform(move |_: MouseEvent| Msg::Follow(followed));
        html! {
            <button key={group.index} type="button" class={classes!("straggler", ink(group.index))} title={label.clone()} aria-label={label} {onclick}>
                { "\u{25c2} " }{ shape(group.index) }{ at }
            </button>
        }
    };
    html! { <span key="stragglers" class="stragglers">{ for behind.map(place) }</span> }
}

fn opener(partition: TopicPartition, on_msg: &Callback<Msg>) -> Html {
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::OpenPartition(Some(partition)));
    html! { <button type="button" class="link" title="Its segments, and the topic's settings" {onclick}><small>{ "Partition " }</small>{ partition.partition }</button> }
}

/// How far behind each of many groups is: the larger the mark, the further.
fn heats(groups: &[LaneGroup]) -> Html {
    let behind: Vec<String> =
        groups.iter().filter(|group| group.lag > 0).map(|group| format!("{} {}", group.name, group.text)).collect();
    let words = if behind.is_empty() { "all groups are up to date".to_owned() } else { behind.join(", ") };
    let heat = |group: &LaneGroup| {
        let level = if group.lag == 0 { 0 } else { 1 + group.lag_per_mille / 251 };
        html! { <i key={group.index} class={classes!("heat", ink(group.index))} data-level={level.to_string()} title={format!("{}: {}", group.name, group.text)}></i> }
    };
    html! { <div class="heats" role="img" aria-label={words}>{ for groups.iter().map(heat) }</div> }
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

/// One record; and whether the Tab key comes to it, and whether the places of groups that left the picture lie over it.
fn cell_of(lane: &LaneView, cell: &CellView, (is_tab_stop, is_covered): (bool, bool), on_msg: &Callback<Msg>) -> Html {
    let offset = cell.record.offset;
    // A cell that has left the picture is used again for the record that comes in: at great speed nothing else is left.
    let key = offset.0.rem_euclid(i64::from(lane.places.max(1)));
    let fates =
        lane.groups.iter().zip(&cell.marks).map(|(group, mark)| format!("{}: {}", group.name, mark_word(*mark)));
    let label = format!("Offset {offset}: {}; {}", cell.label, fates.collect::<Vec<_>>().join(", "));
    // Hundreds of cells have none to be kept up to date.
    let title = (!lane.is_dense).then(|| label.clone());
    html! {
        <button type="button" {key} data-offset={offset.to_string()} class={classes!("cell", cell.selected.then_some("selected"), (!cell.next_of.is_empty()).then_some("flagged"), is_covered.then_some("covered"))}
            tabindex={if is_tab_stop { "0" } else { "-1" }} {title} aria-label={label}
            aria-pressed={cell.selected.to_string()}
            onclick={select_of(cell.record, on_msg)} onpointerdown={press_of(cell.record, on_msg)}>
            <span class="offset">{ offset.0 }</span>
            { for (!lane.is_dense).then(|| marks_of(lane, cell)) }
        </button>
    }
}

/// How far each group has come with the record, and which of them read it next.
fn marks_of(lane: &LaneView, cell: &CellView) -> Html {
    let states = lane.groups.iter().zip(&cell.marks).map(|(group, mark)| (group.index, mark_class(*mark)));
    let columns = if lane.groups.len() < MARKS_IN_ONE_ROW { lane.groups.len() } else { 2 };
    html! {
        <key="marks">
            { marks(states, columns) }
            { for (!cell.next_of.is_empty()).then(|| flags(cell.next_of.iter().copied())) }
        </>
    }
}

const fn mark_class(mark: Mark) -> &'static str {
    match mark {
        Mark::Waiting => "waiting hollow",
        Mark::Processed => "processed",
        Mark::Committed => "committed",
        Mark::Again => AGAIN,
    }
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
            <span class={classes!("strip-lag", (group.lag < WORTH_A_COLOUR).then_some("level"))}>{ &group.text }</span>
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
