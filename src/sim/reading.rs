//! Commands as they are written in JSON.

use super::command::{Command, NewService, SeekTo};
use crate::json::{Json, JsonError, Place};
use crate::sorted::SortedMap;

impl Command {
    /// Reads a command as it is written in JSON, such as `{"type": "set_service_online", "service": "orders", "online": false}`.
    /// What may be left out may also be null.
    pub fn from_json(json: &Json) -> Result<Self, JsonError> {
        Self::from_place(&Place::root(json, "the command"))
    }

    /// Reads a command that is a part of something larger.
    pub fn from_place(command: &Place) -> Result<Self, JsonError> {
        match command.json().get("type").and_then(Json::as_text) {
            Some("set_service_online") => set_service_online(command),
            Some("set_instance_online") => set_instance_online(command),
            Some("shut_down") => {
                service_alone(command, &["type", "service"]).map(|service| Command::ShutDown { service })
            }
            Some("stall") => stall(command),
            Some("set_connected") => set_connected(command),
            Some("set_broker_online") => {
                broker(command, "online").map(|(broker, online)| Command::SetBrokerOnline { broker, online })
            }
            Some("set_broker_connected") => broker(command, "connected")
                .map(|(broker, connected)| Command::SetBrokerConnected { broker, connected }),
            Some("set_service_config") => set_service_config(command),
            Some("seek") => seek(command),
            Some("redrive") => service_alone(command, &["type", "service"]).map(|service| Command::Redrive { service }),
            Some("set_arrival_rate") => set_arrival_rate(command),
            Some("set_topic_config") => set_topic_config(command),
            Some("add_service") => add_service(command),
            Some("remove_service") => {
                service_alone(command, &["type", "service"]).map(|service| Command::RemoveService { service })
            }
            Some("publish") => publish(command),
            Some(unknown) => Err(command.wrong_in("type", format!("there is no command \"{unknown}\"; {KINDS}"))),
            None => Err(command.wrong(format!("it must be an object with a \"type\"; {KINDS}"))),
        }
    }
}

const KINDS: &str = "there are: set_service_online, set_instance_online, shut_down, stall, set_connected, \
                     set_broker_online, set_broker_connected, set_service_config, seek, redrive, set_arrival_rate, \
                     set_topic_config, add_service, remove_service, publish";
/// The longest time that a service can stand still: an hour.
const STALL_MS_MAX: u64 = 3_600_000;

fn set_service_online(command: &Place) -> Result<Command, JsonError> {
    let fields = command.object(&["type", "service", "online"])?;
    let service = fields.required("service")?.text()?.to_owned();
    Ok(Command::SetServiceOnline { service, online: fields.required("online")?.flag()? })
}

fn set_instance_online(command: &Place) -> Result<Command, JsonError> {
    let fields = command.object(&["type", "service", "instance", "online"])?;
    let service = fields.required("service")?.text()?.to_owned();
    let instance = fields.required("instance")?.within(0..=u32::MAX.into())? as u32;
    Ok(Command::SetInstanceOnline { service, instance, online: fields.required("online")?.flag()? })
}

fn service_alone(command: &Place, known: &[&'static str]) -> Result<String, JsonError> {
    Ok(command.object(known)?.required("service")?.text()?.to_owned())
}

/// The name of a service that the scenario offers, or a definition.
fn add_service(command: &Place) -> Result<Command, JsonError> {
    let service = command.object(&["type", "service"])?.required("service")?;
    let service = match service.json() {
        Json::Text(name) => NewService::Offered(name.clone()),
        definition @ Json::Object(_) => NewService::Defined(definition.to_string()),
        Json::Null | Json::Flag(_) | Json::Whole(_) | Json::Fraction | Json::List(_) => {
            return Err(service.wrong("it must be the name of a service that the scenario offers, or a definition"));
        }
    };
    Ok(Command::AddService { service })
}

fn stall(command: &Place) -> Result<Command, JsonError> {
    let fields = command.object(&["type", "service", "ms"])?;
    let service = fields.required("service")?.text()?.to_owned();
    Ok(Command::Stall { service, ms: fields.required("ms")?.within(1..=STALL_MS_MAX)? })
}

fn set_connected(command: &Place) -> Result<Command, JsonError> {
    let fields = command.object(&["type", "service", "connected"])?;
    let service = fields.required("service")?.text()?.to_owned();
    Ok(Command::SetConnected { service, connected: fields.required("connected")?.flag()? })
}

/// A broker, and whether it is as `flag` says.
fn broker(command: &Place, flag: &'static str) -> Result<(u32, bool), JsonError> {
    let fields = command.object(&["type", "broker", flag])?;
    let broker = fields.required("broker")?.within(0..=u32::MAX.into())? as u32;
    Ok((broker, fields.required(flag)?.flag()?))
}

fn set_service_config(command: &Place) -> Result<Command, JsonError> {
    let fields = command.object(&["type", "service", "name", "value"])?;
    let text = |name| fields.required(name)?.text().map(str::to_owned);
    let value = fields.required("value")?.text_or_whole()?;
    Ok(Command::SetServiceConfig { service: text("service")?, name: text("name")?, value })
}

fn seek(command: &Place) -> Result<Command, JsonError> {
    let fields = command.object(&["type", "service", "to"])?;
    let service = fields.required("service")?.text()?.to_owned();
    Ok(Command::Seek { service, to: seek_to(&fields.required("to")?)? })
}

/// `"earliest"`, `"latest"`, `{"offset": 7}` or `{"time_ms": 60000}`.
fn seek_to(to: &Place) -> Result<SeekTo, JsonError> {
    const SHAPES: &str = "it must be \"earliest\", \"latest\", {\"offset\": 7} or {\"time_ms\": 60000}";
    match to.text() {
        Ok("earliest") => return Ok(SeekTo::Earliest),
        Ok("latest") => return Ok(SeekTo::Latest),
        Ok(_) => return Err(to.wrong(SHAPES)),
        Err(_) => {}
    }
    let fields = to.object(&["offset", "time_ms"])?;
    match (fields.optional("offset"), fields.optional("time_ms")) {
        (Some(offset), None) => Ok(SeekTo::Offset(offset.within(0..=i64::MAX as u64)?)),
        (None, Some(time)) => Ok(SeekTo::TimeMs(time.within(0..=i64::MAX as u64)?)),
        (Some(_), Some(_)) | (None, None) => Err(to.wrong(SHAPES)),
    }
}

fn set_arrival_rate(command: &Place) -> Result<Command, JsonError> {
    let fields = command.object(&["type", "service", "arrivals_per_min"])?;
    let service = fields.required("service")?.text()?.to_owned();
    let arrivals_per_min = fields.required("arrivals_per_min")?.within(0..=u32::MAX.into())? as u32;
    Ok(Command::SetArrivalRate { service, arrivals_per_min })
}

fn set_topic_config(command: &Place) -> Result<Command, JsonError> {
    let fields = command.object(&["type", "topic", "name", "value"])?;
    let text = |name| fields.required(name)?.text().map(str::to_owned);
    let value = fields.required("value")?.text_or_whole()?;
    Ok(Command::SetTopicConfig { topic: text("topic")?, name: text("name")?, value })
}

fn publish(command: &Place) -> Result<Command, JsonError> {
    let fields = command.object(&["type", "topic", "key", "value", "headers", "partition"])?;
    let text = |name| fields.optional(name).map(|it| it.text().map(str::to_owned)).transpose();
    let mut headers = SortedMap::new();
    for (name, value) in fields.optional("headers").map_or(Ok(Vec::new()), |it| it.named())? {
        headers.insert(name.to_owned(), value.text()?.to_owned());
    }
    let partition = fields.optional("partition").map(|it| it.within(0..=u32::MAX.into())).transpose()?;
    Ok(Command::Publish {
        topic: fields.required("topic")?.text()?.to_owned(),
        key: text("key")?,
        value: text("value")?,
        headers,
        partition: partition.map(|partition| partition as u32),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Command, String> {
        Command::from_json(&Json::read(text).expect("JSON")).map_err(|error| error.to_string())
    }

    #[test]
    fn what_was_written_is_read_again() {
        let commands = [
            Command::SetServiceOnline { service: "orders".to_owned(), online: false },
            Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min: 60 },
            Command::AddService { service: NewService::Offered("statistics".to_owned()) },
            Command::AddService { service: NewService::Defined("{\"name\":\"a\",\"b\":[1,null]}".to_owned()) },
            Command::RemoveService { service: "orders".to_owned() },
            Command::SetBrokerOnline { broker: 2, online: false },
            Command::SetBrokerConnected { broker: 3, connected: true },
            Command::Publish {
                topic: "order-status".to_owned(),
                key: Some("order-1".to_owned()),
                value: None,
                headers: [("source".to_owned(), "me".to_owned())].into(),
                partition: Some(2),
            },
        ];
        for command in commands {
            let written = command.to_json();
            assert_eq!(read(&written), Ok(command), "{written}");
        }
    }

    #[test]
    fn what_may_be_left_out_may_be_null() {
        let short = read(r#"{"type": "publish", "topic": "t"}"#);
        assert!(short.is_ok());
        assert_eq!(
            read(r#"{"type": "publish", "topic": "t", "key": null, "headers": null, "partition": null}"#),
            short
        );
    }

    #[test]
    fn what_is_no_command_is_refused_with_the_reason() {
        let check = |text: &str, expect: &str| assert_eq!(read(text), Err(expect.to_owned()));
        check("null", &format!("the command: it must be an object with a \"type\"; {KINDS}"));
        check(r#"{"type": "fly"}"#, &format!("type: there is no command \"fly\"; {KINDS}"));
        check(
            r#"{"type": "set_arrival_rate", "service": "orders"}"#,
            "the command: the field \"arrivals_per_min\" is missing",
        );
        check(
            r#"{"type": "set_service_online", "service": "orders", "online": 1}"#,
            "online: it is 1; it must be true or false",
        );
        check(
            r#"{"type": "publish", "topic": "t", "valeu": "v"}"#,
            "valeu: there is no such field; there are: type, topic, key, value, headers, partition",
        );
    }
}
