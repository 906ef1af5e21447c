//! What becomes of a panic. Behind it the WebAssembly can no longer be trusted, so all that is done here is to tell the page's small
//! script `recover.js` what the panic says; the script has the run that was kept last, and offers to go on from there.

use gloo::utils::document;
use wasm_bindgen::JsValue;
use web_sys::{CustomEvent, CustomEventInit};

/// What the script listens for.
const FAILED: &str = "catchup-failed";

/// From now on a panic is told to the script, and to the console.
pub(super) fn tell_of_panics() {
    yew::set_custom_panic_hook(Box::new(|panic| {
        let text = panic.to_string();
        gloo::console::error!(&text);
        let with = CustomEventInit::new();
        with.set_detail(&JsValue::from_str(&text));
        if let Ok(event) = CustomEvent::new_with_event_init_dict(FAILED, &with) {
            drop(document().dispatch_event(&event));
        }
    }));
}
