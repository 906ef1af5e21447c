//! The page's one component with a life of its own: it holds the model, moves it with the frames, and draws it.

use super::at_home;
use super::drawing::{Drawing, Due, Extent, Request};
use super::dropping::Dropping;
use super::earning::Earning;
use super::effects::{FocusedRecord, OnceDrawn, focused_record, is_focus_nowhere, keep_focus, remembered_theme, run};
use super::flow::{Flow, FlowRefs};
use super::folding;
use super::frames::Frames;
use super::handle::Handle;
use super::keeper::{self, Keeper};
use super::keys;
use super::parts;
use super::printing::Printing;
use super::shared::{Redraw, Shared};
use crate::app::view::report;
use crate::app::{Effect, HomeMsg, Layout, Model, Msg};
use crate::scenario::{SHIPPED, shipped};
use crate::time::Span;
use gloo::events::EventListener;
use gloo::utils::window;
use std::cell::RefCell;
use yew::prelude::*;

/// How much of a frame the simulation may take, in milliseconds.
const FRAME_BUDGET_MS: f64 = 6.0;
/// The same while somebody is at work on the page, and may wait for this frame to be over.
const HANDS_ON_BUDGET_MS: f64 = 3.0;
/// The same in a frame that answers somebody.
const BUSY_FRAME_BUDGET_MS: f64 = 1.0;
/// How many things happen at most in one frame in the day with direct calls.
const DIRECT_STEPS_MAX: u32 = 20_000;
/// How long the picture may lag behind what time has moved on the page, in milliseconds: to look where everything is costs.
const MEASURE_EVERY_MS: f64 = 500.0;
/// How long the run may go without a look whether it is to be kept, in milliseconds.
const KEEP_WITHIN_MS: f64 = 1_000.0;
/// The seed of the first run.
const FIRST_SEED: u64 = 42;

/// How much of a frame a run that is being opened may take, and how much before the page is first drawn, in milliseconds.
const OPENING_BUDGET_MS: f64 = 30.0;
const FIRST_OPENING_BUDGET_MS: f64 = 250.0;

/// How the page is mounted.
#[derive(PartialEq, Eq, Properties)]
pub struct RootProps {
    /// Whether the run is kept in the browser, and the address may say what to open.
    pub is_kept: bool,
}

/// What happens to the page.
pub enum RootMsg {
    /// Something the model knows about.
    App(Msg),
    /// A frame is due, at this time in milliseconds.
    Frame(f64),
    /// The model has changed, and is to be drawn now.
    Redraw,
    /// The model has changed, and is to be drawn in a later frame.
    RedrawSoon(Request),
    /// The page is about to be printed, or has been.
    Print(bool),
}

/// How much of the page is there: what lies below what is seen first comes when that can be used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    First,
    Whole,
}

/// The page.
pub struct Root {
    shared: Option<Shared>,
    failure: Option<String>,
    /// One callback for the life of the page: a new one each time would have everything drawn again.
    on_msg: Callback<Msg>,
    flow: Flow,
    flow_refs: FlowRefs,
    /// When the picture was last fitted to where things are, and from when on it is to be fitted again.
    measured_ms: f64,
    measure_from_ms: f64,
    drawing: Drawing,
    shown: Shown,
    last_frame_ms: Option<f64>,
    is_printed: bool,
    /// The record that had the keyboard's focus before the page is drawn again.
    focused_record: RefCell<Option<FocusedRecord>>,
    /// What waits for the page to be drawn.
    once_drawn: Vec<OnceDrawn>,
    keeper: Option<Keeper>,
    /// When it was last looked whether the run is to be kept.
    kept_at_ms: f64,
    _frames: Frames,
    _dropping: Option<Dropping>,
    _embedded: Option<EventListener>,
    _keys: Option<EventListener>,
    _folding: [EventListener; 2],
    _printing: Option<Printing>,
    _resize: EventListener,
}

impl Component for Root {
    type Message = RootMsg;
    type Properties = RootProps;

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link();
        let redraw = Redraw { now: link.callback(|()| RootMsg::Redraw), soon: link.callback(RootMsg::RedrawSoon) };
        let on_msg = ctx.link().callback(RootMsg::App);
        let opened = shipped(SHIPPED[0].0).map(|scenario| Model::opened(scenario, FIRST_SEED));
        let (shared, failure) = match opened {
            Ok(model) => (Some(Shared::new(model, redraw, on_msg.clone())), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let kept = shared.as_ref().filter(|_| ctx.props().is_kept);
        let is_embedded = kept.is_some_and(lay_out);
        // Before a run is opened: of its challenges only those that were earned here may be this person's.
        let earning = kept.filter(|_| !is_embedded).map(Earning::recall).unwrap_or_default();
        let keeper = kept.filter(|_| !is_embedded).map(|shared| Keeper::begin(shared, &on_msg));
        let embedded = kept.filter(|_| is_embedded).map(|shared| keeper::embed(shared, &on_msg));
        let printing = Printing::listen(ctx.link().callback(RootMsg::Print));
        let keys = shared.clone().map(keys::listen);
        if let Some(shared) = &shared {
            begin(shared);
        }
        let dropping =
            shared.clone().map(|shared| Dropping::listen(move || shared.model().world().seed(), on_msg.clone()));
        let link = link.clone();
        let shown = if is_laid_out(shared.as_ref()) { Shown::Whole } else { Shown::Nothing };
        Self {
            shared,
            failure,
            on_msg,
            flow: Flow::default(),
            flow_refs: FlowRefs::default(),
            measured_ms: 0.0,
            measure_from_ms: 0.0,
            drawing: Drawing::new(earning),
            shown,
            last_frame_ms: None,
            is_printed: false,
            focused_record: RefCell::default(),
            once_drawn: Vec::new(),
            keeper,
            kept_at_ms: 0.0,
            _frames: frames(ctx),
            _dropping: dropping,
            _embedded: embedded,
            _keys: keys,
            _folding: folding::listen(),
            _printing: printing,
            _resize: EventListener::new(&window(), "resize", move |_| link.send_message(RootMsg::Redraw)),
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Self::Message) -> bool {
        match msg {
            RootMsg::App(msg) => {
                if let Some(shared) = &self.shared {
                    shared.update(msg);
                }
                // That may have moved it. Where it is nowhere, its cell has just been taken away, and it is to come back.
                let focused = self.focused_record.get_mut();
                if focused.is_some() && !is_focus_nowhere() {
                    *focused = focused_record();
                }
                false // the model asks to be drawn by itself
            }
            RootMsg::Redraw => {
                self.measure_from_ms = 0.0; // things may have moved
                self.drawing.discard();
                true
            }
            RootMsg::RedrawSoon(request) => {
                self.drawing.ask(request);
                false
            }
            RootMsg::Print(is_printed) => {
                self.drawing.discard();
                std::mem::replace(&mut self.is_printed, is_printed) != is_printed
            }
            RootMsg::Frame(at_ms) => {
                self.measure(ctx, at_ms);
                self.move_on(at_ms) | self.show_more()
            }
        }
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        let Some(shared) = &self.shared else {
            return parts::failure(self.failure.as_deref().unwrap_or_default());
        };
        // What was drawn before may not have been followed up yet: then cells are other records' already, and it is known whose
        // they were. It is asked here, at the last moment: a drawing that is followed up meanwhile may move the focus.
        let mut focused = self.focused_record.borrow_mut();
        if focused.is_none() {
            *focused = focused_record();
        }
        let page = self.drawing.page(&shared.model());
        let report = self.is_printed.then(|| report(&shared.model()));
        let has_all = self.shown == Shown::Whole;
        parts::page(&page, has_all, self.drawing.announcement(), report, &self.flow_refs, &self.on_msg)
    }

    fn rendered(&mut self, _ctx: &Context<Self>, _first_render: bool) {
        if let Some(record) = self.focused_record.take() {
            keep_focus(record);
        }
        for act in std::mem::take(&mut self.once_drawn) {
            act();
        }
        self.measure_from_ms = self.measure_from_ms.min(self.measured_ms + MEASURE_EVERY_MS);
    }
}

impl Root {
    /// Fits the picture to where things are. At the beginning of a frame, when the browser knows that already: to ask at
    /// once after a drawing would have it lay the page out twice.
    fn measure(&mut self, ctx: &Context<Self>, at_ms: f64) {
        if at_ms < self.measure_from_ms {
            return;
        }
        (self.measured_ms, self.measure_from_ms) = (at_ms, f64::INFINITY);
        if let Some(cells) = self.flow.measure(&self.flow_refs) {
            ctx.link().send_message(RootMsg::App(Msg::SetLaneCells(cells)));
        }
    }

    /// Brings the page on, if not all of it is there. Returns whether it is to be drawn for that.
    fn show_more(&mut self) -> bool {
        let (shown, is_drawn) = match self.shown {
            Shown::Nothing => (Shown::First, false), // this frame shows what has just been drawn
            Shown::First => (Shown::Whole, true),
            Shown::Whole => return false,
        };
        self.shown = shown;
        is_drawn
    }

    /// Moves the model on, as far as that goes within a frame. Returns when that is to be drawn, time apart.
    fn pass_time(&self, shared: &Shared, elapsed_ms: f64) -> Due {
        let began_ms = self.drawing.now_ms();
        let took_ms = || self.drawing.now_ms() - began_ms;
        let budget_ms = match (self.drawing.is_answer_due(), self.drawing.is_hands_on()) {
            (true, _) => BUSY_FRAME_BUDGET_MS,
            (false, true) => HANDS_ON_BUDGET_MS,
            (false, false) => FRAME_BUDGET_MS,
        };
        shared.advance(|model| {
            let was_opening = model.is_opening();
            while model.open_on() && took_ms() < OPENING_BUDGET_MS {}
            model.owe(Span::from_us((elapsed_ms * 1_000.0) as u64));
            while model.pay() && took_ms() < budget_ms {}
            model.settle();
            let has_followed = model.follow_direct(DIRECT_STEPS_MAX);
            match was_opening {
                true if !model.is_opening() => Due::Whole,
                false if !has_followed => Due::Not,
                true | false => Due::InTurn,
            }
        })
    }

    /// Moves the model by the time since the last frame, draws what flies, and says whether the page is to be drawn.
    fn move_on(&mut self, at_ms: f64) -> bool {
        let Some(shared) = self.shared.clone() else { return false };
        let elapsed_ms = self.last_frame_ms.map_or(0.0, |last| (at_ms - last).max(0.0));
        self.last_frame_ms = Some(at_ms);
        let due = self.pass_time(&shared, elapsed_ms);
        self.drawing.ask(due);
        let flights = shared.advance(Model::take_flights);
        self.flow.draw(at_ms, &flights);
        let extent = self.drawing.decide(at_ms, &shared);
        if extent == Extent::Changed {
            self.measure_from_ms = 0.0; // things may have moved
            self.once_drawn.append(&mut self.drawing.take_once_drawn());
        }
        self.keep(at_ms, &shared, extent);
        extent != Extent::Nothing
    }

    /// Keeps the run, if it is time to: in a frame that has nothing else to do, or when there was none for long.
    fn keep(&mut self, at_ms: f64, shared: &Shared, extent: Extent) {
        if let Some(keeper) = &self.keeper
            && (extent == Extent::Nothing || at_ms - self.kept_at_ms > KEEP_WITHIN_MS)
        {
            self.kept_at_ms = at_ms;
            keeper.consider(at_ms, shared);
        }
    }
}

/// Whether only some panels are shown; then any may be the first that is seen.
fn is_laid_out(shared: Option<&Shared>) -> bool {
    shared.is_some_and(|shared| *shared.model().layout() != Layout::Whole)
}

/// Shows the panels that the address asks for. Returns whether they are embedded.
fn lay_out(shared: &Shared) -> bool {
    let (layout, complaint) = at_home::layout();
    let is_embedded = matches!(layout, Layout::Embedded(_));
    shared.advance(|model| {
        model.set_layout(layout);
        if let Some(complaint) = complaint {
            drop(crate::app::update(model, Msg::Complain(complaint)));
        }
    });
    is_embedded
}

/// What a person meets: the colours of an earlier visit, and a run that goes on.
fn begin(shared: &Shared) {
    let theme = remembered_theme();
    let shortcuts = Msg::Home(HomeMsg::SetShortcuts(at_home::remembered_shortcuts()));
    shared.advance(|model| {
        drop(crate::app::update(model, Msg::SetTheme(theme)));
        drop(crate::app::update(model, shortcuts));
    });
    drop(run(Effect::ApplyTheme(theme), &Callback::noop()));
    let began_ms = js_sys::Date::now();
    shared.advance(|model| {
        if !model.is_opening() && model.run_id() == 0 {
            drop(crate::app::update(model, Msg::SetPlaying(true)));
        }
        while model.open_on() && js_sys::Date::now() - began_ms < FIRST_OPENING_BUDGET_MS {}
    });
    Handle::install(shared.clone());
}

fn frames(ctx: &Context<Root>) -> Frames {
    let link = ctx.link().clone();
    Frames::listen(move |at_ms| link.send_message(RootMsg::Frame(at_ms)))
}
