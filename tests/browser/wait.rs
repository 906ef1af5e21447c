//! Waiting for what a page will come to. Nothing here sleeps: a condition is looked at once a frame, until it holds.

use gloo::render::request_animation_frame;
use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// How long anything is waited for, in milliseconds: far longer than it takes on a slow machine that does other things too.
const DEADLINE_MS: f64 = 30_000.0;

/// Waits for `condition` to give something, and returns that. Fails with `what` was awaited.
pub(crate) async fn until_some<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline_ms = now_ms() + DEADLINE_MS;
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(now_ms() < deadline_ms, "waited {} s in vain: {what}", DEADLINE_MS / 1_000.0);
        frame().await;
    }
}

/// Waits for `condition` to hold. Fails with `what` was awaited.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    until_some(what, || condition().then_some(())).await;
}

/// Waits for the next frame.
async fn frame() {
    let is_over = Rc::new(Cell::new(false));
    let mut request = None;
    poll_fn(|context| {
        if is_over.get() {
            return Poll::Ready(());
        }
        let (is_over, waker) = (is_over.clone(), context.waker().clone());
        request = Some(request_animation_frame(move |_| {
            is_over.set(true);
            waker.wake();
        }));
        Poll::Pending
    })
    .await;
    drop(request);
}

fn now_ms() -> f64 {
    gloo::utils::window().performance().expect("a clock").now()
}
