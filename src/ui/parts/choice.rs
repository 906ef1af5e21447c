//! A list to choose one from. It shows what the model holds: a choice is shown once the model has taken it, and a choice
//! that was refused is not.

use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// What can be chosen: a value, and how it reads.
pub(super) type Offer = (AttrValue, AttrValue);

/// A list of `offers`, called `name` unless a label around it says how it is called.
pub(super) fn choice(
    name: Option<AttrValue>,
    offers: impl Iterator<Item = Offer>,
    chosen: &str,
    on_choice: Callback<String>,
) -> Html {
    judged_choice(name, offers, chosen, on_choice, None)
}

/// The same; `wrong_because` is the id of what says why the last choice was not taken.
pub(super) fn judged_choice(
    name: Option<AttrValue>,
    offers: impl Iterator<Item = Offer>,
    chosen: &str,
    on_choice: Callback<String>,
    wrong_because: Option<String>,
) -> Html {
    let invalid = wrong_because.as_ref().map(|_| "true");
    let shown = chosen.to_owned();
    let onchange = Callback::from(move |event: Event| {
        if let Some(select) = event.target().and_then(|it| it.dyn_into::<HtmlSelectElement>().ok()) {
            let wanted = select.value();
            select.set_value(&shown);
            on_choice.emit(wanted);
        }
    });
    // The property: which option has the attribute is without effect once somebody has chosen.
    html! { <select aria-label={name} aria-invalid={invalid} aria-describedby={wrong_because} ~value={chosen.to_owned()} {onchange}>{ for offers.map(|offer| option(offer, chosen)) }</select> }
}

fn option((value, label): Offer, chosen: &str) -> Html {
    html! { <option key={value.to_string()} value={value.clone()} selected={value == chosen}>{ label }</option> }
}
