//! Sending the run: a link to it, or what embeds it. It is held for so long.

use super::at_home::HomeEffect;
use super::embed::{Copied, Embed};
use super::model::Model;
use super::msg::Effect;
use super::panels::{Panel, tail_of};
use crate::run::LinkError;
use crate::time::Instant;
use std::rc::Rc;

/// What there is to send a run with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// A link.
    Link {
        /// Its fragment; that of a link to a panel with the query before it.
        fragment: Rc<str>,
        /// The instant that it shows.
        at: Instant,
        /// What shows the same within a document.
        embed: Rc<Embed>,
        /// What was copied of it last, and whether that lies on the clipboard, once that is known.
        copied: Option<(Copied, bool)>,
    },
    /// There is no link, and this is why.
    None(LinkError),
}

impl Sharing {
    /// The panel that is sent, if it is not the whole page.
    fn panel(&self) -> Option<Panel> {
        match self {
            Self::Link { embed, .. } => embed.panel(),
            Self::None(_) => None,
        }
    }
}

impl Model {
    /// What there is to send the run with.
    pub fn sharing(&self) -> Option<&Sharing> {
        self.keeping.sharing.as_ref()
    }

    /// Whether the run is held to be sent, and goes on after that.
    pub fn is_held_to_share(&self) -> bool {
        self.keeping.is_held_to_share && !self.playing
    }

    /// The run stays held when its link is closed.
    pub(super) fn stay_held(&mut self) {
        self.keeping.is_held_to_share = false;
    }
}

/// Shows what there is to send the run with, or a panel of it. It is held for so long, so that the page shows what the link shows.
pub(super) fn share(model: &mut Model, panel: Option<Panel>) -> Vec<Effect> {
    model.keeping.is_held_to_share |= std::mem::take(&mut model.playing);
    model.keeping.sharing = Some(match model.link() {
        Ok(link) => Sharing::Link {
            fragment: panel.map_or(link.clone(), |panel| tail_of(panel, &link)).into(),
            at: model.moment.now(),
            embed: Rc::new(Embed::new(panel, &link, &model.scenario.title)),
            copied: None,
        },
        Err(error) => Sharing::None(error),
    });
    copy(model, Copied::Link).into_iter().chain([Effect::FocusSharing]).collect()
}

/// Puts the link, or what embeds the run, on the clipboard.
pub(super) fn copy(model: &Model, what: Copied) -> Option<Effect> {
    let Some(Sharing::Link { fragment, embed, .. }) = &model.keeping.sharing else { return None };
    Some(match what {
        Copied::Link => Effect::CopyLink(fragment.clone()),
        Copied::Embed => Effect::CopyEmbed(embed.clone()),
    })
}

/// The link is not what lies on the clipboard any more.
pub(super) fn copied_something_else(model: &mut Model) {
    if let Some(Sharing::Link { copied, .. }) = &mut model.keeping.sharing {
        *copied = None;
    }
}

/// This of it lies on the clipboard now, or could not be put there. No other copy is spoken of any more.
pub(super) fn copied(model: &mut Model, what: Copied, is_done: bool) -> Vec<Effect> {
    if let Some(Sharing::Link { copied, .. }) = &mut model.keeping.sharing {
        *copied = Some((what, is_done));
    }
    vec![Effect::Home(HomeEffect::Tell(String::new()))]
}

/// The run goes on, if it was held for that.
pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    let panel = model.keeping.sharing.take().and_then(|sharing| sharing.panel());
    model.playing |= std::mem::take(&mut model.keeping.is_held_to_share);
    vec![Effect::FocusShare(panel)]
}
