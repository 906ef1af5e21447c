//! The one sentence that says what is happening now, and what went wrong if something did.

use super::field::button;
use super::part::News;
use super::prose::prose;
use crate::app::{Msg, Notice, Opens, RecordRef, Tone};
use std::rc::Rc;
use yew::prelude::*;

/// From how many bytes on a sentence is set smaller, so that it fits where there is always room for a shorter one.
const LONG: usize = 126;

pub(super) fn news(news: &News, on_msg: &Callback<Msg>) -> Html {
    let tone = match news.tone {
        Tone::Calm => "calm",
        Tone::Down => "down",
        Tone::CatchingUp => "busy",
        Tone::Good => "good",
    };
    let is_long = news.sentence.len() > LONG;
    html! {
        <div class="news-wrap">
            <div class="past-place" key="past">{ for news.past.iter().map(|instants| past(instants, on_msg)) }{ for news.road_taken.iter().map(|taken| road_taken(taken, on_msg)) }</div>
            <div class={classes!("news", tone)}>
                <span class="news-mark" aria-hidden="true"></span>
                <p class={classes!("news-text", is_long.then_some("long"))}>{ prose(&news.sentence) }{ for news.told.map(|record| look_at(record, on_msg)) }</p>
                { for next_of(news, on_msg) }
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

/// That what was done has the run take another road, and that it waits there for whoever did it.
fn road_taken((from, left): &(Rc<str>, Option<usize>), on_msg: &Callback<Msg>) -> Html {
    let back = |left: usize| {
        html! { <span key="back">{ button("button quiet", "Back to the old road", None, on_msg, Msg::TakeBranch(left)) }</span> }
    };
    html! {
        <div class="past" key="road">
            <p><b>{ format!("Another road from {from} on. Time is held.") }</b>{ " " }
                <span class="note">{ "Go on, or change more here first; the old road is kept." }</span></p>
            { for left.map(back) }
        </div>
    }
}

/// At the end of the sentence, where there is room for it at any width.
fn look_at(record: RecordRef, on_msg: &Callback<Msg>) -> Html {
    html! { <span key="told">{ " " }{ button("link", "Look at the record", None, on_msg, Msg::Select(Some(record))) }</span> }
}

/// The one large control: where another road was taken it has time go on, which is what that was for.
fn next_of(news: &News, on_msg: &Callback<Msg>) -> Option<Html> {
    let (label, msg) = match (&news.road_taken, &news.next_step) {
        (Some(_), _) => ("Go on from here".to_owned(), Msg::SetPlaying(true)),
        (None, Some(step)) => (step.label(), Msg::TakeStep(step.clone())),
        (None, None) => return None,
    };
    let onclick = on_msg.reform(move |_: MouseEvent| msg.clone());
    Some(html! { <button key="next" type="button" class="button next-step" {onclick}>{ label }</button> })
}

/// What a notice is about, to be opened.
fn opener(opens: Opens, on_msg: &Callback<Msg>) -> Html {
    let (label, msg) = match opens {
        Opens::Record(record) => ("Look at the record", Msg::Select(Some(record))),
        Opens::Service(service) => ("Look inside the service", Msg::OpenService(Some(service))),
    };
    html! { <span key="opens">{ button("button quiet", label, None, on_msg, msg) }</span> }
}

fn notice_of(notice: &Notice, on_msg: &Callback<Msg>) -> Html {
    html! {
        <p key="notice" class={classes!("notice", notice.is_error.then_some("error"))}>
            <span>{ &notice.text }</span>
            { for notice.opens.map(|it| opener(it, on_msg)) }
            { button("button quiet", "Dismiss", None, on_msg, Msg::DismissNotice) }
        </p>
    }
}
