//! What the browser keeps of the run, so that a reload or a crash returns to where it was.
//!
//! Each time a page is opened it takes a new name, under which it keeps its run, so that two tabs never write the same. The tab's own
//! memory (`sessionStorage`) says under which name the page before it in this tab kept its run; that survives a reload. A
//! duplicated tab has the memory of the other: it goes on from a copy of the run, under its own name.
//!
//! The run that was left for the present one is kept beside it, as long as there is room for both.

use super::sharing;
use crate::app::{Kept, Model, Speed};
use crate::run::file_of;
use crate::time::Instant;
use gloo::utils::window;
use js_sys::{Date, Math, Object, Reflect};
use std::rc::Rc;
use web_sys::Storage;

/// Where a tab remembers the name under which it keeps its run.
const TAB_KEY: &str = "catchup.tab";
/// Where runs are kept: behind this stands the name of the page.
const RUN_KEY: &str = "catchup.run.";
/// Where what was left for these runs is kept: behind this stands the name of the page, too.
const LEFT_KEY: &str = "catchup.left.";
/// Where the script that mends a failure leaves word of it.
const MENDED_KEY: &str = "catchup.mended";
/// How many runs are kept; the oldest go first.
const KEPT_MAX: usize = 8;
/// How long a run is kept, in milliseconds: 30 days.
const KEPT_MS_MAX: u64 = 30 * 24 * 3_600_000;
/// How long between two savings while only time goes by, and at least between any two, in milliseconds.
const SAVE_EVERY_MS: f64 = 5_000.0;
const SAVE_APART_MS_MIN: f64 = 500.0;
/// A link is kept beside the run as long as it takes no more than a few milliseconds to make.
const LINKED_COMMANDS_MAX: usize = 300;
/// What the browser calls a page that was loaded again. It calls a duplicated tab one that was gone back to.
const RELOAD: u16 = 1;

/// What is said when there is no room for what was left.
const LEFT_NOT_KEPT: &str = "This browser cannot keep the run that you left: after a reload it cannot be gone back to. The storage for this \
                             page is full.";

/// The runs that the browser keeps.
pub(super) struct Store {
    /// The name under which this page keeps its run.
    name: String,
    /// The fragment that the page was opened with.
    fragment: String,
    saved: Option<Mark>,
    saved_at_ms: f64,
    is_in_trouble: bool,
    /// What was left, as far as it is kept, or was found to have no room.
    left: Option<Rc<Kept>>,
}

/// What tells two states of the run apart.
#[derive(Clone, Copy, PartialEq)]
struct Mark {
    run_id: u32,
    commands: usize,
    branches: u64,
    playing: bool,
    speed: Speed,
    at: Instant,
    end: Instant,
    has_found: bool,
}

impl Mark {
    fn of(model: &Model) -> Self {
        Self {
            run_id: model.run_id(),
            commands: model.world().commands().len(),
            branches: names_in_short(model),
            playing: model.is_going_on(),
            speed: model.speed(),
            at: model.world().now(),
            end: model.end(),
            has_found: model.has_searched(),
        }
    }

    /// Whether the two differ in nothing but the time that went by.
    fn is_later(self, before: Self) -> bool {
        self.playing && Self { at: before.at, end: before.end, ..self } == before
    }
}

/// The branches by their names, in one number.
fn names_in_short(model: &Model) -> u64 {
    let texts = model.branches().iter().flat_map(|branch| branch.name.bytes().chain([0xff]));
    texts.fold(0, |short: u64, byte| short.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte))
}

/// What a page finds when it is opened.
pub(super) struct Found {
    /// The run that this tab has shown before.
    pub(super) kept: Option<Kept>,
    /// The run that was left for it.
    pub(super) left: Option<Rc<Kept>>,
    /// Whether the page before this one failed.
    pub(super) is_mended: bool,
}

impl Store {
    /// Takes a name, and looks for what the page before in this tab has kept.
    pub(super) fn open() -> (Self, Found) {
        let fragment = sharing::fragment().unwrap_or_default();
        let name = format!("{:08x}{:08x}", Math::random().to_bits() as u32, (Math::random() * 4_294_967_296.0) as u32);
        let tab = session();
        let before = tab.as_ref().and_then(|tab| tab.get_item(TAB_KEY).ok()?);
        let mended = tab.as_ref().and_then(|tab| tab.get_item(MENDED_KEY).ok()?);
        let record = before.as_ref().and_then(|before| record_of(before)).filter(|it| it.fragment == fragment);
        if let Some(tab) = &tab {
            drop(tab.set_item(TAB_KEY, &name));
            drop(tab.remove_item(MENDED_KEY));
        }
        let mut store = Self { name, fragment, saved: None, saved_at_ms: 0.0, is_in_trouble: false, left: None };
        let kept = record.as_ref().and_then(|record| Kept::read(&record.text));
        let left = record.zip(before).and_then(|(record, before)| store.take_over(&record, &before));
        (store, Found { kept, left, is_mended: mended.is_some() })
    }

    /// The runs are kept under the new name. Under the old one only if another tab may have them, which that of a reload cannot.
    /// Returns the one that was left.
    fn take_over(&mut self, record: &Record, before: &str) -> Option<Rc<Kept>> {
        let is_the_same_tab = window().performance().is_some_and(|it| it.navigation().type_() == RELOAD);
        let storage = local()?;
        if storage.set_item(&key_of(&self.name), &record.written()).is_ok() && is_the_same_tab {
            drop(storage.remove_item(&key_of(before)));
        }
        let text = storage.get_item(&left_key_of(before)).ok()??;
        if is_the_same_tab {
            drop(storage.remove_item(&left_key_of(before)));
        }
        let left = Rc::new(Kept::read(&text)?);
        self.left = storage.set_item(&left_key_of(&self.name), &text).ok().map(|()| left.clone());
        Some(left)
    }

    /// Keeps the run, if it has changed and it is time to. `Err` says what the person should know, once.
    pub(super) fn consider(&mut self, at_ms: f64, model: &Model) -> Result<(), String> {
        let mark = Mark::of(model);
        let since_ms = at_ms - self.saved_at_ms;
        let is_due = match self.saved {
            None => true,
            Some(saved) if saved == mark => self.is_other_left(model) && since_ms >= SAVE_APART_MS_MIN,
            Some(saved) if mark.is_later(saved) => since_ms >= SAVE_EVERY_MS,
            Some(_) => since_ms >= SAVE_APART_MS_MIN,
        };
        if is_due && !model.is_opening() {
            self.saved_at_ms = at_ms;
            return self.save(model);
        }
        Ok(())
    }

    /// Keeps the run now.
    pub(super) fn save(&mut self, model: &Model) -> Result<(), String> {
        let mark = Mark::of(model);
        // Another page may have made room.
        let is_there = || local().is_some_and(|it| it.get_item(&key_of(&self.name)).is_ok_and(|kept| kept.is_some()));
        if model.is_opening() {
            return Ok(());
        }
        if self.saved != Some(mark) || !is_there() {
            self.save_run(model, mark)?;
        }
        if self.is_other_left(model) { self.save_left(model) } else { Ok(()) }
    }

    fn save_run(&mut self, model: &Model, mark: Mark) -> Result<(), String> {
        let is_first = self.saved.replace(mark).is_none();
        let kept = model.kept();
        let file = match file_of(&kept.run) {
            Ok(file) => file,
            Err(error) => return self.trouble(&error.to_string()),
        };
        let text = kept.written_around(&file);
        hand_to_script(model, file);
        let record = Record { at_ms: Date::now() as u64, fragment: self.fragment.clone(), text };
        let Some(storage) = local() else { return self.trouble("It forbids pages to store anything.") };
        if is_first {
            make_room(&storage, &self.name);
        }
        let (key, written) = (key_of(&self.name), record.written());
        if storage.set_item(&key, &written).is_ok() {
            return Ok(());
        }
        // The run that is shown goes before all that were left.
        let left = keys_in(&storage, LEFT_KEY);
        for key in &left {
            drop(storage.remove_item(key));
        }
        match storage.set_item(&key, &written) {
            Ok(()) if left.contains(&left_key_of(&self.name)) => Err(LEFT_NOT_KEPT.to_owned()),
            Ok(()) => Ok(()),
            Err(_) => self.trouble("Its storage for this page is full, or forbidden."),
        }
    }

    /// Whether another run was left than the one that is kept, or none. Where nothing can be kept, that is not tried.
    fn is_other_left(&self, model: &Model) -> bool {
        !self.is_in_trouble && self.left.as_ref().map(Rc::as_ptr) != model.left_run().map(Rc::as_ptr)
    }

    /// Keeps the run that was left for this one, or forgets it.
    fn save_left(&mut self, model: &Model) -> Result<(), String> {
        self.left = model.left_run().cloned();
        let (Some(storage), key) = (local(), left_key_of(&self.name)) else { return Ok(()) };
        drop(storage.remove_item(&key));
        let Some(left) = &self.left else { return Ok(()) };
        let is_kept = left.written().is_ok_and(|text| storage.set_item(&key, &text).is_ok());
        is_kept.then_some(()).ok_or_else(|| LEFT_NOT_KEPT.to_owned())
    }

    fn trouble(&mut self, why: &str) -> Result<(), String> {
        if std::mem::replace(&mut self.is_in_trouble, true) {
            return Ok(());
        }
        Err(format!(
            "This browser cannot keep your run: after a reload it would begin anew. {why} Everything else works, and Save puts the \
             run into a file."
        ))
    }

    /// The address has another fragment now.
    pub(super) fn came_to(&mut self, fragment: String) {
        self.fragment = fragment;
    }

    /// The fragment that the page was opened with.
    pub(super) fn fragment(&self) -> &str {
        &self.fragment
    }

    /// The name under which this page keeps its run.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// The latest run that none of the pages of these names keeps.
pub(super) fn left_by_earlier_visit(present: &[String]) -> Option<Kept> {
    let storage = local()?;
    let mut names = names_in(&storage);
    names.retain(|(name, _)| !present.contains(name));
    names.into_iter().find_map(|(name, _)| Kept::read(&record_of(&name)?.text))
}

/// What is kept under one name.
struct Record {
    /// When it was written, in milliseconds of the clock on the wall.
    at_ms: u64,
    /// The fragment that the page was opened with.
    fragment: String,
    text: String,
}

impl Record {
    fn written(&self) -> String {
        format!("{} {}\n{}", self.at_ms, self.fragment, self.text)
    }
}

fn record_of(name: &str) -> Option<Record> {
    let written = local()?.get_item(&key_of(name)).ok()??;
    let (head, text) = written.split_once('\n')?;
    let (at_ms, fragment) = head.split_once(' ')?;
    Some(Record { at_ms: at_ms.parse().ok()?, fragment: fragment.to_owned(), text: text.to_owned() })
}

/// Removes what is too old, and the oldest of what is too much.
fn make_room(storage: &Storage, own: &str) {
    let now_ms = Date::now() as u64;
    let others = names_in(storage).into_iter().filter(|(name, _)| name != own);
    for (index, (name, at_ms)) in others.enumerate() {
        if index + 1 >= KEPT_MAX || now_ms.saturating_sub(at_ms) > KEPT_MS_MAX {
            drop(storage.remove_item(&key_of(&name)));
            drop(storage.remove_item(&left_key_of(&name)));
        }
    }
}

/// The names under which something is kept, and when it was written; the latest first.
fn names_in(storage: &Storage) -> Vec<(String, u64)> {
    let mut names: Vec<(String, u64)> = Vec::new();
    for key in keys_in(storage, RUN_KEY) {
        let name = key[RUN_KEY.len()..].to_owned();
        let at_ms = record_of(&name).map_or(0, |record| record.at_ms);
        let place = names.iter().position(|(_, other)| *other < at_ms).unwrap_or(names.len());
        names.insert(place, (name, at_ms));
    }
    names
}

/// The keys that begin so.
fn keys_in(storage: &Storage, beginning: &str) -> Vec<String> {
    let keys = (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok()?);
    keys.filter(|key| key.starts_with(beginning)).collect()
}

/// Leaves the run where it survives a failure of the WebAssembly, whether anything can be stored or not.
fn hand_to_script(model: &Model, file: String) {
    let kept = Object::new();
    let link = (model.run().commands.len() <= LINKED_COMMANDS_MAX).then(|| model.link().ok()).flatten();
    let parts = [("file", Some(file)), ("link", link)];
    for (name, part) in parts {
        drop(Reflect::set(&kept, &name.into(), &part.into()));
    }
    drop(Reflect::set(&window(), &"catchupKept".into(), &kept));
}

fn key_of(name: &str) -> String {
    format!("{RUN_KEY}{name}")
}

fn left_key_of(name: &str) -> String {
    format!("{LEFT_KEY}{name}")
}

fn local() -> Option<Storage> {
    window().local_storage().ok()?
}

fn session() -> Option<Storage> {
    window().session_storage().ok()?
}
