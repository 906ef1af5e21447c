//! The model as the page's component and `window.catchup` share it.

use super::drawing::Request;
use super::effects;
use crate::app::{Model, Msg, update};
use std::cell::{Ref, RefCell};
use std::rc::Rc;
use yew::Callback;

/// The one model of the page, and how to have the page drawn again.
#[derive(Clone)]
pub(super) struct Shared {
    model: Rc<RefCell<Model>>,
    redraw: Redraw,
    on_msg: Callback<Msg>,
}

/// How to have the page drawn again.
#[derive(Clone)]
pub(super) struct Redraw {
    /// At once: a script sees what it has done.
    pub(super) now: Callback<()>,
    /// In a later frame: a person sees it then, once, however much it was.
    pub(super) soon: Callback<Request>,
}

impl Shared {
    pub(super) fn new(model: Model, redraw: Redraw, on_msg: Callback<Msg>) -> Self {
        Self { model: Rc::new(RefCell::new(model)), redraw, on_msg }
    }

    /// The model, to be looked at.
    pub(super) fn model(&self) -> Ref<'_, Model> {
        self.model.borrow()
    }

    /// Takes in what happened, runs what comes of it, and has it drawn.
    pub(super) fn update(&self, msg: Msg) {
        let request = Request::of(&msg);
        let effects = update(&mut self.model.borrow_mut(), msg);
        let once_drawn = effects.into_iter().filter_map(|effect| effects::run(effect, &self.on_msg)).collect();
        self.redraw.soon.emit(request.then(once_drawn));
    }

    /// The model, to be looked at by a script: at the instant that it is to be looked at.
    pub(super) fn settled(&self) -> Ref<'_, Model> {
        if self.model().is_opening() {
            self.with(|_| ());
        }
        self.model()
    }

    /// Changes the model directly, once a run that is being opened is there: for what has an answer.
    pub(super) fn with<T>(&self, change: impl FnOnce(&mut Model) -> T) -> T {
        self.advance(Model::finish_opening);
        let answer = change(&mut self.model.borrow_mut());
        self.redraw.now.emit(());
        answer
    }

    /// Moves the model on without having it drawn.
    pub(super) fn advance<T>(&self, change: impl FnOnce(&mut Model) -> T) -> T {
        change(&mut self.model.borrow_mut())
    }
}
