//! The one sentence that says what is happening now, and what went wrong if something did.

use crate::app::{Msg, Notice, Tone};
use std::rc::Rc;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(super) struct NewsProps {
    pub(super) sentence: Rc<str>,
    pub(super) tone: Tone,
    /// What a screen reader says; it changes less often than the sentence.
    pub(super) announcement: Rc<str>,
    pub(super) notice: Option<Rc<Notice>>,
    pub(super) on_msg: Callback<Msg>,
}

#[component]
pub(super) fn News(props: &NewsProps) -> Html {
    let tone = match props.tone {
        Tone::Calm => "calm",
        Tone::Down => "down",
        Tone::CatchingUp => "busy",
        Tone::Good => "good",
    };
    html! {
        <div class="news-wrap">
            <p class={classes!("news", tone)}><span class="news-mark" aria-hidden="true"></span>{ &*props.sentence }</p>
            <p class="unseen" role="status">{ &*props.announcement }</p>
            <div role="alert">{ for props.notice.iter().map(|notice| notice_of(notice, &props.on_msg)) }</div>
        </div>
    }
}

fn notice_of(notice: &Notice, on_msg: &Callback<Msg>) -> Html {
    let onclick = on_msg.reform(|_| Msg::DismissNotice);
    html! {
        <p key="notice" class={classes!("notice", notice.is_error.then_some("error"))}>
            <span>{ &notice.text }</span>
            <button type="button" class="button quiet" {onclick}>{ "Dismiss" }</button>
        </p>
    }
}
