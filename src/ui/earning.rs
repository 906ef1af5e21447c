//! Remembers which challenges were done, and has the person told of them: quietly, and not more often than one can listen.

use super::effects;
use super::shared::Shared;
use crate::app::Model;

/// Where they are remembered, by their names.
const EARNED_KEY: &str = "catchup.challenges";
/// How long the person is told of one, in milliseconds, and how long between two tellings.
const TOLD_EVERY_MS: f64 = 8_000.0;

/// What is known of them outside the model.
#[derive(Default)]
pub(super) struct Earning {
    /// Whether they are remembered at all, and those that are.
    kept: Option<String>,
    told_at_ms: f64,
}

impl Earning {
    /// Recalls what was done at earlier visits.
    pub(super) fn recall(shared: &Shared) -> Self {
        let kept = remembered();
        shared.advance(|model| model.recall_challenges(&kept));
        Self { kept: Some(kept), told_at_ms: 0.0 }
    }

    /// Takes in what is done by now. Returns whether there is something else to be told.
    pub(super) fn consider(&mut self, at_ms: f64, shared: &Shared) -> bool {
        if let Some(kept) = &mut self.kept {
            let earned = shared.model().earned_challenges();
            if earned != *kept {
                *kept = remember(shared);
            }
        }
        let is_due = at_ms - self.told_at_ms >= TOLD_EVERY_MS;
        let is_changed = is_due && shared.advance(Model::renew_challenge_news);
        if is_changed {
            self.told_at_ms = at_ms;
        }
        is_changed
    }
}

fn remembered() -> String {
    effects::storage().and_then(|storage| storage.get_item(EARNED_KEY).ok()?).unwrap_or_default()
}

/// Writes them down, with what another page has written meanwhile.
fn remember(shared: &Shared) -> String {
    let others = remembered();
    let earned = shared.advance(|model| {
        model.recall_challenges(&others);
        model.earned_challenges()
    });
    let kept = effects::storage().map(|storage| storage.set_item(EARNED_KEY, &earned));
    if let Some(Err(error)) = kept {
        gloo::console::info!("which challenges were done will be forgotten", error);
    }
    earned
}
