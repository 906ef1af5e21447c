//! The panels of the page, and which of them are shown: all, one on its own, or those that a slide or a document has chosen.

/// A part of the page that can be shown on its own, linked to, and copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// Services, topics, and what people see.
    Flow,
    /// Lag over time.
    Lag,
    /// The lag of each group as a table.
    Groups,
    /// What became of every update.
    Ledger,
    /// What the services promise.
    Promises,
    /// What is worth bringing about.
    Challenges,
    /// The same day with direct calls.
    Calls,
    /// The search for an outage that breaks a promise.
    Search,
}

/// What stands before the words of panels in an address: chosen ones for a slide or a document, and one on its own.
const EMBED: &str = "embed";
const PANEL: &str = "panel";
/// What is embedded if nothing is chosen.
const UNCHOSEN: [Panel; 2] = [Panel::Flow, Panel::Lag];

impl Panel {
    /// All of them, as they follow each other on the page.
    pub const ALL: [Self; 8] = [
        Self::Flow,
        Self::Lag,
        Self::Groups,
        Self::Ledger,
        Self::Promises,
        Self::Challenges,
        Self::Calls,
        Self::Search,
    ];

    /// Its name in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Lag => "lag",
            Self::Groups => "groups",
            Self::Ledger => "ledger",
            Self::Promises => "promises",
            Self::Challenges => "challenges",
            Self::Calls => "calls",
            Self::Search => "search",
        }
    }

    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Flow => "services and topics",
            Self::Lag => "lag over time",
            Self::Groups => "consumer lag",
            Self::Ledger => "what became of every update",
            Self::Promises => "promises",
            Self::Challenges => "challenges",
            Self::Calls => "the same day with direct calls",
            Self::Search => "the search for an outage",
        }
    }

    /// Whether there is something in it to take along, as a picture or a table.
    pub const fn is_taken_along(self) -> bool {
        !matches!(self, Self::Search)
    }

    fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|panel| panel.word() == word)
    }
}

/// Which panels are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// The whole page.
    #[default]
    Whole,
    /// One on its own, until the person goes back to the whole page.
    Alone(Panel),
    /// These, within a slide or a document.
    Embedded(Vec<Panel>),
}

impl Layout {
    /// What the query of an address asks for, such as `?embed=flow,lag` or `?panel=lag`; and what of it is wrong.
    pub fn of_query(query: &str) -> (Self, Option<String>) {
        let parts = query.trim_start_matches('?').split('&').map(|part| part.split_once('=').unwrap_or((part, "")));
        let parts: Vec<(&str, &str)> = parts.collect();
        let of = |name: &str| parts.iter().find(|(known, _)| *known == name).map(|(_, words)| panels(name, words));
        if let Some((panels, complaint)) = of(EMBED) {
            let panels = if panels.is_empty() { UNCHOSEN.to_vec() } else { panels };
            return (Self::Embedded(panels), complaint);
        }
        match of(PANEL) {
            Some((panels, complaint)) => (panels.first().map_or(Self::Whole, |panel| Self::Alone(*panel)), complaint),
            None => (Self::Whole, None),
        }
    }

    /// Its name, for style sheets.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Alone(_) => "alone",
            Self::Embedded(_) => "embedded",
        }
    }

    /// The words of the panels that are shown, if not all are.
    pub fn words(&self) -> Option<String> {
        let words = |panels: &[Panel]| panels.iter().map(|panel| panel.word()).collect::<Vec<_>>().join(" ");
        match self {
            Self::Whole => None,
            Self::Alone(panel) => Some(words(&[*panel])),
            Self::Embedded(panels) => Some(words(panels)),
        }
    }
}

/// The tail of an address that shows a panel on its own, before the fragment `link` of a run.
pub(super) fn tail_of(panel: Panel, link: &str) -> String {
    format!("?{PANEL}={}#{link}", panel.word())
}

/// The tail of an address that embeds a panel, or those that are embedded if none is chosen, before the fragment `link` of a run.
pub(super) fn embed_tail_of(panel: Option<Panel>, link: &str) -> String {
    let words = panel.map_or_else(|| UNCHOSEN.map(Panel::word).join(","), |panel| panel.word().to_owned());
    format!("?{EMBED}={words}#{link}")
}

/// The panels that `words` name, and what is said of those that name none.
fn panels(name: &str, words: &str) -> (Vec<Panel>, Option<String>) {
    let words = words.replace("%2C", ",").replace("%2c", ",");
    let words = words.split(',').filter(|word| !word.is_empty());
    let (known, unknown): (Vec<_>, Vec<_>) = words.map(|word| Panel::named(word).ok_or(word)).partition(Result::is_ok);
    let complaint = unknown.into_iter().find_map(Result::err).map(|word| {
        let all = Panel::ALL.map(Panel::word).join(", ");
        format!("The address asks for a panel that does not exist: {name}={word}. The panels are {all}.")
    });
    (known.into_iter().flatten().collect(), complaint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expect: &Layout) {
        assert_eq!(Layout::of_query(query), (expect.clone(), None), "{query}");
    }

    #[test]
    fn an_address_chooses_what_is_shown() {
        let two = Layout::Embedded(vec![Panel::Flow, Panel::Lag]);
        check("", &Layout::Whole);
        check("?seed=7", &Layout::Whole);
        check("?panel=ledger", &Layout::Alone(Panel::Ledger));
        check("?embed", &two);
        check("?embed=", &two);
        check("?from=slide&embed=flow%2Clag", &two);
        check("?embed=groups,promises", &Layout::Embedded(vec![Panel::Groups, Panel::Promises]));
    }

    #[test]
    fn a_panel_that_does_not_exist_is_named() {
        let (layout, complaint) = Layout::of_query("?embed=flow,lagg");
        assert_eq!(layout, Layout::Embedded(vec![Panel::Flow]));
        let complaint = complaint.expect("a complaint");
        assert!(complaint.contains("embed=lagg") && complaint.contains("flow, lag, groups"), "{complaint}");
        assert_eq!(Layout::of_query("?panel=x").0, Layout::Whole);
    }

    #[test]
    fn every_panel_is_found_by_its_word() {
        for panel in Panel::ALL {
            check(&format!("?panel={}", panel.word()), &Layout::Alone(panel));
        }
    }
}
