//! Time and its controls.

use super::challenges::told;
use super::choice::choice;
use super::field::field;
use super::icon::{Icon, icon};
use super::part::{Part, part};
use super::tools::class_of;
use crate::app::view::{TimeMark, TimeView, ToolsView, text::thousandths};
use crate::app::{Msg, Speed};
use crate::time::Instant;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The largest seed: the largest whole number that the page's scripts can name exactly.
const SEED_MAX: u64 = (1 << 53) - 1;

pub(super) fn time_bar(time: &TimeView, tools: &Rc<ToolsView>, on_msg: &Callback<Msg>) -> Html {
    let (playing, seed) = (time.playing, time.seed);
    html! {
        <footer class="time" aria-label="Time">
            <button type="button" class={classes!("button", "play", playing.then_some("is-playing"))} onclick={on_msg.reform(move |_| Msg::SetPlaying(!playing))}>
                <span class="play-icon" aria-hidden="true"></span>{ if playing { "Pause" } else { "Play" } }</button>
            { icon_button(Icon::Back, ("Back", true), "Go back to the event before, and hold", on_msg, Msg::StepBack) }
            { icon_button(Icon::Step, ("Step", true), "Go on to the next event, and hold", on_msg, Msg::Step) }
            <p class="clock" title="Simulated time since the run began: hours, minutes, seconds">
                <span class="unseen">{ "Simulated time " }</span>{ &time.clock }</p>
            { scrubber(time, on_msg) }
            <p class="time-note">{ note(time) }</p>
            { told(time.told.as_ref(), on_msg) }
            { taking_back(time, on_msg) }
            { field("field inline speed", "Speed", "", speeds(time.speed, on_msg)) }
            { part("tools", Part::Tools(tools.clone(), seed), on_msg) }
        </footer>
    }
}

/// The whole run, with the instant that is looked at, and when services were away.
fn scrubber(time: &TimeView, on_msg: &Callback<Msg>) -> Html {
    let oninput = on_msg.reform(|event: InputEvent| {
        let input = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
        let ms = input.and_then(|input| input.value().parse::<u64>().ok());
        ms.map_or(Msg::SeekEnd, |ms| Msg::Seek(Instant::from_ms(ms)))
    });
    let band = |(service, from, to): &(usize, u32, u32)| {
        let style = format!("--from: {}; --to: {}; --row: {service}", thousandths(*from), thousandths(*to));
        html! { <i key={format!("{service}-{from}")} class="absence" ~style={style}></i> }
    };
    let mark = |mark: &TimeMark| {
        let style = format!("--at: {}; --row: {}", thousandths(mark.at), mark.row);
        let class = class_of(mark.kind);
        html! { <i key={format!("{}-{}-{class}", mark.row, mark.at)} class={classes!("mark", class)} ~style={style}></i> }
    };
    let style = format!("--rows: {}", time.rows);
    html! {
        <div class="scrubber" key="scrubber" ~style={style}>
            <div class="absences" aria-hidden="true">{ for time.bands.iter().map(band) }{ for time.marks.iter().map(mark) }</div>
            <input type="range" aria-label="Instant of the run" min="0" max={time.end_ms.to_string()} step="100" ~value={time.now_ms.to_string()}
                aria-valuetext={time.clock.clone()} {oninput} />
        </div>
    }
}

/// A button with a picture; its name is what a screen reader says. One that cannot be pressed now keeps the keyboard's focus.
fn icon_button(
    shown: Icon,
    (name, is_on): (&'static str, bool),
    title: &'static str,
    on_msg: &Callback<Msg>,
    msg: Msg,
) -> Html {
    let on_msg = on_msg.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        if is_on {
            on_msg.emit(msg.clone());
        }
    });
    let disabled = (!is_on).then_some("true");
    html! { <button key={name} type="button" class="button square" aria-label={name} aria-disabled={disabled} title={format!("{name}: {title}")} {onclick}>{ icon(shown) }<span class="short" aria-hidden="true">{ name }</span></button> }
}

/// Taking back and doing again. They have their places before there is anything to take back, so that nothing moves.
fn taking_back(time: &TimeView, on_msg: &Callback<Msg>) -> Html {
    let (can_undo, can_redo) = time.can_undo_redo;
    let undo = if can_undo {
        "Take back what was done last, also that the run was started over"
    } else {
        "Nothing was done yet"
    };
    let redo = if can_redo { "Do again what was taken back" } else { "Nothing was taken back" };
    html! {
        <>
            { icon_button(Icon::Undo, ("Undo", can_undo), undo, on_msg, Msg::Undo) }
            { icon_button(Icon::Redo, ("Redo", can_redo), redo, on_msg, Msg::Redo) }
        </>
    }
}

pub(super) fn seed_field(seed: u64, on_msg: &Callback<Msg>) -> Html {
    html! {
        <label class="field inline seed"><span>{ "Seed" }</span>
            <input type="number" min="0" max={SEED_MAX.to_string()} value={seed.to_string()} onchange={on_seed(seed, on_msg)} /></label>
    }
}

fn speeds(chosen: Speed, on_msg: &Callback<Msg>) -> Html {
    let on_choice = on_msg.reform(move |wanted: String| {
        let speed = Speed::OFFERED.into_iter().find(|speed| speed.label() == wanted);
        Msg::SetSpeed(speed.unwrap_or(chosen))
    });
    let offers = Speed::OFFERED.map(Speed::label).into_iter();
    let offers = offers.map(|label| (label.clone().into(), format!("{label}×").into()));
    choice(Some("Speed".into()), offers, &chosen.label(), on_choice)
}

fn on_seed(seed: u64, on_msg: &Callback<Msg>) -> Callback<Event> {
    on_msg.reform(move |event: Event| {
        let Some(input) = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) else {
            return Msg::DismissNotice;
        };
        let text = input.value();
        match text.parse::<u64>() {
            Ok(seed) if seed <= SEED_MAX => Msg::Restart { seed },
            Ok(_) | Err(_) => {
                input.set_value(&seed.to_string());
                Msg::Complain(format!("A seed is a whole number from 0 to {SEED_MAX}; the run goes on with {seed}."))
            }
        }
    })
}

fn note(time: &TimeView) -> String {
    match (&time.stepped, time.is_too_slow && time.playing) {
        (None, _) if time.road_taken.is_some() => "Another road, held: Play goes on".to_owned(),
        (Some(stepped), _) => stepped.to_string(),
        (None, true) => "as fast as this device can".to_owned(),
        (None, false) => String::new(),
    }
}
