//! How often the page is drawn anew while time runs: ten times a second, and less often where a drawing takes long.

use gloo::timers::callback::Timeout;
use gloo::utils::window;
use std::cell::Cell;
use std::rc::Rc;
use web_sys::Performance;

/// How long between two drawings at least, in milliseconds. What moves smoothly is drawn on the canvas.
const EVERY_MS: f64 = 100.0;
/// How long between two drawings at most, in milliseconds.
const EVERY_MAX_MS: f64 = 500.0;
/// How many times as long as a drawing takes there is until the next: the rest is for input, and for what moves.
const REST: f64 = 10.0;

/// When the page is drawn.
pub(super) struct Pace {
    performance: Option<Performance>,
    last_ms: f64,
    /// How long the last drawing took, with style, layout and paint.
    took_ms: Rc<Cell<f64>>,
    /// Comes to its turn when the browser is done with the frame.
    done: Option<Timeout>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { performance: window().performance(), last_ms: 0.0, took_ms: Rc::default(), done: None }
    }

    /// The time, in milliseconds.
    pub(super) fn now_ms(&self) -> f64 {
        self.performance.as_ref().map_or(0.0, Performance::now)
    }

    /// Whether it is time for a drawing, in the frame that is due at `at_ms`.
    pub(super) fn is_due(&self, at_ms: f64) -> bool {
        at_ms - self.last_ms >= (self.took_ms.get() * REST).clamp(EVERY_MS, EVERY_MAX_MS)
    }

    /// Notes that the page is drawn in the frame that is due at `at_ms`.
    pub(super) fn begin(&mut self, at_ms: f64) {
        self.last_ms = at_ms;
        let (began_ms, took_ms, performance) = (self.now_ms(), self.took_ms.clone(), self.performance.clone());
        self.done = Some(Timeout::new(0, move || {
            took_ms.set(performance.map_or(0.0, |performance| performance.now() - began_ms));
        }));
    }
}
