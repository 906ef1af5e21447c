//! What people outside see: a delivery schedule, customers' phones.

use crate::app::Msg;
use crate::app::view::{OutcomeBoard, PhoneView, ScheduleRow, TextView};
use crate::sim::ServiceId;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(super) struct OutcomeProps {
    pub(super) board: Rc<OutcomeBoard>,
    /// For how long nothing new has come, if the service is away.
    pub(super) quiet: Option<String>,
    pub(super) service: ServiceId,
    pub(super) on_msg: Callback<Msg>,
}

#[component]
pub(super) fn Outcome(props: &OutcomeProps) -> Html {
    let (title, body) = match &*props.board {
        OutcomeBoard::Schedule { title, stages, rows } => (title, schedule(title, *stages, rows)),
        OutcomeBoard::Phones { title, phones, subjects } => (title, self::phones(phones, subjects, props)),
    };
    html! {
        <section class={classes!("outcome", props.quiet.is_some().then_some("silent"))} aria-label={title.to_string()}>
            <div class="outcome-head">
                <h3>{ &**title }</h3>
                <p class="quiet-word">{ props.quiet.clone().unwrap_or_default() }</p>
            </div>
            { body }
        </section>
    }
}

fn schedule(title: &str, stages: usize, rows: &[ScheduleRow]) -> Html {
    html! {
        <table class="schedule" aria-label={title.to_owned()}>
            <thead class="unseen"><tr><th scope="col">{ "What" }</th><th scope="col">{ "How far" }</th><th scope="col">{ "Plan" }</th></tr></thead>
            <tbody>{ for rows.iter().map(|row| schedule_row(stages, row)) }</tbody>
        </table>
    }
}

fn schedule_row(stages: usize, row: &ScheduleRow) -> Html {
    html! {
        <tr key={row.subject.to_string()}>
            <th scope="row">{ &*row.subject }<small>{ &*row.detail }</small></th>
            <td>
                <span class="steps" aria-hidden="true">
                    { for (1..=stages).map(|step| html! {
                        <i key={step} class={classes!((step <= row.stage_number).then_some("done"))}></i>
                    }) }
                </span>
                <span class="stage">{ &*row.stage }</span>
            </td>
            <td>{ &*row.text }{ late(row.late.as_deref()) }</td>
        </tr>
    }
}

fn phones(phones: &[PhoneView], subjects: &[Rc<str>], props: &OutcomeProps) -> Html {
    html! {
        <div class="phones">
            { for phones.iter().enumerate().map(|(slot, phone)| html! {
                <section class="phone" key={slot} aria-label={format!("Phone of {}", phone.subject)}>
                    <div class="phone-screen">
                        { whose(slot, phone, subjects, props) }
                        <ol class="texts">{ for phone.texts.iter().map(text) }</ol>
                    </div>
                </section>
            }) }
        </div>
    }
}

fn whose(slot: usize, phone: &PhoneView, subjects: &[Rc<str>], props: &OutcomeProps) -> Html {
    let service = props.service.0;
    let onchange = props.on_msg.reform(move |event: Event| {
        let select = event.target().and_then(|it| it.dyn_into::<HtmlSelectElement>().ok());
        Msg::ShowSubject { service, slot, subject: select.map(|it| it.value()).unwrap_or_default() }
    });
    html! {
        <select class="whose" aria-label={format!("Whose phone is shown, place {}", slot + 1)} {onchange}>
            { for subjects.iter().map(|subject| html! {
                <option key={subject.to_string()} value={subject.to_string()} selected={*subject == phone.subject}>{ &**subject }</option>
            }) }
        </select>
    }
}

fn text(text: &TextView) -> Html {
    html! {
        <li class="text" key={text.key.clone()}>
            <span class="bubble">{ &*text.text }</span>
            <span class="text-when">{ &text.at }{ late(text.late.as_deref()) }
                { for text.again.then(|| html! { <b key="again" class="again">{ " sent again" }</b> }) }
            </span>
        </li>
    }
}

fn late(late: Option<&str>) -> Html {
    html! { { for late.map(|late| html! { <b key="late" class="late">{ late }</b> }) } }
}
