//! A run as a browser keeps it, and how that is written down.

use super::model::Speed;
use crate::run::{FileError, Run, file_of, of_file};

/// What the first line of what is kept in the browser begins with: its version.
const KEPT: &str = "catchup-kept-1";

/// A run as a browser keeps it, with how it was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The run.
    pub run: Run,
    /// Whether it went on.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// What a search has found, as the search writes it down.
    pub search: Option<String>,
}

impl Kept {
    /// As it is written down.
    pub fn written(&self) -> Result<String, FileError> {
        Ok(self.written_around(&file_of(&self.run)?))
    }

    /// The same, when the file of its run is there already.
    pub fn written_around(&self, file: &str) -> String {
        let playing = if self.playing { "playing" } else { "held" };
        let search = self.search.as_ref().map(|search| (format!(" {}", file.len()), search.as_str()));
        let (file_bytes, search) = search.unwrap_or_default();
        format!("{KEPT} {playing} {}{file_bytes}\n{file}{search}", self.speed.label())
    }

    /// What was written down, if it is what [`Kept::written`] writes.
    pub fn read(text: &str) -> Option<Self> {
        let (head, file) = text.split_once('\n')?;
        let [KEPT, playing, speed, ref file_bytes @ ..] = *head.split(' ').collect::<Vec<_>>() else { return None };
        let speed = Speed::OFFERED.into_iter().find(|offered| offered.label() == speed)?;
        let (file, search) = match *file_bytes {
            [] => (file, None),
            [bytes] => {
                file.split_at_checked(bytes.parse().ok()?).map(|(file, search)| (file, Some(search.to_owned())))?
            }
            [..] => return None,
        };
        Some(Self { run: of_file(file).ok()?, playing: playing == "playing", speed, search })
    }
}
