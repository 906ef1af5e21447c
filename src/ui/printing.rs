//! When the page is printed: the report is there only then.

use gloo::events::EventListener;
use gloo::utils::window;
use yew::Callback;

/// Listens until it is dropped.
pub(super) struct Printing {
    _listeners: [EventListener; 3],
}

impl Printing {
    /// Tells `on_change` when the page is about to be printed, and when it has been. A preview of what would be printed, as tools for
    /// developers have, is told by the medium alone.
    pub(super) fn listen(on_change: Callback<bool>) -> Option<Self> {
        let medium = window().match_media("print").ok()??;
        let on_medium = {
            let (medium, on_change) = (medium.clone(), on_change.clone());
            move |_: &web_sys::Event| on_change.emit(medium.matches())
        };
        Some(Self {
            _listeners: [
                EventListener::new(&window(), "beforeprint", move |_| on_change.emit(true)),
                EventListener::new(&window(), "afterprint", on_medium.clone()),
                EventListener::new(&medium, "change", on_medium),
            ],
        })
    }
}
