//! Controls with their names: a field that is filled in or chosen from, a button.

use crate::app::Msg;
use yew::prelude::*;

/// A `control`, named by the words before it. The `hint` is what more there is to say of it.
pub(super) fn field(class: &'static str, name: &'static str, hint: &'static str, control: Html) -> Html {
    let hint = (!hint.is_empty()).then(|| html! { <small key="hint">{ hint }</small> });
    html! { <label {class}><span>{ name }{ for hint }</span>{ control }</label> }
}

/// A button that does one thing; what that is, the `title` says if `label` does not.
pub(super) fn button(
    class: &'static str,
    label: &'static str,
    title: Option<&'static str>,
    on_msg: &Callback<Msg>,
    msg: Msg,
) -> Html {
    let onclick = on_msg.reform(move |_: MouseEvent| msg.clone());
    html! { <button type="button" {class} {title} {onclick}>{ label }</button> }
}

/// What a field does to the draft that it is a part of.
pub(super) fn on_change<D: Clone + 'static>(draft: &UseStateHandle<D>, change: fn(&mut D, String)) -> Callback<String> {
    let draft = draft.clone();
    Callback::from(move |value: String| {
        let mut next = (*draft).clone();
        change(&mut next, value);
        draft.set(next);
    })
}
