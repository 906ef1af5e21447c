//! Commands as JSON: what [`Command::from_json`] reads.

use super::command::{Command, NewService, SeekTo};
use crate::json::quoted;

impl Command {
    /// The command as [`Command::from_json`] reads it.
    pub fn to_json(&self) -> String {
        let of = |kind: &str, members: &[(&str, String)]| {
            let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            format!("{{\"type\":\"{kind}\",{}}}", members.join(","))
        };
        let service = |name: &str| ("service", quoted(name));
        match self {
            Self::SetServiceOnline { service: name, online } => {
                of("set_service_online", &[service(name), ("online", online.to_string())])
            }
            Self::SetInstanceOnline { service: name, instance, online } => {
                let instance = ("instance", instance.to_string());
                of("set_instance_online", &[service(name), instance, ("online", online.to_string())])
            }
            Self::ShutDown { service: name } => of("shut_down", &[service(name)]),
            Self::Stall { service: name, ms } => of("stall", &[service(name), ("ms", ms.to_string())]),
            Self::SetBrokerOnline { broker, online } => {
                of("set_broker_online", &[("broker", broker.to_string()), ("online", online.to_string())])
            }
            Self::SetBrokerConnected { broker, connected } => {
                of("set_broker_connected", &[("broker", broker.to_string()), ("connected", connected.to_string())])
            }
            Self::SetConnected { service: name, connected } => {
                of("set_connected", &[service(name), ("connected", connected.to_string())])
            }
            Self::SetServiceConfig { service: owner, name, value } => {
                of("set_service_config", &[service(owner), ("name", quoted(name)), ("value", quoted(value))])
            }
            Self::Seek { service: name, to } => of("seek", &[service(name), ("to", seek_to_json(*to))]),
            Self::Redrive { service: name } => of("redrive", &[service(name)]),
            Self::SetArrivalRate { service: name, arrivals_per_min } => {
                of("set_arrival_rate", &[service(name), ("arrivals_per_min", arrivals_per_min.to_string())])
            }
            Self::SetTopicConfig { topic, name, value } => {
                of("set_topic_config", &[("topic", quoted(topic)), ("name", quoted(name)), ("value", quoted(value))])
            }
            Self::AddService { service: NewService::Offered(name) } => of("add_service", &[service(name)]),
            Self::AddService { service: NewService::Defined(definition) } => {
                of("add_service", &[("service", definition.clone())])
            }
            Self::RemoveService { service: name } => of("remove_service", &[service(name)]),
            Self::Publish { topic, key, value, headers, partition } => {
                let text = |text: &Option<String>| text.as_deref().map_or("null".to_owned(), quoted);
                let headers: Vec<String> =
                    headers.iter().map(|(name, value)| format!("{}:{}", quoted(name), quoted(value))).collect();
                let partition = partition.map_or("null".to_owned(), |it| it.to_string());
                let headers = ("headers", format!("{{{}}}", headers.join(",")));
                let members = [
                    ("topic", quoted(topic)),
                    ("key", text(key)),
                    ("value", text(value)),
                    headers,
                    ("partition", partition),
                ];
                of("publish", &members)
            }
        }
    }
}

fn seek_to_json(to: SeekTo) -> String {
    match to {
        SeekTo::Earliest => "\"earliest\"".to_owned(),
        SeekTo::Latest => "\"latest\"".to_owned(),
        SeekTo::Offset(offset) => format!("{{\"offset\":{offset}}}"),
        SeekTo::TimeMs(ms) => format!("{{\"time_ms\":{ms}}}"),
    }
}
