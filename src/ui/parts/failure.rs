//! What is shown when the page cannot begin.

use yew::prelude::*;

pub(in crate::ui) fn failure(reason: &str) -> Html {
    html! {
        <main class="failure">
            <h1>{ "Catchup could not start" }</h1>
            <p>{ reason }</p>
        </main>
    }
}
