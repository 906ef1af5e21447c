//! A partition as a lane: its newest records, and how far each group has come.

use super::shape::{AGAIN, ink, marks, shape};
use super::topic::mark_word;
use crate::app::view::{CellView, LaneGroup, LaneView, Mark, text};
use crate::app::{FocusMove, HeldBy, HeldLane, Msg, RecordRef};
use crate::log::{Offset, TopicPartition, TransactionResult};
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

/// How many groups' marks fit into one row.
const MARKS_IN_ONE_ROW: usize = 3;
/// What stands beside a group's name.
const READER: &str = "The instance of the service that reads this partition; unassigned: none of them at present";
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
            { if lane.is_dense { heats(&lane.groups) } else { html! { <ul class="strips">{ for lane.groups.iter().map(|group| strip(lane, group, on_msg)) }</ul> } } }
        </div>
    }
}

/// The newest records, and the place that the next one will take.
fn records_of(lane: &LaneView, place: Option<String>, on_msg: &Callback<Msg>) -> Html {
    let selected = lane.cells.iter().position(|cell| cell.selected);
    let tab_stop = selected.unwrap_or(lane.cells.len().saturating_sub(1));
    let up_to_date = lane.groups.iter().filter(|group| group.lag == 0 && !lane.is_dense).map(|group| group.index);
    let (hold, let_go) = (hold_of(lane, HeldBy::Pointer, on_msg), let_go_of(HeldBy::Pointer, on_msg));
    html! {
        <div class="cells" data-lane={place} data-cells="true" role="group" tabindex="-1" onkeydown={on_key(lane.partition, on_msg)}
            onpointerenter={hold.clone()} onpointermove={lane.held.is_none().then_some(hold)} onpointerleave={let_go}
            onfocusin={on_focus(lane, on_msg)} onfocusout={lane.held.map(|_| on_blur(on_msg))}
            aria-label={format!("{} records of partition {}; arrow keys move between them", which(lane), lane.partition.partition)}>
            { for lane.cells.iter().enumerate().map(|(index, cell)| cell_of(lane, cell, index == tab_stop, on_msg)) }
            { if lane.newer > 0 { newest(lane, on_msg) } else { next_of(lane, up_to_date) } }
        </div>
    }
}

const fn which(lane: &LaneView) -> &'static str {
    match (lane.newer, lane.held) {
        (1.., _) => "Older",
        (0, Some(_)) => "Held",
        (0, None) => "Newest",
    }
}

/// Holds the lane as it is drawn.
fn hold_of<E>(lane: &LaneView, by: HeldBy, on_msg: &Callback<Msg>) -> Callback<E> {
    let range = lane.cells.first().zip(lane.cells.last()).map(|(first, last)| HeldLane {
        partition: lane.partition,
        first: first.record.offset,
        end: last.record.offset.next(),
    });
    on_msg.reform(move |_| Msg::HoldLane(by, range))
}

fn let_go_of<E>(by: HeldBy, on_msg: &Callback<Msg>) -> Callback<E> {
    on_msg.reform(move |_| Msg::HoldLane(by, None))
}

/// The keyboard's focus holds the lane; that which a mouse leaves behind does not.
fn on_focus(lane: &LaneView, on_msg: &Callback<Msg>) -> Callback<FocusEvent> {
    let hold = hold_of(lane, HeldBy::Focus, on_msg);
    Callback::from(move |event: FocusEvent| {
        let focused = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        if focused.is_some_and(|it| it.matches(":focus-visible").unwrap_or(false)) {
            hold.emit(event);
        }
    })
}

/// Lets it go when the focus leaves the lane.
fn on_blur(on_msg: &Callback<Msg>) -> Callback<FocusEvent> {
    let let_go = let_go_of(HeldBy::Focus, on_msg);
    Callback::from(move |event: FocusEvent| {
        let lane = event.target().and_then(|it| it.dyn_into::<Element>().ok()?.closest(".cells").ok()?);
        let to = event.related_target().and_then(|it| it.dyn_into::<Element>().ok());
        if !lane.is_some_and(|lane| lane.contains(to.as_deref())) {
            let_go.emit(event);
        }
    })
}

/// The place that the next record will take; in a lane that is held, that it is, and how many records have come since.
fn next_of(lane: &LaneView, up_to_date: impl Iterator<Item = usize>) -> Html {
    if let Some(since) = lane.held.filter(|since| lane.is_going_on || *since > 0) {
        let title = format!(
            "Held while you point at a record or have the focus here: {} came since",
            text::count(since, "record", "records")
        );
        let come = (since > 0)
            .then(|| html! { <span key="come" class="offset">{ format!("+{}", text::grouped(since)) }</span> });
        return html! { <span key="next" class="cell next held" {title}>{ for come }<small key="held">{ "held" }</small></span> };
    }
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

/// Where a group is whose place has left the picture, and the way there.
fn straggler(lane: &LaneView, group: &LaneGroup, on_msg: &Callback<Msg>) -> Html {
    let at = text::grouped(group.committed.unwrap_or(lane.log_start_offset).max(0) as u64);
    let label = format!("{} has committed up to {at} of partition {}: follow it", group.name, lane.partition.partition);
    let followed = Some((lane.partition.topic, group.service));
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::Follow(followed));
    html! {
        <button key="straggler" type="button" class="straggler" title={label.clone()} aria-label={label} {onclick}>{ format!("\u{25c2} up to {at}") }</button>
    }
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

/// One record; and whether the Tab key comes to it.
fn cell_of(lane: &LaneView, cell: &CellView, is_tab_stop: bool, on_msg: &Callback<Msg>) -> Html {
    let offset = cell.record.offset;
    // A cell that has left the picture is used again for the record that comes in: at great speed nothing else is left.
    let key = offset.0.rem_euclid(i64::from(lane.places.max(1)));
    let fates =
        lane.groups.iter().zip(&cell.marks).map(|(group, mark)| format!("{}: {}", group.name, mark_word(*mark)));
    let fates = fates.collect::<Vec<_>>().join(", ");
    let label = format!("Offset {offset}: {}{}{fates}", cell.label, if fates.is_empty() { "" } else { "; " });
    // Hundreds of cells have none to be kept up to date.
    let title = (!lane.is_dense).then(|| label.clone());
    html! {
        <button type="button" {key} data-offset={offset.to_string()} class={classes!("cell", cell.marker.map(marker_class), cell.selected.then_some("selected"), (!cell.next_of.is_empty()).then_some("flagged"))}
            tabindex={if is_tab_stop { "0" } else { "-1" }} {title} aria-label={label}
            aria-pressed={cell.selected.to_string()}
            onclick={select_of(cell.record, on_msg)}>
            <span class={classes!("offset", cell.marker.map(|_| "unseen"))}>{ offset.0 }</span>
            { for (!lane.is_dense).then(|| marks_of(lane, cell)) }
        </button>
    }
}

/// How far each group has come with the record, and which of them read it next.
fn marks_of(lane: &LaneView, cell: &CellView) -> Html {
    let states = lane.groups.iter().zip(&cell.marks).map(|(group, mark)| (group.index, mark_class(*mark)));
    let groups = lane.groups.len();
    let columns = if groups <= MARKS_IN_ONE_ROW { groups } else { groups.div_ceil(2) };
    html! {
        <key="marks">
            { marks(states, columns) }
            { for (!cell.next_of.is_empty()).then(|| flags(cell.next_of.iter().copied())) }
        </>
    }
}

/// A marker that ends a transaction is a thin cell.
const fn marker_class(result: TransactionResult) -> &'static str {
    match result {
        TransactionResult::Commit => "marker",
        TransactionResult::Abort => "marker abort",
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

/// A group: who reads here, where it is if that has left the picture, and how far behind it is.
fn strip(lane: &LaneView, group: &LaneGroup, on_msg: &Callback<Msg>) -> Html {
    let style = format!("--part: {}", text::thousandths(group.lag_per_mille));
    html! {
        <li key={group.index} class={classes!("strip", ink(group.index))}>
            <span class="strip-name">{ shape(group.index) }{ &*group.name }{ for group.reader.iter().map(|text| html! { <small key="reader" title={READER}>{ &**text }</small> }) }</span>
            <span class="strip-place">
                { for (group.hidden > 0).then(|| straggler(lane, group, on_msg)) }
                <span key="bar" class="bar reverse" ~style={style} aria-hidden="true"></span>
            </span>
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
