//! The shape of a group: what tells groups apart for those who do not see their colours.

use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(super) struct ShapeProps {
    /// Which of the groups, from 0.
    pub(super) index: usize,
    /// Whether it is drawn full, or as an outline.
    #[prop_or(true)]
    pub(super) full: bool,
}

#[component]
pub(super) fn Shape(props: &ShapeProps) -> Html {
    let body = match props.index % 4 {
        0 => html! { <rect x="1.5" y="1.5" width="9" height="9" rx="1" /> },
        1 => html! { <path d="M6 1 L11 10.5 L1 10.5 Z" /> },
        2 => html! { <circle cx="6" cy="6" r="4.7" /> },
        _ => html! { <path d="M6 .8 L11.2 6 L6 11.2 L.8 6 Z" /> },
    };
    let class = classes!("shape", format!("ink-{}", props.index % 4), (!props.full).then_some("hollow"));
    html! { <svg {class} viewBox="0 0 12 12" aria-hidden="true">{ body }</svg> }
}
