//! The one sentence that says what is happening now, and what went wrong if something did.

use super::field::button;
use super::part::News;
use super::prose::prose;
use crate::app::{Msg, NextStep, Notice, RecordRef, Tone};
use std::rc::Rc;
use yew::prelude::*;

pub(super) fn news(news: &News, on_msg: &Callback<Msg>) -> Html {
    let tone = match news.tone {
        Tone::Calm => "calm",
        Tone::Down => "down",
        Tone::CatchingUp => "busy",
        Tone::Good => "good",
    };
    html! {
        <div class="news-wrap">
            <div class="past-place" key="past">{ for news.past.iter().map(|instants| past(instants, on_msg)) }</div>
            <div class={classes!("news", tone)}>
                <span class="news-mark" aria-hidden="true"></span>
                <p class="news-text">{ prose(&news.sentence) }</p>
                { for news.told.map(|record| look_at(record, on_msg)) }
                { for news.next_step.iter().map(|step| next(step, on_msg)) }
            </div>
            <p class="unseen" role="status">{ &*news.announcement }</p>
            <div role="alert">{ for news.notice.iter().map(|notice| notice_of(notice, on_msg)) }</div>
        </div>
    }
}

/// That it is not the end of the run that is looked at, and what that means for whoever does something.
fn past([now, end]: &[Rc<str>; 2], on_msg: &Callback<Msg>) -> Html {
    html! {
        <div class="past" key="past">
            <p><b>{ format!("You are looking at {now} of {end}.") }</b>{ " " }
                <span class="note">{ "Change something here, and the run takes another road; this one is kept." }</span></p>
            { button("button quiet", "Back to now", None, on_msg, Msg::SeekEnd) }
        </div>
    }
}

fn look_at(record: RecordRef, on_msg: &Callback<Msg>) -> Html {
    html! { <span key="told">{ button("button quiet", "Look at the record", None, on_msg, Msg::Select(Some(record))) }</span> }
}

/// The one large control.
fn next(step: &NextStep, on_msg: &Callback<Msg>) -> Html {
    let taken = step.clone();
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::TakeStep(taken.clone()));
    html! { <button key="next" type="button" class="button next-step" {onclick}>{ step.label() }</button> }
}

fn notice_of(notice: &Notice, on_msg: &Callback<Msg>) -> Html {
    html! {
        <p key="notice" class={classes!("notice", notice.is_error.then_some("error"))}>
            <span>{ &notice.text }</span>
            { button("button quiet", "Dismiss", None, on_msg, Msg::DismissNotice) }
        </p>
    }
}
