//! What is said of keeping and sending: a run that is being opened, one of an earlier visit, the link to this one.

use super::text::{clock, grouped};
use crate::app::{Arrival, Copied, Embed, Model, Sharing};
use crate::run::FRAGMENT;
use std::rc::Rc;

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepingView {
    /// A run that is being opened, and how far it is.
    pub opening: Option<String>,
    /// A run of an earlier visit, or one that was left for this one.
    pub offer: Option<OfferedView>,
    /// Where the run came from, and that it is held.
    pub arrival: Option<String>,
    /// What there is to send the run with.
    pub sharing: Option<SharingView>,
}

/// A run that can be gone back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedView {
    /// Where it was.
    pub text: String,
    /// Whether it was left a moment ago.
    pub is_set_aside: bool,
}

/// What there is to send the run with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharingView {
    /// What it is, or why there is no link.
    pub text: String,
    /// The fragment of the link, and what embeds the same.
    pub link: Option<(Rc<str>, Rc<Embed>)>,
}

/// What is said of keeping and sending.
pub(super) fn keeping(model: &Model) -> KeepingView {
    let opening = |percent| format!("Opening the run: {percent}% replayed.");
    KeepingView {
        opening: model.opened_percent().map(opening),
        offer: model.offer().map(|kept| {
            let is_set_aside = model.is_set_aside();
            let (at, title) = (clock(kept.run.at), &kept.run.scenario.title);
            let text = if is_set_aside {
                format!("Your run of \u{201c}{title}\u{201d} is kept as it was at {at}.")
            } else {
                format!("Last time you were at {at} of \u{201c}{title}\u{201d}.")
            };
            OfferedView { text, is_set_aside }
        }),
        arrival: model.arrival().map(|from| {
            let what = match from {
                Arrival::Link => "Somebody shared this run with you",
                Arrival::File => "This is the run from the file",
            };
            format!("{what}. It is held at {}: press Play to see what happens next.", clock(model.world().now()))
        }),
        sharing: model.sharing().map(|it| sharing(it, model.is_held_to_share())),
    }
}

fn sharing(sharing: &Sharing, is_held: bool) -> SharingView {
    match sharing {
        Sharing::None(reason) => SharingView { text: reason.to_string(), link: None },
        Sharing::Link { fragment, at, embed, copied } => {
            let place = match copied {
                Some((Copied::Link, true)) => "The link is on the clipboard.",
                Some((Copied::Embed, true)) => "The code to embed it is on the clipboard.",
                Some((Copied::Link, false)) => "The clipboard cannot be reached: copy the link from here.",
                Some((Copied::Embed, false)) => "The clipboard cannot be reached: copy the code from here.",
                None => "Here is the link.",
            };
            let link = fragment.rsplit('#').next().unwrap_or_default();
            let chars = grouped((link.len() - FRAGMENT.len()) as u64);
            let text = format!(
                "{place} Whoever opens it sees exactly this run at {}, and can go on from there. The run is in the link itself, in \
                 {chars} characters; no server ever sees it.{}",
                clock(*at),
                if is_held { " Your run is held meanwhile, and goes on when you close this." } else { "" },
            );
            SharingView { text, link: Some((fragment.clone(), embed.clone())) }
        }
    }
}
