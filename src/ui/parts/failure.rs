//! What is shown when the page cannot begin.

use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(in crate::ui) struct FailureProps {
    pub(in crate::ui) reason: String,
}

#[component]
pub(in crate::ui) fn Failure(props: &FailureProps) -> Html {
    html! {
        <main class="failure">
            <h1>{ "Catchup could not start" }</h1>
            <p>{ &props.reason }</p>
        </main>
    }
}
