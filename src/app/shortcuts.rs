//! Shortcuts of one key each. They can be switched off, because who dictates or types by accident would set them off.

use super::at_home::HomeMsg;
use super::keeping::KeepMsg;
use super::model::{Model, Speed, Theme};
use super::msg::Msg;
use crate::sim::{Command, ServiceId};

/// A shortcut: its keys, as browsers name them and as they are shown, and what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// The keys; each does the same.
    keys: &'static [&'static str],
    /// How they are written.
    pub shown: &'static str,
    /// What they do.
    pub what: &'static str,
    act: Act,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Play,
    Back,
    Step,
    End,
    Slower,
    Faster,
    Undo,
    Redo,
    Share,
    Save,
    Colours,
    Sheet,
    /// Switches the service with the number of the key.
    Switch,
}

const fn on(keys: &'static [&'static str], shown: &'static str, what: &'static str, act: Act) -> Shortcut {
    Shortcut { keys, shown, what, act }
}

/// All shortcuts, by group.
pub const SHORTCUTS: [(&str, &[Shortcut]); 3] = [
    (
        "Time",
        &[
            on(&[" ", "k"], "Space or K", "Play or pause", Act::Play),
            on(&[","], ",", "Back to the event before", Act::Back),
            on(&["."], ".", "Step to the next event", Act::Step),
            on(&["-"], "-", "Slower", Act::Slower),
            on(&["+", "="], "+", "Faster", Act::Faster),
            on(&["e"], "E", "To the end of the run", Act::End),
        ],
    ),
    (
        "The run",
        &[
            on(
                &["1", "2", "3", "4", "5", "6", "7", "8", "9"],
                "1 to 9",
                "Switch a service off or on, by its place in the flow",
                Act::Switch,
            ),
            on(&["u"], "U", "Undo", Act::Undo),
            on(&["r"], "R", "Redo", Act::Redo),
            on(&["s"], "S", "Share a link to it", Act::Share),
            on(&["d"], "D", "Save it as a file", Act::Save),
        ],
    ),
    (
        "The page",
        &[on(&["c"], "C", "Other colours", Act::Colours), on(&["?"], "?", "Show these shortcuts", Act::Sheet)],
    ),
];

/// What a key does, if it is a shortcut and they are switched on.
pub fn shortcut(model: &Model, key: &str) -> Option<Msg> {
    let key = key.to_ascii_lowercase();
    let all = SHORTCUTS.iter().flat_map(|(_, shortcuts)| shortcuts.iter());
    let found = all.into_iter().find(|shortcut| shortcut.keys.contains(&&*key))?;
    model.has_shortcuts().then(|| msg_of(model, found.act, &key))?
}

fn msg_of(model: &Model, act: Act, key: &str) -> Option<Msg> {
    Some(match act {
        Act::Play => Msg::SetPlaying(!model.is_playing()),
        Act::Back => Msg::StepBack,
        Act::Step => Msg::Step,
        Act::End => Msg::SeekEnd,
        Act::Slower => Msg::SetSpeed(*Speed::OFFERED.iter().rfind(|speed| **speed < model.speed())?),
        Act::Faster => Msg::SetSpeed(*Speed::OFFERED.iter().find(|speed| **speed > model.speed())?),
        Act::Undo => Msg::Undo,
        Act::Redo => Msg::Redo,
        Act::Share => Msg::Keep(KeepMsg::Share),
        Act::Save => Msg::Keep(KeepMsg::Save),
        Act::Colours => Msg::SetTheme(after(model.theme())),
        Act::Sheet => Msg::Home(HomeMsg::ShowShortcuts),
        Act::Switch => switch(model, key.parse().ok()?)?,
    })
}

fn switch(model: &Model, number: usize) -> Option<Msg> {
    let id: ServiceId = model.world().service_ids().nth(number.checked_sub(1)?)?;
    let online = !model.world().is_online(id);
    Some(Msg::Do(Command::SetServiceOnline { service: model.name(id).to_owned(), online }))
}

const fn after(theme: Theme) -> Theme {
    match theme {
        Theme::Auto => Theme::Light,
        Theme::Light => Theme::Dark,
        Theme::Dark => Theme::Auto,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::update;
    use crate::scenario::shipped;

    fn model() -> Model {
        Model::new(shipped("delivery").expect("a shipped scenario"), 42)
    }

    #[test]
    fn no_key_does_two_things() {
        let mut keys: Vec<&str> =
            SHORTCUTS.iter().flat_map(|(_, all)| all.iter().flat_map(|it| it.keys)).copied().collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn a_digit_switches_the_service_in_that_place() {
        let model = model();
        let off = Command::SetServiceOnline { service: "notifications".to_owned(), online: false };
        assert_eq!(shortcut(&model, "3"), Some(Msg::Do(off)));
        assert_eq!(shortcut(&model, "9"), None, "there are three");
    }

    #[test]
    fn speed_ends_where_what_is_offered_ends() {
        let mut model = model();
        while let Some(msg) = shortcut(&model, "+") {
            drop(update(&mut model, msg));
        }
        assert_eq!(model.speed(), Speed::OFFERED[Speed::OFFERED.len() - 1]);
        assert_eq!(shortcut(&model, "-"), Some(Msg::SetSpeed(Speed::OFFERED[Speed::OFFERED.len() - 2])));
    }

    #[test]
    fn shortcuts_that_are_switched_off_do_nothing() {
        let mut model = model();
        assert_eq!(shortcut(&model, "K"), Some(Msg::SetPlaying(true)));
        drop(update(&mut model, Msg::Home(HomeMsg::SetShortcuts(false))));
        let keys = SHORTCUTS.iter().flat_map(|(_, all)| all.iter().flat_map(|it| it.keys));
        assert!(keys.into_iter().all(|key| shortcut(&model, key).is_none()));
    }
}
