//! The page in the browser: Yew components, the picture of records on their way, `window.catchup`, and the one place that
//! runs effects. What is shown and what may happen is decided in [`crate::app`].

mod effects;
mod flow;
mod handle;
mod parts;
mod root;
mod shared;

pub use root::Root;

/// Mounts the page on the document's body.
pub fn mount() {
    yew::Renderer::<Root>::new().render();
}

/// Mounts the page on `element`, with its scenario and seed as they are by default.
pub fn mount_on(element: web_sys::Element) {
    yew::Renderer::<Root>::with_root(element).render();
}
