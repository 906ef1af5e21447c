//! A word that explains itself where it stands: a button that opens one sentence beside it.

use crate::app::Term;
use yew::prelude::*;

/// The word, as `text`. What it means stands once on the page, in the glossary; the browser puts it beside the word.
pub(super) fn word(term: Term, text: &str) -> Html {
    html! { <button type="button" class="word" popovertarget={term.id()}>{ text }</button> }
}

/// What the words mean; each stays out of sight until its word is pressed.
#[inline(never)]
pub(super) fn glossary() -> Html {
    let meaning =
        |term: Term| html! { <p key={term.id()} id={term.id()} class="meaning" popover="auto">{ term.meaning() }</p> };
    html! { <div class="glossary">{ for Term::ALL.into_iter().map(meaning) }</div> }
}
