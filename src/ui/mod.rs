//! The page in the browser: Yew components, the picture of records on their way, `window.catchup`, and the one place that
//! runs effects. What is shown and what may happen is decided in [`crate::app`].

mod announcing;
mod at_home;
mod drawing;
mod dropping;
mod earning;
mod effects;
mod failing;
mod flow;
mod folding;
mod frames;
mod handle;
mod keeper;
mod keys;
mod pace;
mod parts;
mod printing;
mod roll_call;
mod root;
mod shared;
mod sharing;
mod storage;
mod worker;

pub use root::{Root, RootProps};
pub use worker::search;

/// Whether this runs in a page, and not in a worker.
pub fn is_page() -> bool {
    web_sys::window().is_some()
}

/// Mounts the page on the document's body.
pub fn mount() {
    failing::tell_of_panics();
    yew::Renderer::<Root>::with_props(RootProps { is_kept: true }).render();
}

/// Mounts the page on `element`, with its scenario and seed as they are by default. Nothing of it is kept in the browser.
pub fn mount_on(element: web_sys::Element) {
    yew::Renderer::<Root>::with_root_and_props(element, RootProps { is_kept: false }).render();
}
