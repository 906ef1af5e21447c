//! Which other pages of Catchup are open in this browser: each answers with the name under which it keeps its run.

use gloo::timers::callback::Timeout;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

const CHANNEL: &str = "catchup";
const QUESTION: &str = "who is there?";
/// How long answers are waited for, in milliseconds.
const WAIT_MS: u32 = 300;

/// Answers, until it is dropped.
pub(super) struct RollCall {
    channel: BroadcastChannel,
    answers: Rc<RefCell<Vec<String>>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    waiting: Option<Timeout>,
}

impl RollCall {
    /// Answers to `name` from now on. A browser in which pages cannot talk has none.
    pub(super) fn answer(name: String) -> Option<Self> {
        let channel = BroadcastChannel::new(CHANNEL).ok()?;
        let answers = Rc::new(RefCell::new(Vec::new()));
        let on_message = {
            let (channel, answers) = (channel.clone(), answers.clone());
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| match event.data().as_string() {
                Some(question) if question == QUESTION => drop(channel.post_message(&name.as_str().into())),
                Some(answer) => answers.borrow_mut().push(answer),
                None => {}
            })
        };
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Some(Self { channel, answers, _on_message: on_message, waiting: None })
    }

    /// Asks who is there, and tells `on_answers` after a while.
    pub(super) fn ask(&mut self, on_answers: impl FnOnce(&[String]) + 'static) {
        drop(self.channel.post_message(&QUESTION.into()));
        let answers = self.answers.clone();
        self.waiting = Some(Timeout::new(WAIT_MS, move || on_answers(&answers.borrow())));
    }
}

impl Drop for RollCall {
    fn drop(&mut self) {
        self.channel.close();
    }
}
