//! A run as a file: JSON that can be read and written by hand, with the roads that were left. A file with a mistake is refused
//! with the path of the field and the reason.

use super::checking::{RunError, check};
use super::{Presses, Road, Run};
use crate::json::{Json, JsonError, Place, laid_out, quoted};
use crate::scenario::{self, SHIPPED, Scenario};
use crate::sim::{Command, StampedCommand};
use crate::time::Instant;
use thiserror::Error;

/// What the field `format` of a run's file is.
pub const FILE_FORMAT: &str = "catchup-run";
/// The largest file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The latest version. In it a command may have `with_previous`: it was done with the same press as the one before. A file in which
/// none has is of version 1, so that older pages read it, too.
const VERSION: i64 = 2;
const FIELDS: [&str; 9] =
    ["format", "version", "scenario", "seed", "at_us", "end_us", "trace_hash", "commands", "branches"];

/// Why there is no file of a run, or no run of a file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FileError {
    /// It is too large.
    #[error("The file of this run has {bytes} bytes, and the limit is {FILE_BYTES_MAX}.")]
    TooLarge {
        /// How large it is.
        bytes: usize,
    },
    /// It is no JSON: cut, for example.
    #[error("This file is damaged, or no run: it is no JSON ({0}).")]
    Damaged(String),
    /// It is something else.
    #[error("This is not a run that Catchup has saved: its \"format\" is not \"{FILE_FORMAT}\".")]
    Foreign,
    /// A newer page has made it.
    #[error(
        "This file was made by a newer version of Catchup (its format is {version}, and this page reads up to {VERSION})."
    )]
    Newer {
        /// Its format.
        version: i64,
    },
    /// A field is wrong.
    #[error("This run cannot be read. {0}")]
    Field(#[from] JsonError),
    /// The run in it is none that can be run.
    #[error("This run cannot be shown: {0}.")]
    Run(#[from] RunError),
}

/// Whether a text says of itself that it is the file of a run.
pub fn is_run_file(text: &str) -> bool {
    text.len() <= FILE_BYTES_MAX && Json::read(text).is_ok_and(|json| is_run(&json))
}

/// The file of a run.
pub fn file_of(run: &Run) -> Result<String, FileError> {
    check(run)?;
    let is_of_version_1 = run.presses.is_each_alone() && run.roads.iter().all(|road| road.presses.is_each_alone());
    let hash = run.trace_hash.map_or("null".to_owned(), |hash| format!("\"{hash:016x}\""));
    let parts = [
        ("format", quoted(FILE_FORMAT)),
        ("version", if is_of_version_1 { "1".to_owned() } else { VERSION.to_string() }),
        ("scenario", scenario_text(&run.scenario)),
        ("seed", number(run.seed)),
        ("at_us", run.at.as_us().to_string()),
        ("end_us", run.end.as_us().to_string()),
        ("trace_hash", hash),
        ("commands", commands_text(&run.commands, &run.presses, "  ")),
        ("branches", list(run.roads.iter().map(road_text), "  ")),
    ];
    let fields: Vec<String> = parts.iter().map(|(name, value)| format!("\n  \"{name}\": {value}")).collect();
    let out = format!("{{{}\n}}\n", fields.join(","));
    if out.len() > FILE_BYTES_MAX { Err(FileError::TooLarge { bytes: out.len() }) } else { Ok(out) }
}

/// The run of a file.
pub fn of_file(text: &str) -> Result<Run, FileError> {
    if text.len() > FILE_BYTES_MAX {
        return Err(FileError::TooLarge { bytes: text.len() });
    }
    let json = Json::read(text).map_err(|error| FileError::Damaged(error.to_string()))?;
    if !is_run(&json) {
        return Err(FileError::Foreign);
    }
    if let Some(&Json::Whole(version)) = json.get("version")
        && version > VERSION
    {
        return Err(FileError::Newer { version });
    }
    let run = read(&Place::root(&json, "the file"))?;
    check(&run)?;
    Ok(run)
}

fn is_run(json: &Json) -> bool {
    json.get("format").and_then(Json::as_text) == Some(FILE_FORMAT)
}

/// A shipped scenario by its name, any other whole.
fn scenario_text(scenario: &Scenario) -> String {
    let is_shipped = SHIPPED.iter().any(|(name, text)| *name == &*scenario.name && *text == &*scenario.text);
    if is_shipped {
        return quoted(&scenario.name);
    }
    let text = Json::read(&scenario.text).map(|json| json.to_string()).unwrap_or_default();
    laid_out(&text).unwrap_or(text).replace('\n', "\n  ")
}

/// A number that JSON's readers keep exactly: a large one is a text.
fn number(number: u64) -> String {
    const EXACT_MAX: u64 = (1 << 53) - 1;
    if number <= EXACT_MAX { number.to_string() } else { format!("\"{number}\"") }
}

fn commands_text(commands: &[StampedCommand], presses: &Presses, indent: &str) -> String {
    let text = |(place, stamped): (usize, &StampedCommand)| {
        let with_previous = if presses.is_with_previous(place) { "\"with_previous\": true, " } else { "" };
        format!("{{ \"at_us\": {}, {with_previous}\"command\": {} }}", stamped.at.as_us(), stamped.command.to_json())
    };
    list(commands.iter().enumerate().map(text), indent)
}

fn road_text(road: &Road) -> String {
    let commands = commands_text(&road.commands, &road.presses, "    ");
    format!("{{ \"name\": {}, \"end_us\": {}, \"commands\": {commands} }}", quoted(&road.name), road.end.as_us())
}

fn list(items: impl Iterator<Item = String>, indent: &str) -> String {
    let items: Vec<String> = items.map(|item| format!("\n{indent}  {item}")).collect();
    if items.is_empty() { "[]".to_owned() } else { format!("[{}\n{indent}]", items.join(",")) }
}

fn read(file: &Place) -> Result<Run, JsonError> {
    let fields = file.object(&FIELDS)?;
    let version = fields.required("version")?;
    if !(1..=VERSION).contains(&version.whole()?) {
        return Err(version.wrong(format!("it must be 1 or {VERSION}")));
    }
    let (commands, presses) = read_commands(&fields.required("commands")?)?;
    Ok(Run {
        scenario: read_scenario(&fields.required("scenario")?)?,
        seed: read_number(&fields.required("seed")?)?,
        commands,
        presses,
        at: read_instant(&fields.required("at_us")?)?,
        end: read_instant(&fields.required("end_us")?)?,
        trace_hash: fields.optional("trace_hash").map(|hash| read_hash(&hash)).transpose()?,
        roads: fields.optional("branches").map_or(Ok(Vec::new()), |roads| read_roads(&roads))?,
    })
}

/// A scenario's own mistakes have their paths in it.
fn read_scenario(place: &Place) -> Result<Scenario, JsonError> {
    match place.text() {
        Ok(name) => scenario::shipped(name).map_err(|error| place.wrong(error.reason)),
        Err(_) => scenario::parse(&place.json().to_string())
            .map_err(|error| JsonError::new(format!("scenario.{}", error.path), error.reason)),
    }
}

fn read_number(place: &Place) -> Result<u64, JsonError> {
    place.text_or_whole()?.parse().map_err(|_| place.wrong("it must be a whole number from 0"))
}

fn read_instant(place: &Place) -> Result<Instant, JsonError> {
    Ok(Instant::from_us(place.within(0..=i64::MAX as u64)?))
}

fn read_hash(place: &Place) -> Result<u64, JsonError> {
    let text = place.text()?;
    let hash = (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok()).flatten();
    hash.ok_or_else(|| place.wrong("it must be 16 hexadecimal digits"))
}

fn read_commands(place: &Place) -> Result<(Vec<StampedCommand>, Presses), JsonError> {
    let (mut commands, mut presses) = (Vec::new(), Presses::default());
    for place in place.list()? {
        let fields = place.object(&["at_us", "with_previous", "command"])?;
        if fields.optional("with_previous").map_or(Ok(false), |flag| flag.flag())? {
            presses.push(commands.len());
        }
        let (at, command) = (fields.required("at_us")?, fields.required("command")?);
        commands.push(StampedCommand { at: read_instant(&at)?, command: Command::from_place(&command)? });
    }
    Ok((commands, presses))
}

fn read_roads(place: &Place) -> Result<Vec<Road>, JsonError> {
    place.list()?.iter().map(read_road).collect()
}

fn read_road(place: &Place) -> Result<Road, JsonError> {
    let fields = place.object(&["name", "end_us", "commands"])?;
    let (commands, presses) = read_commands(&fields.required("commands")?)?;
    Ok(Road {
        name: fields.required("name")?.text()?.to_owned(),
        commands,
        presses,
        end: read_instant(&fields.required("end_us")?)?,
    })
}
