//! Time and its controls.

use crate::app::view::TimeView;
use crate::app::{Msg, Speed};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// The largest seed: the largest whole number that the page's scripts can name exactly.
const SEED_MAX: u64 = (1 << 53) - 1;

#[derive(PartialEq, Properties)]
pub(super) struct TimeBarProps {
    pub(super) time: Rc<TimeView>,
    pub(super) on_msg: Callback<Msg>,
}

#[component]
pub(super) fn TimeBar(props: &TimeBarProps) -> Html {
    let TimeBarProps { time, on_msg } = props;
    let (playing, seed) = (time.playing, time.seed);
    html! {
        <footer class="time" aria-label="Time">
            <button type="button" class={classes!("button", "play", playing.then_some("is-playing"))} onclick={on_msg.reform(move |_| Msg::SetPlaying(!playing))}>
                <span class="play-icon" aria-hidden="true"></span>{ if playing { "Pause" } else { "Play" } }</button>
            <button type="button" class="button" title="Go on to the next event, and hold" onclick={on_msg.reform(|_| Msg::Step)}>{ "Step" }</button>
            <p class="clock" title="Simulated time since the run began: hours, minutes, seconds">
                <span class="unseen">{ "Simulated time " }</span>{ &time.clock }</p>
            <label class="field inline speed"><span>{ "Speed" }</span>{ speeds(time.speed, on_msg) }</label>
            <p class="time-note">{ note(time) }</p>
            <SeedField {seed} on_msg={on_msg.clone()} />
            <button type="button" class="button" title="Begin the run anew, with the same seed" onclick={on_msg.reform(move |_| Msg::Restart { seed })}>{ "Reset" }</button>
        </footer>
    }
}

#[derive(PartialEq, Properties)]
struct SeedFieldProps {
    seed: u64,
    on_msg: Callback<Msg>,
}

/// A component of its own, so that what is being typed is not overwritten whenever the clock moves.
#[component]
fn SeedField(props: &SeedFieldProps) -> Html {
    let SeedFieldProps { seed, on_msg } = props;
    html! {
        <label class="field inline seed"><span title="Decides every random thing: the same seed gives the same run">{ "Seed" }</span>
            <input type="number" min="0" max={SEED_MAX.to_string()} value={seed.to_string()} onchange={on_seed(*seed, on_msg)} /></label>
    }
}

fn speeds(chosen: Speed, on_msg: &Callback<Msg>) -> Html {
    let onchange = on_msg.reform(move |event: Event| {
        let word = event.target().and_then(|it| it.dyn_into::<HtmlSelectElement>().ok()).map(|it| it.value());
        let speed = Speed::OFFERED.into_iter().find(|speed| Some(speed.label()) == word);
        Msg::SetSpeed(speed.unwrap_or(chosen))
    });
    html! {
        <select aria-label="Speed" {onchange}>
            { for Speed::OFFERED.into_iter().map(|speed| html! {
                <option key={speed.label()} value={speed.label()} selected={speed == chosen}>{ format!("{}×", speed.label()) }</option>
            }) }
        </select>
    }
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
        (Some(stepped), _) => stepped.to_string(),
        (None, true) => "as fast as this device can".to_owned(),
        (None, false) => String::new(),
    }
}
