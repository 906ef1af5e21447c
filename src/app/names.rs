//! What services and brokers are called, alone and where that stands in a sentence.

use super::history::Who;
use super::model::Model;
use super::view::text::named;
use crate::sim::ServiceId;
use std::rc::Rc;

impl Model {
    /// A service's name.
    pub(super) fn name(&self, id: ServiceId) -> &str {
        self.world().name_of(id)
    }

    /// What a service is called, where that stands in a sentence.
    pub(super) fn named(&self, id: ServiceId) -> String {
        named(self.name(id))
    }

    /// What is called `what`, as it stands in a sentence: a service by its name, or another thing as it is.
    pub(super) fn in_prose(&self, what: &str) -> String {
        if self.world().service_id(what).is_some() { named(what) } else { what.to_owned() }
    }

    /// What a service or a broker is called.
    pub(super) fn name_of(&self, who: Who) -> Rc<str> {
        match who {
            Who::Service(id) => self.name(id).into(),
            Who::Broker(broker) => format!("broker {broker}").into(),
        }
    }

    /// The same, as it stands in a sentence.
    pub(super) fn named_who(&self, who: Who) -> String {
        match who {
            Who::Service(id) => self.named(id),
            Who::Broker(_) => self.name_of(who).to_string(),
        }
    }
}
