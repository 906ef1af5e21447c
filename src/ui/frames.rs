//! The browser's frames, one after the other, for as long as this is kept. The function that the browser calls is made once:
//! a new one for each frame would take longer than what most frames are for.

use gloo::utils::window;
use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Calls a function in each frame until it is dropped.
pub(super) struct Frames(Rc<Inner>);

struct Inner {
    /// What the browser calls.
    called: OnceCell<Closure<dyn FnMut(f64)>>,
    /// The number of the frame that is asked for, so that it can be called off.
    asked: Cell<Option<i32>>,
}

impl Frames {
    /// Has `on_frame` called in each frame, with the frame's time in milliseconds.
    pub(super) fn listen(mut on_frame: impl FnMut(f64) + 'static) -> Self {
        let inner = Rc::new(Inner { called: OnceCell::new(), asked: Cell::new(None) });
        let weak = Rc::downgrade(&inner);
        let called = Closure::new(move |at_ms| {
            if let Some(inner) = weak.upgrade() {
                inner.ask();
            }
            on_frame(at_ms);
        });
        inner.called.get_or_init(|| called);
        inner.ask();
        Self(inner)
    }
}

impl Inner {
    fn ask(&self) {
        let called = self.called.get().map(|called| called.as_ref().unchecked_ref());
        self.asked.set(called.and_then(|called| window().request_animation_frame(called).ok()));
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        if let Some(asked) = self.0.asked.take() {
            // What cannot be called off has been called already.
            drop(window().cancel_animation_frame(asked));
        }
    }
}
