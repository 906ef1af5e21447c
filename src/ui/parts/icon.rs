//! Small pictures on controls. Each stands beside words, or on a control that has a name of its own.

use yew::prelude::*;

/// A picture on a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Icon {
    Back,
    Step,
    Undo,
    Redo,
    List,
    Hold,
    Restart,
    Roads,
}

/// The picture, sixteen units wide.
pub(super) fn icon(icon: Icon) -> Html {
    let d = match icon {
        Icon::Back => "M12 3v10L5 8zM4 3v10",
        Icon::Step => "M4 3v10l7-5zM12 3v10",
        Icon::Undo => "M6 3L2.5 6.5L6 10M3 6.5h6.5a3.5 3.5 0 0 1 0 7H7",
        Icon::Redo => "M10 3l3.5 3.5L10 10M13 6.5H6.5a3.5 3.5 0 0 0 0 7H9",
        Icon::List => "M6 4h8M6 8h8M6 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01",
        Icon::Hold => "M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13M6.2 5.5v5M9.8 5.5v5",
        Icon::Restart => "M3 8a5 5 0 1 0 1.6-3.6M5 1.8v3h3",
        Icon::Roads => "M4 2v12M4 9c0-3.5 8-2 8-7M12 2l-2 2M12 2l2 2",
    };
    html! { <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path {d} /></svg> }
}
