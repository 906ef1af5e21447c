//! How often the page is drawn anew while time runs: nearly ten times a second, and less often where that takes long.

use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use gloo::utils::window;
use std::cell::Cell;
use std::rc::Rc;
use web_sys::Performance;

/// How long between the beginnings of two rounds at least, in milliseconds. What moves smoothly is drawn on the canvas.
const EVERY_MS: f64 = 100.0;
/// How long between them at most, in milliseconds.
const EVERY_MAX_MS: f64 = 1_250.0;
/// How many times as long as a round takes there is until the next: the rest is for input, and for what moves.
const REST: f64 = 14.0;
/// How much of a round a frame has to bear, in milliseconds: a round that takes longer is drawn in several.
const ROUND_SHARE_MS: f64 = 30.0;
/// Over how many frames a round is spread at most.
const FRAMES_MAX: f64 = 6.0;
/// How long after a press or a key the next is expected, in milliseconds: no frame that it may fall into is to take long.
const HANDS_ON_MS: f64 = 1_000.0;

/// When the page is drawn.
pub(super) struct Pace {
    performance: Option<Performance>,
    last_ms: f64,
    /// How long the last round took, with style, layout and paint.
    took_ms: Rc<Cell<f64>>,
    /// Come to their turn when the browser is done with the frame; that may be after the next one has begun.
    done: [Option<Timeout>; 2],
    /// When a key or the pointer was pressed last.
    pressed_ms: Rc<Cell<f64>>,
    _pressing: [EventListener; 2],
}

impl Pace {
    pub(super) fn new() -> Self {
        let performance = window().performance();
        let pressed_ms = Rc::new(Cell::new(f64::NEG_INFINITY));
        let pressing = ["pointerdown", "keydown"].map(|name| note_when(name, performance.clone(), pressed_ms.clone()));
        Self { performance, last_ms: 0.0, took_ms: Rc::default(), done: [None, None], pressed_ms, _pressing: pressing }
    }

    /// Whether somebody is at work on the page right now.
    pub(super) fn is_hands_on(&self) -> bool {
        self.now_ms() - self.pressed_ms.get() < HANDS_ON_MS
    }

    /// The time, in milliseconds.
    pub(super) fn now_ms(&self) -> f64 {
        self.performance.as_ref().map_or(0.0, Performance::now)
    }

    /// Whether it is time for a round, in the frame that is due at `at_ms`.
    pub(super) fn is_due(&self, at_ms: f64) -> bool {
        at_ms - self.last_ms >= (self.took_ms.get() * REST).clamp(EVERY_MS, EVERY_MAX_MS)
    }

    /// Notes that a round begins in the frame that is due at `at_ms`. Returns over how many frames it is to be spread.
    pub(super) fn begin(&mut self, at_ms: f64) -> usize {
        let frames = (self.took_ms.get() / ROUND_SHARE_MS).ceil().clamp(1.0, FRAMES_MAX);
        let frames = if self.is_hands_on() { FRAMES_MAX } else { frames } as usize;
        self.last_ms = at_ms;
        self.took_ms.set(0.0);
        frames
    }

    /// Adds to the round what this frame takes from here on.
    pub(super) fn measure(&mut self) {
        let (began_ms, took_ms, performance) = (self.now_ms(), self.took_ms.clone(), self.performance.clone());
        self.done.swap(0, 1);
        self.done[0] = Some(Timeout::new(0, move || {
            let now_ms = performance.map_or(began_ms, |performance| performance.now());
            took_ms.set(took_ms.get() + now_ms - began_ms);
        }));
    }
}

/// Notes when such an event comes, wherever on the page, before the page takes it in.
fn note_when(name: &'static str, performance: Option<Performance>, at_ms: Rc<Cell<f64>>) -> EventListener {
    EventListener::new_with_options(&window(), name, EventListenerOptions::run_in_capture_phase(), move |_| {
        at_ms.set(performance.as_ref().map_or(0.0, Performance::now));
    })
}
