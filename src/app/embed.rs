//! What embeds a run in a document of somebody else's: an `iframe` that shows some panels of it.

use super::panels::{Panel, embed_tail_of};

/// What of a run that is sent is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// The link to it.
    Link,
    /// What shows it within a document of somebody else's.
    Embed,
}

/// What an `iframe` is made of, but for the address of the page itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embed {
    panel: Option<Panel>,
    tail: String,
    title: String,
}

impl Embed {
    /// Of a panel, or of those that are embedded if none is chosen, with the run of a link.
    pub(super) fn new(panel: Option<Panel>, link: &str, scenario: &str) -> Self {
        let what = panel.map_or("services, topics and lag", Panel::title);
        Self { panel, tail: embed_tail_of(panel, link), title: format!("{scenario}: {what}, in Catchup") }
    }

    /// The panel, if one was chosen.
    pub const fn panel(&self) -> Option<Panel> {
        self.panel
    }

    /// What stands in its address after that of the page.
    pub fn tail(&self) -> &str {
        &self.tail
    }

    /// What it shows, for people.
    pub fn what(&self) -> &'static str {
        self.panel.map_or("the flow and the lag", Panel::title)
    }

    /// What is pasted into a document, for the whole `address` of what is shown. As wide as there is room for.
    pub fn code(&self, address: &str) -> String {
        let (address, title, height) = (quoted(address), quoted(&self.title), self.height_px());
        format!(
            "<iframe src=\"{address}\" title=\"{title}\" width=\"100%\" height=\"{height}\" loading=\"lazy\" style=\"border:0\"></iframe>"
        )
    }

    /// How high a frame is in which most of it is seen without scrolling.
    const fn height_px(&self) -> u32 {
        match self.panel {
            None | Some(Panel::Flow) => 720,
            Some(Panel::Lag | Panel::Groups | Panel::Ledger | Panel::Promises) => 450,
            Some(Panel::Challenges | Panel::Calls | Panel::Search) => 600,
        }
    }
}

/// As it stands between the quotes of an attribute.
fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Layout;

    #[test]
    fn what_is_pasted_shows_the_panel_with_its_run() {
        for panel in Panel::ALL {
            let embed = Embed::new(Some(panel), "run=A", "Shop");
            let (query, fragment) = embed.tail().split_once('#').expect("a run");
            assert_eq!((Layout::of_query(query).0, fragment), (Layout::Embedded(vec![panel]), "run=A"));
        }
        let both = Embed::new(None, "run=A", "Shop");
        assert_eq!(both.tail(), "?embed=flow,lag#run=A");
        let code = both.code("https://example.org/?embed=flow,lag#run=A");
        assert!(code.starts_with("<iframe src=\"https://example.org/?embed=flow,lag#run=A\" title=\"Shop: "), "{code}");
    }

    #[test]
    fn a_title_with_quotes_stays_within_its_attribute() {
        let code = Embed::new(Some(Panel::Lag), "run=A", "\"><script>&").code("/?a&b");
        assert!(code.contains("src=\"/?a&amp;b\" title=\"&quot;>&lt;script>&amp;: lag over time"), "{code}");
    }
}
