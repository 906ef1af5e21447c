//! What is laid open beside the flow. One thing lies over another, and leads back to it: a record over a partition, that over a
//! service, that over a list of records.

use super::RecordRef;
use super::model::Model;
use super::msg::Effect;
use super::seeking::SeekDraft;
use crate::check::Listed;
use crate::log::{Offset, TopicPartition};
use crate::sim::ServiceId;

impl Model {
    /// The record that is looked at.
    pub fn selected(&self) -> Option<RecordRef> {
        self.selected
    }

    /// The partition that is looked at. It is closed while a record is.
    pub fn looked_into(&self) -> Option<TopicPartition> {
        self.looked_into.filter(|_| self.selected.is_none())
    }

    /// The service that is looked at. It is closed while a record or a partition is.
    pub fn opened_service(&self) -> Option<ServiceId> {
        let is_open = self.selected.is_none() && self.looked_into.is_none();
        self.opened_service.filter(|id| is_open && self.world().has_service(*id))
    }

    /// The number whose records are looked at. It is closed while something else is.
    pub fn opened_list(&self) -> Option<(ServiceId, Listed)> {
        let is_open = self.selected.is_none() && self.looked_into.is_none() && self.opened_service().is_none();
        self.opened_list.filter(|(id, _)| is_open && self.world().group_of(*id).is_some())
    }

    /// What the thing that is laid open lies over, as it is called: where the way back leads.
    pub(super) fn back_to(&self) -> Option<String> {
        let is_record = self.selected.is_some();
        let partition = self.looked_into.filter(|_| is_record).map(|it| format!("partition {}", it.partition));
        let is_above_service = is_record || self.looked_into.is_some();
        let service = self.opened_service.filter(|id| is_above_service && self.world().has_service(*id));
        let is_above_list = is_above_service || self.opened_service().is_some();
        let list = self.opened_list.filter(|(id, _)| is_above_list && self.world().group_of(*id).is_some());
        let service = || service.map(|id| self.name(id).to_owned());
        partition.or_else(service).or_else(|| list.map(|_| "the list".to_owned()))
    }
}

/// Where the focus goes when something is closed: to what it lay over, or else to where it was opened, which `outside` says.
fn way_back(model: &Model, outside: Effect) -> Vec<Effect> {
    let is_over_something =
        model.looked_into().is_some() || model.opened_service().is_some() || model.opened_list().is_some();
    vec![if is_over_something { Effect::FocusInspector } else { outside }]
}

/// Lays a record open, or goes back to what it was laid over.
pub(super) fn select(model: &mut Model, record: Option<RecordRef>) -> Vec<Effect> {
    model.way_taken = None;
    let before = std::mem::replace(&mut model.selected, record);
    match (before, record) {
        (before, Some(_)) if before == record => Vec::new(),
        (_, Some(_)) => vec![Effect::FocusInspector],
        (Some(left), None) => way_back(model, Effect::FocusRecord(left)),
        (None, None) => Vec::new(),
    }
}

/// Lays a partition open, or goes back to what it was laid over.
pub(super) fn open_partition(model: &mut Model, partition: Option<TopicPartition>) -> Vec<Effect> {
    model.selected = None;
    model.refused_settings.clear();
    match (std::mem::replace(&mut model.looked_into, partition), partition) {
        (before, Some(_)) if before == partition => Vec::new(),
        (_, Some(_)) => vec![Effect::FocusInspector],
        (Some(left), None) => way_back(model, Effect::FocusLane(left)),
        (None, None) => Vec::new(),
    }
}

/// Lays a service open, or goes back to what it was laid over.
pub(super) fn open_service(model: &mut Model, service: Option<ServiceId>) -> Vec<Effect> {
    (model.selected, model.looked_into) = (None, None);
    model.refused_settings.clear();
    model.seek_draft = SeekDraft::default();
    match (std::mem::replace(&mut model.opened_service, service), service) {
        (before, Some(_)) if before == service => Vec::new(),
        (_, Some(opened)) => vec![Effect::FocusInspector, Effect::ShowCard(opened)],
        (Some(left), None) => way_back(model, Effect::FocusCard(left)),
        (None, None) => Vec::new(),
    }
}

/// Lays a list of records open, or closes it.
pub(super) fn open_list(model: &mut Model, list: Option<(ServiceId, Listed)>) -> Vec<Effect> {
    (model.selected, model.looked_into, model.opened_service) = (None, None, None);
    model.refused_settings.clear();
    match (std::mem::replace(&mut model.opened_list, list), list) {
        (_, Some(_)) => vec![Effect::FocusInspector],
        (Some((left, _)), None) => vec![Effect::FocusAccount(left)],
        (None, None) => Vec::new(),
    }
}

/// Lays the record open that lies so many offsets further on.
pub(super) fn select_neighbour(model: &mut Model, by: i64) {
    let Some(selected) = model.selected else { return };
    let Some(log) = model.moment.world.broker().log(selected.partition) else { return };
    let wanted = Offset(selected.offset.0.saturating_add(by));
    if wanted >= log.log_start_offset() && wanted < log.log_end_offset() {
        model.selected = Some(RecordRef { offset: wanted, ..selected });
    }
}

/// Closes all of it. The focus goes back to where the first of it was opened.
pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    let opened = (model.opened_list, model.opened_service, model.looked_into, model.selected);
    (model.opened_list, model.opened_service, model.looked_into, model.selected) = (None, None, None, None);
    model.forget_refusal();
    model.seek_draft = SeekDraft::default();
    match opened {
        (Some((service, _)), ..) => vec![Effect::FocusAccount(service)],
        (None, Some(service), ..) => vec![Effect::FocusCard(service)],
        (None, None, Some(partition), _) => vec![Effect::FocusLane(partition)],
        (None, None, None, Some(record)) => vec![Effect::FocusRecord(record)],
        (None, None, None, None) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::view::page;
    use crate::app::{Msg, update};
    use crate::scenario::shipped;
    use crate::time::Instant;

    const LOGISTICS: ServiceId = ServiceId(1);

    /// A list is laid open, over that a service, over that a partition, over that a record.
    fn all_open() -> Model {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(20_000));
        let partition = TopicPartition::default();
        let record = RecordRef { partition, offset: Offset(3) };
        for msg in [
            Msg::OpenList(Some((LOGISTICS, Listed::Processed))),
            Msg::OpenService(Some(LOGISTICS)),
            Msg::OpenPartition(Some(partition)),
            Msg::Select(Some(record)),
        ] {
            update(&mut model, msg);
        }
        model
    }

    #[test]
    fn what_is_closed_says_where_that_leads_back_to() {
        let mut model = all_open();
        let back = |model: &Model| {
            let view = page(model);
            let of_record = view.inspector.as_ref().map(|it| it.back.clone());
            let of_partition = view.partition.as_ref().map(|it| it.back.clone());
            of_record.or(of_partition).or(view.panel.as_ref().map(|it| it.back.clone())).flatten()
        };
        for (expect, msg) in [
            ("partition 0", Msg::Select(None)),
            ("logistics", Msg::OpenPartition(None)),
            ("the list", Msg::OpenService(None)),
        ] {
            assert_eq!(back(&model).as_deref(), Some(expect));
            assert_eq!(update(&mut model, msg), [Effect::FocusInspector], "the keyboard stays with what is open");
        }
        assert!(page(&model).list.is_some() && back(&model).is_none());
    }

    #[test]
    fn all_of_it_can_be_closed_at_once() {
        let mut model = all_open();
        assert_eq!(update(&mut model, Msg::CloseOpened), [Effect::FocusAccount(LOGISTICS)]);
        let view = page(&model);
        assert!(view.list.is_none() && view.panel.is_none() && view.partition.is_none() && view.inspector.is_none());
        assert_eq!(update(&mut model, Msg::CloseOpened), [], "there is nothing left");
    }

    #[test]
    fn what_lies_over_nothing_leads_back_to_where_it_was_opened() {
        let mut model = all_open();
        update(&mut model, Msg::CloseOpened);
        let partition = TopicPartition::default();
        update(&mut model, Msg::OpenPartition(Some(partition)));
        assert_eq!(page(&model).partition.expect("it is open").back, None);
        assert_eq!(update(&mut model, Msg::OpenPartition(None)), [Effect::FocusLane(partition)]);
        update(&mut model, Msg::OpenService(Some(LOGISTICS)));
        assert_eq!(update(&mut model, Msg::OpenService(None)), [Effect::FocusCard(LOGISTICS)]);
    }
}
