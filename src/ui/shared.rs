//! The model as the page's component and `window.catchup` share it.

use super::effects;
use crate::app::{Model, Msg, update};
use std::cell::{Ref, RefCell};
use std::rc::Rc;
use yew::Callback;

/// The one model of the page, and how to have the page drawn again.
#[derive(Clone)]
pub(super) struct Shared {
    model: Rc<RefCell<Model>>,
    redraw: Callback<()>,
}

impl Shared {
    pub(super) fn new(model: Model, redraw: Callback<()>) -> Self {
        Self { model: Rc::new(RefCell::new(model)), redraw }
    }

    /// The model, to be looked at.
    pub(super) fn model(&self) -> Ref<'_, Model> {
        self.model.borrow()
    }

    /// Takes in what happened, and runs what comes of it.
    pub(super) fn update(&self, msg: Msg) {
        let effects = update(&mut self.model.borrow_mut(), msg);
        effects.into_iter().for_each(effects::run);
        self.redraw.emit(());
    }

    /// Changes the model directly: for what has an answer.
    pub(super) fn with<T>(&self, change: impl FnOnce(&mut Model) -> T) -> T {
        let answer = change(&mut self.model.borrow_mut());
        self.redraw.emit(());
        answer
    }

    /// Moves the model on without having it drawn.
    pub(super) fn advance<T>(&self, change: impl FnOnce(&mut Model) -> T) -> T {
        change(&mut self.model.borrow_mut())
    }
}
