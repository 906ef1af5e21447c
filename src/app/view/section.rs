//! The sections of the page, which are made anew one by one while time runs, so that no frame has to bear all of them: see
//! [`super::Round`].

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

    /// Where it stands among all of them.
    pub(super) fn place(self) -> usize {
        Self::ALL.iter().position(|section| *section == self).unwrap_or_default()
    }

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

/// What of a page belongs to a section.
#[cfg(test)]
pub(super) fn part(section: Section, page: &super::PageView) -> String {
    match section {
        Section::Top => format!("{:?}", (&page.sentence, page.tone, page.told, &page.next_step, &page.notice)),
        Section::Services => format!("{:?}", (&page.services, &page.offers)),
        Section::Topics => format!("{:?}", page.topics),
        Section::Opened => format!("{:?}", (&page.list, &page.inspector, &page.partition, &page.panel)),
        Section::Time => format!("{:?}", (&page.time, &page.tools)),
        Section::Lag => format!("{:?}", page.chart),
        Section::Groups => format!("{:?}", page.lag_rows),
        Section::Ledger => format!("{:?}", page.ledger),
        Section::Promises => format!("{:?}", page.promises),
        Section::Challenges => format!("{:?}", page.challenges),
        Section::Calls => format!("{:?}", page.direct),
        Section::Search => format!("{:?}", page.search),
        Section::Brokers => format!("{:?}", page.brokers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::view::{PageView, page, page_with};
    use crate::app::{DirectMsg, Model, Msg, SearchMsg, update};
    use crate::scenario::shipped;
    use crate::sim::{Command, ServiceId};
    use crate::time::Span;
    use std::rc::Rc;

    fn after(model: &mut Model, ms: u64) {
        model.advance_to(model.world().now() + Span::from_ms(ms));
    }

    /// The page of a run in which everything is different after a while, and how it is then.
    fn before_and_now() -> (PageView, Model) {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 7);
        after(&mut model, 20_000);
        drop(update(&mut model, Msg::OpenService(Some(ServiceId(2)))));
        let before = page(&model);
        for online in [false, true] {
            let switched = Command::SetServiceOnline { service: "notifications".to_owned(), online };
            model.act(switched).expect("there is such a service");
            after(&mut model, 40_000);
        }
        drop(update(&mut model, Msg::Do(Command::SetBrokerOnline { broker: 1, online: false })));
        drop(update(&mut model, Msg::Direct(DirectMsg::Show(true))));
        drop(update(&mut model, Msg::Search(SearchMsg::SetSeed("9".to_owned()))));
        after(&mut model, 20_000);
        (before, model)
    }

    #[test]
    fn a_section_is_made_anew_and_no_other() {
        let (before, model) = before_and_now();
        let now = page(&model);
        for renewed in Section::ALL {
            let drawn = page_with(&[renewed], &model, &before);
            for section in Section::ALL {
                let expected = if section == renewed { &now } else { &before };
                assert_eq!(part(section, &drawn), part(section, expected), "{section:?} when {renewed:?} is made anew");
            }
        }
        let same: Vec<Section> =
            Section::ALL.into_iter().filter(|section| part(*section, &before) == part(*section, &now)).collect();
        assert_eq!(same, [], "there would be nothing to notice");
    }

    #[test]
    fn all_sections_one_after_the_other_are_the_page() {
        let (before, model) = before_and_now();
        let drawn = Section::ALL.iter().fold(before.clone(), |drawn, section| page_with(&[*section], &model, &drawn));
        assert_eq!(drawn, page(&model));
        assert_eq!(page_with(&Section::ALL, &model, &before), page(&model));
    }

    #[test]
    fn what_is_not_made_anew_is_known_to_be_the_same() {
        let (before, model) = before_and_now();
        let drawn = page_with(&[Section::Time], &model, &before);
        assert!(Rc::ptr_eq(&drawn.chart, &before.chart));
        assert!(std::iter::zip(&drawn.topics, &before.topics).all(|(one, other)| Rc::ptr_eq(one, other)));
    }
}
