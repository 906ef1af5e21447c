//! The page among other things: which panels it shows, shortcuts, and what is copied out of it.

use super::csv::{csv, table_of};
use super::model::Model;
use super::msg::Effect;
use super::notice::Notice;
use super::panels::{Layout, Panel};
use super::sharing;
use std::rc::Rc;

/// What a person does about that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HomeMsg {
    /// Show a panel on its own.
    Enlarge(Panel),
    /// Show the whole page again.
    ShowWhole,
    /// Switch the shortcuts on or off.
    SetShortcuts(bool),
    /// Show which shortcuts there are.
    ShowShortcuts,
    /// Copy the table of a panel.
    CopyTable(Panel),
    /// Copy the picture of a panel.
    CopyPicture(Panel),
    /// Copy a link to a panel, with this run at this instant.
    LinkTo(Panel),
    /// Open the whole page beside the slide or document that this one is embedded in.
    OpenWhole,
    /// Something was copied, or could not be: only this is said of the clipboard from now on.
    Say(String),
}

/// What the browser does about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HomeEffect {
    /// The page shows a panel on its own, or all of them again: say so in the address, and keep the keyboard's focus at the panel.
    Show {
        /// The panel.
        panel: Panel,
        /// Whether it is on its own.
        is_alone: bool,
    },
    /// Remember whether shortcuts are switched on.
    RememberShortcuts(bool),
    /// Show which there are.
    ShowShortcuts,
    /// Put a table on the clipboard, or else into a file of this name.
    CopyTable {
        /// The name of the file.
        name: String,
        /// The table.
        text: String,
    },
    /// Put the picture of a panel on the clipboard, or else into a file of this name.
    CopyPicture {
        /// The panel.
        panel: Panel,
        /// The name of the file.
        name: String,
    },
    /// Say this at the top of the window, wherever the page has been scrolled to, instead of what was said there before; nothing, if it
    /// is empty.
    Tell(String),
    /// Open the whole page beside, with the run of this fragment if there is one.
    OpenWhole(Option<Rc<str>>),
}

/// What the model holds of all this.
#[derive(Clone, Debug, Default)]
pub(super) struct AtHome {
    layout: Layout,
    without_shortcuts: bool,
}

impl Model {
    /// Which panels are shown.
    pub fn layout(&self) -> &Layout {
        &self.at_home.layout
    }

    /// Shows what an address asks for.
    pub fn set_layout(&mut self, layout: Layout) {
        self.at_home.layout = layout;
    }

    /// Whether shortcuts are switched on.
    pub fn has_shortcuts(&self) -> bool {
        !self.at_home.without_shortcuts
    }
}

/// Takes in what a person does about it.
pub(super) fn update(model: &mut Model, msg: HomeMsg) -> Vec<Effect> {
    let effect = match msg {
        HomeMsg::Enlarge(panel) => show(model, panel, true),
        HomeMsg::ShowWhole => match *model.layout() {
            Layout::Alone(panel) => show(model, panel, false),
            Layout::Whole | Layout::Embedded(_) => None,
        },
        HomeMsg::SetShortcuts(on) => {
            model.at_home.without_shortcuts = !on;
            Some(HomeEffect::RememberShortcuts(on))
        }
        HomeMsg::ShowShortcuts => Some(HomeEffect::ShowShortcuts),
        HomeMsg::CopyTable(panel) => copy_table(model, panel),
        HomeMsg::CopyPicture(panel) => Some(HomeEffect::CopyPicture { panel, name: name_of(model, panel, "png") }),
        HomeMsg::LinkTo(panel) => return sharing::share(model, Some(panel)),
        HomeMsg::OpenWhole => Some(HomeEffect::OpenWhole(model.link().ok().map(Rc::from))),
        HomeMsg::Say(text) => {
            sharing::copied_something_else(model);
            Some(HomeEffect::Tell(text))
        }
    };
    effect.map(Effect::Home).into_iter().collect()
}

fn show(model: &mut Model, panel: Panel, is_alone: bool) -> Option<HomeEffect> {
    let is_embedded = matches!(model.layout(), Layout::Embedded(_));
    if !is_embedded {
        model.set_layout(if is_alone { Layout::Alone(panel) } else { Layout::Whole });
    }
    (!is_embedded).then_some(HomeEffect::Show { panel, is_alone })
}

fn copy_table(model: &mut Model, panel: Panel) -> Option<HomeEffect> {
    let table = table_of(model, panel);
    if table.is_none() {
        let text = "There is no table here yet: press Compare first.".to_owned();
        model.notice = Some(Notice::new(text, false));
    }
    Some(HomeEffect::CopyTable { name: name_of(model, panel, "csv"), text: csv(&table?) })
}

fn name_of(model: &Model, panel: Panel, kind: &str) -> String {
    format!("catchup-{}-{}-{}.{kind}", model.scenario.name, model.moment.world.seed(), panel.word())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Copied, KeepMsg, Msg, Sharing, update};
    use crate::scenario::shipped;

    fn model() -> Model {
        Model::new(shipped("delivery").expect("a shipped scenario"), 42)
    }

    fn tell(model: &mut Model, msg: HomeMsg) -> Vec<Effect> {
        update(model, Msg::Home(msg))
    }

    #[test]
    fn a_panel_stands_on_its_own_until_the_whole_page_is_asked_for() {
        let (mut model, panel) = (model(), Panel::Ledger);
        let shown = |is_alone| [Effect::Home(HomeEffect::Show { panel, is_alone })];
        assert_eq!(tell(&mut model, HomeMsg::Enlarge(panel)), shown(true));
        assert_eq!(model.layout(), &Layout::Alone(panel));
        assert_eq!(tell(&mut model, HomeMsg::ShowWhole), shown(false));
        assert_eq!(model.layout(), &Layout::Whole);
        assert_eq!(tell(&mut model, HomeMsg::ShowWhole), []);
    }

    #[test]
    fn what_is_embedded_shows_what_was_chosen_for_it() {
        let mut model = model();
        let chosen = Layout::Embedded(vec![Panel::Lag]);
        model.set_layout(chosen.clone());
        assert_eq!(tell(&mut model, HomeMsg::Enlarge(Panel::Flow)), []);
        assert_eq!(model.layout(), &chosen);
    }

    #[test]
    fn a_link_to_a_panel_is_a_link_to_the_run_too() {
        let mut model = model();
        let expected = format!("?panel=lag#{}", model.link().expect("a short run"));
        drop(tell(&mut model, HomeMsg::LinkTo(Panel::Lag)));
        let Some(Sharing::Link { fragment, .. }) = model.sharing() else { panic!("a link") };
        assert_eq!(**fragment, *expected);
        drop(update(&mut model, Msg::Keep(KeepMsg::CloseSharing)));
    }

    #[test]
    fn only_what_was_copied_last_is_said_to_be_on_the_clipboard() {
        let mut model = model();
        let copied = |model: &Model| match model.sharing() {
            Some(Sharing::Link { copied, .. }) => *copied,
            Some(Sharing::None(_)) | None => panic!("a link"),
        };
        let tell = |text: &str| [Effect::Home(HomeEffect::Tell(text.to_owned()))];
        drop(update(&mut model, Msg::Keep(KeepMsg::Share)));
        assert_eq!(
            update(&mut model, Msg::Keep(KeepMsg::Copied(Copied::Link, true))),
            tell(""),
            "what was said before is not true any more"
        );
        assert_eq!(copied(&model), Some((Copied::Link, true)));
        let said = "The table is on the clipboard.";
        assert_eq!(update(&mut model, Msg::Home(HomeMsg::Say(said.to_owned()))), tell(said));
        assert_eq!(copied(&model), None, "the link is there, and on the clipboard no more");
    }

    #[test]
    fn a_table_that_is_not_there_yet_is_no_empty_one() {
        let mut model = model();
        assert_eq!(tell(&mut model, HomeMsg::CopyTable(Panel::Calls)), []);
        assert!(model.notice().is_some_and(|notice| !notice.is_error));
        let effects = tell(&mut model, HomeMsg::CopyTable(Panel::Groups));
        let [Effect::Home(HomeEffect::CopyTable { name, text })] = &*effects else { panic!("{effects:?}") };
        assert_eq!(name, "catchup-delivery-42-groups.csv");
        assert!(text.starts_with("group,lag,"), "{text}");
    }

    #[test]
    fn another_run_is_shown_in_the_same_page() {
        let mut model = model();
        drop(tell(&mut model, HomeMsg::Enlarge(Panel::Lag)));
        drop(tell(&mut model, HomeMsg::SetShortcuts(false)));
        drop(update(&mut model, Msg::Restart { seed: 7 }));
        assert_eq!((model.layout(), model.has_shortcuts()), (&Layout::Alone(Panel::Lag), false));
    }
}
