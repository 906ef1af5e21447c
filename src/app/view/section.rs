//! The sections of the page. While time runs those that are in sight are drawn, and on a slow machine in several frames, so that
//! no frame has to bear all of them; what a person or a script has done is drawn whole.

use crate::app::Panel;

/// A part of the page that is made anew as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// What stands above everything, and what goes around it.
    Top,
    /// The services, and what people see of them.
    Services,
    /// The topics.
    Topics,
    /// What is laid open beside: a list, a partition, a service, a record.
    Opened,
    /// Time and its controls.
    Time,
    /// Lag over time.
    Lag,
    /// The lag of each group.
    Groups,
    /// What became of every update.
    Ledger,
    /// What the services promise.
    Promises,
    /// What is worth bringing about.
    Challenges,
    /// The same day with direct calls.
    Calls,
    /// The search for an outage.
    Search,
    /// The brokers.
    Brokers,
}

impl Section {
    /// All of them, the most looked at first.
    pub const ALL: [Self; 13] = [
        Self::Topics,
        Self::Top,
        Self::Services,
        Self::Opened,
        Self::Time,
        Self::Lag,
        Self::Groups,
        Self::Ledger,
        Self::Promises,
        Self::Challenges,
        Self::Calls,
        Self::Search,
        Self::Brokers,
    ];

    /// The panel that it lies in, if it is in one.
    pub const fn panel(self) -> Option<Panel> {
        match self {
            Self::Top | Self::Opened | Self::Time | Self::Brokers => None,
            Self::Services | Self::Topics => Some(Panel::Flow),
            Self::Lag => Some(Panel::Lag),
            Self::Groups => Some(Panel::Groups),
            Self::Ledger => Some(Panel::Ledger),
            Self::Promises => Some(Panel::Promises),
            Self::Challenges => Some(Panel::Challenges),
            Self::Calls => Some(Panel::Calls),
            Self::Search => Some(Panel::Search),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Model;
    use crate::app::view::{page, page_with};
    use crate::scenario::shipped;
    use crate::sim::Command;
    use crate::time::Span;

    fn after(model: &mut Model, ms: u64) {
        model.advance_to(model.world().now() + Span::from_ms(ms));
    }

    #[test]
    fn all_sections_one_after_the_other_are_the_page() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 7);
        after(&mut model, 20_000);
        let before = page(&model);
        let switched_off = Command::SetServiceOnline { service: "notifications".to_owned(), online: false };
        model.act(switched_off).expect("there is such a service");
        after(&mut model, 20_000);
        let drawn = Section::ALL.iter().fold(before.clone(), |drawn, section| page_with(&[*section], &model, &drawn));
        assert_eq!(drawn, page(&model));
        assert_eq!(page_with(&Section::ALL, &model, &before), page(&model));
    }

    #[test]
    fn what_is_not_renewed_stays_and_is_known_to_be_the_same() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 7);
        after(&mut model, 20_000);
        let before = page(&model);
        after(&mut model, 20_000);
        let drawn = page_with(&[Section::Time], &model, &before);
        assert_ne!(drawn.time, before.time);
        assert!(std::rc::Rc::ptr_eq(&drawn.chart, &before.chart));
        assert!(std::iter::zip(&drawn.topics, &before.topics).all(|(one, other)| std::rc::Rc::ptr_eq(one, other)));
    }
}
