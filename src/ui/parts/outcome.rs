//! What people outside see: a delivery schedule, customers' phones.

use super::choice::choice;
use super::part::Outcome;
use super::table::head;
use crate::app::Msg;
use crate::app::view::{OutcomeBoard, PhoneView, ScheduleRow, TextView};
use crate::sim::ServiceId;
use std::rc::Rc;
use yew::prelude::*;

#[inline(never)]
pub(super) fn outcome(outcome: &Outcome, on_msg: &Callback<Msg>) -> Html {
    let (title, body) = match &*outcome.board {
        OutcomeBoard::Schedule { title, stages, rows } => (title, schedule(title, *stages, rows)),
        OutcomeBoard::Phones { title, phones, subjects } => {
            (title, self::phones(phones, subjects, outcome.service, on_msg))
        }
    };
    html! {
        <section class={classes!("outcome", outcome.quiet.is_some().then_some("silent"))} aria-label={title.to_string()}>
            <div class="outcome-head">
                <h3>{ &**title }</h3>
                <p class="quiet-word">{ outcome.quiet.clone().unwrap_or_default() }</p>
            </div>
            { body }
        </section>
    }
}

fn schedule(title: &str, stages: usize, rows: &[ScheduleRow]) -> Html {
    html! {
        <table class="schedule" aria-label={title.to_owned()}>
            { head(Some("unseen"), &["What", "How far", "Latest"]) }
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

fn phones(phones: &[PhoneView], subjects: &[Rc<str>], service: ServiceId, on_msg: &Callback<Msg>) -> Html {
    html! {
        <div class="phones">
            { for phones.iter().enumerate().map(|(slot, phone)| html! {
                <section class="phone" key={slot} aria-label={format!("Phone of {}", phone.subject)}>
                    <div class="phone-screen">
                        { whose(slot, phone, subjects, service, on_msg) }
                        <ol class="texts">{ for phone.texts.iter().map(text) }</ol>
                    </div>
                </section>
            }) }
        </div>
    }
}

fn whose(
    slot: usize,
    phone: &PhoneView,
    subjects: &[Rc<str>],
    ServiceId(service): ServiceId,
    on_msg: &Callback<Msg>,
) -> Html {
    let on_choice = on_msg.reform(move |subject| Msg::ShowSubject { service, slot, subject });
    let name = format!("Whose phone is shown, place {}", slot + 1);
    let offers = subjects.iter().map(|subject| (subject.clone().into(), subject.clone().into()));
    html! { <div class="whose">{ choice(Some(name.into()), offers, &phone.subject, on_choice) }</div> }
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
    html! { { for late.map(|late| html! { <key="late">{ " " }<b class="late">{ late }</b></> }) } }
}
