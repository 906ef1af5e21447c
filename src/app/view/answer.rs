//! Which sections say what came of something that somebody did: they are drawn before the others, so that the answer does not
//! wait for the whole page.

use super::section::Section;
use crate::app::{HomeMsg, Msg};

/// The services and what is said of them, with whatever a service or a broker can be changed in.
const WORLD: &[Section] = &[Section::Top, Section::Services, Section::Opened, Section::Brokers];
/// What is laid open beside the lanes, and the lanes in which it is marked.
const OPENED: &[Section] = &[Section::Top, Section::Topics, Section::Opened];
const TIME: &[Section] = &[Section::Top, Section::Time];

/// Where to look first for what came of a message: in all of them, if it may be anywhere.
pub fn answering(msg: &Msg) -> &'static [Section] {
    match msg {
        Msg::Do(_)
        | Msg::DoAll(_)
        | Msg::TakeStep(_)
        | Msg::TakeWayOut(..)
        | Msg::ForgetRefusal
        | Msg::DraftSeek(_) => WORLD,
        Msg::Select(_)
        | Msg::CloseOpened
        | Msg::SelectNeighbour(_)
        | Msg::OpenPartition(_)
        | Msg::OpenService(_)
        | Msg::OpenList(_) => OPENED,
        Msg::SetSpeed(_) | Msg::HoldAt(_) | Msg::Unhold(_) | Msg::RenameBranch(..) | Msg::ForgetBranch(_) => TIME,
        Msg::MoveFocus { .. } | Msg::HoldLane(..) | Msg::HoldRecord(_) | Msg::UnfoldTopic { .. } | Msg::Follow(_) => {
            &[Section::Topics]
        }
        Msg::ShowSubject { .. } => &[Section::Services],
        Msg::SetChartSpan(_) | Msg::SetChartUnit(_) => &[Section::Lag],
        Msg::UnfoldPromises(_) => &[Section::Promises],
        Msg::UnfoldChallenges(_) => &[Section::Challenges],
        Msg::Direct(_) => &[Section::Calls],
        Msg::Search(_) => &[Section::Search],
        Msg::DismissNotice
        | Msg::Complain(_)
        | Msg::Keep(_)
        | Msg::Tour(_)
        | Msg::Home(HomeMsg::Say(_) | HomeMsg::ShowShortcuts | HomeMsg::CopyTable(_) | HomeMsg::CopyPicture(_)) => {
            &[Section::Top]
        }
        Msg::SetPlaying(_)
        | Msg::Step
        | Msg::StepBack
        | Msg::Seek(_)
        | Msg::SeekEnd
        | Msg::Undo
        | Msg::Redo
        | Msg::TakeBranch(_)
        | Msg::Restart { .. }
        | Msg::Reset
        | Msg::Load(_)
        | Msg::Open { .. }
        | Msg::ShowChallenges
        | Msg::SetTheme(_)
        | Msg::SetLaneCells(_)
        | Msg::Home(_) => &Section::ALL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::view::page;
    use crate::app::view::section::part;
    use crate::app::{Breakpoint, ChartSpan, ChartUnit, DirectMsg, Model, SearchMsg, Speed, update};
    use crate::log::{Offset, PartitionId, RecordRef, TopicId, TopicPartition};
    use crate::scenario::shipped;
    use crate::sim::{Command, ServiceId};
    use crate::time::Span;

    fn notifications(online: bool) -> Command {
        Command::SetServiceOnline { service: "notifications".to_owned(), online }
    }

    fn messages() -> Vec<Msg> {
        let partition = TopicPartition { topic: TopicId(0), partition: PartitionId(0) };
        let record = RecordRef { partition, offset: Offset(1) };
        let rate = Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min: 120 };
        vec![
            Msg::Do(notifications(false)),
            Msg::Do(rate),
            Msg::Do(Command::SetBrokerOnline { broker: 1, online: false }),
            Msg::Select(Some(record)),
            Msg::OpenPartition(Some(partition)),
            Msg::OpenService(Some(ServiceId(1))),
            Msg::SetSpeed(Speed::OFFERED[0]),
            Msg::HoldAt(Breakpoint::Lost),
            Msg::UnfoldTopic { topic: TopicId(1), unfolded: true },
            Msg::SetChartSpan(ChartSpan::Everything),
            Msg::SetChartUnit(ChartUnit::Seconds),
            Msg::UnfoldPromises(true),
            Msg::UnfoldChallenges(true),
            Msg::Direct(DirectMsg::Show(true)),
            Msg::Search(SearchMsg::SetSeed("9".to_owned())),
            Msg::Complain("something failed".to_owned()),
        ]
    }

    fn half_a_minute() -> Model {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 7);
        model.advance_to(model.world().now() + Span::from_ms(30_000));
        model
    }

    #[test]
    fn what_comes_of_a_message_is_looked_for_where_it_is() {
        let before = page(&half_a_minute());
        for msg in messages() {
            let mut model = half_a_minute();
            drop(update(&mut model, msg.clone()));
            let now = page(&model);
            let is_changed = |section: &Section| part(*section, &before) != part(*section, &now);
            assert!(answering(&msg).iter().any(is_changed), "{msg:?}");
        }
    }
}
