//! A run as the fragment of a link, which no server ever sees. In its bytes the first is the version, four are a checksum over
//! all the others, three say to how many bytes the pattern unpacks; then comes the pattern, and last the noise.
//!
//! A link that was cut, mistyped or made up is refused before anything comes of it. Version, checksum and their places stay the same
//! in every version, so that a newer link is told from a damaged one.

use super::checking::{RunError, check};
use super::packed::{Packed, Unpackable, pack, unpack};
use super::squeeze::{squeeze, unsqueeze};
use super::{Run, base64url};
use crate::scenario::ScenarioError;
use thiserror::Error;
use xxhash_rust::xxh64::xxh64;

/// What the fragment of a link begins with.
pub const FRAGMENT: &str = "run=";
/// The most characters that the fragment of a link has.
pub const LINK_CHARS_MAX: usize = 8_000;
/// The most commands that a link holds.
pub const LINK_COMMANDS_MAX: usize = 2_000;
/// The most bytes that a link unpacks to.
pub const UNPACKED_BYTES_MAX: usize = 128 * 1024;

const VERSION: u8 = 1;
/// Version, checksum, length.
const HEAD_BYTES: usize = 1 + 4 + 3;

/// Why there is no link of a run, or no run of a link.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LinkError {
    /// There is no run in it.
    #[error("This is not a Catchup link: there is no \"#{FRAGMENT}\" in it.")]
    Foreign,
    /// Characters are missing, too many, or wrong.
    #[error("This link is damaged: a part of it is missing or was changed on its way. Copy the whole link again.")]
    Damaged,
    /// A newer page has made it.
    #[error(
        "This link was made by a newer version of Catchup (its format is {version}, and this page reads up to {VERSION})."
    )]
    Newer {
        /// Its format.
        version: u8,
    },
    /// More was done than a link holds.
    #[error("A link holds {LINK_COMMANDS_MAX} commands, and this run has had {commands}. Save it as a file instead.")]
    TooManyCommands {
        /// How many.
        commands: usize,
    },
    /// It is longer than any link.
    #[error(
        "A link of this run would have {chars} characters, and the limit is {LINK_CHARS_MAX}. Save it as a file instead."
    )]
    RunTooLarge {
        /// How long it would be.
        chars: usize,
    },
    /// It is longer than any link.
    #[error("This link has {chars} characters, and the limit is {LINK_CHARS_MAX}.")]
    TooLong {
        /// How long it is.
        chars: usize,
    },
    /// It would unpack to something huge.
    #[error("This link would unpack to {bytes} bytes, and the limit is {UNPACKED_BYTES_MAX}.")]
    Huge {
        /// To how much.
        bytes: usize,
    },
    /// Its scenario is none, or not known here.
    #[error("The scenario in this link cannot be run here. {0}")]
    Scenario(ScenarioError),
    /// The run in it is none that can be run.
    #[error("This run cannot be shown: {0}.")]
    Run(#[from] RunError),
}

/// The fragment of a link to a run, without its roads: `run=…`.
pub fn link_of(run: &Run) -> Result<String, LinkError> {
    check(run)?;
    if run.commands.len() > LINK_COMMANDS_MAX {
        return Err(LinkError::TooManyCommands { commands: run.commands.len() });
    }
    let Packed { pattern, noise } = pack(run);
    if pattern.len() > UNPACKED_BYTES_MAX {
        // Nothing of that size becomes short enough, and to find out how short takes long.
        return Err(LinkError::RunTooLarge { chars: chars(pattern.len()) });
    }
    let mut bytes = vec![0; HEAD_BYTES];
    bytes[0] = VERSION;
    bytes[5..].copy_from_slice(&(pattern.len() as u32).to_le_bytes()[..3]);
    bytes.extend(squeeze(&pattern));
    bytes.extend(noise);
    let checksum = checksum(&bytes);
    bytes[1..5].copy_from_slice(&checksum);
    match chars(bytes.len()) {
        chars if chars > LINK_CHARS_MAX => Err(LinkError::RunTooLarge { chars }),
        _ => {
            let mut link = FRAGMENT.to_owned();
            base64url::write(&bytes, &mut link);
            Ok(link)
        }
    }
}

/// The run of a link, of which only the fragment counts.
pub fn of_link(link: &str) -> Result<Run, LinkError> {
    let fragment = link.trim().rsplit('#').next().unwrap_or_default();
    let digits = fragment.strip_prefix(FRAGMENT).ok_or(LinkError::Foreign)?;
    if fragment.len() > LINK_CHARS_MAX {
        return Err(LinkError::TooLong { chars: fragment.len() });
    }
    let bytes = base64url::read(digits).ok_or(LinkError::Damaged)?;
    let (head, body) = bytes.split_first_chunk::<HEAD_BYTES>().ok_or(LinkError::Damaged)?;
    if head[1..5] != checksum(&bytes) {
        return Err(LinkError::Damaged);
    }
    if head[0] != VERSION {
        return Err(LinkError::Newer { version: head[0] });
    }
    let len = u32::from_le_bytes([head[5], head[6], head[7], 0]) as usize;
    if len > UNPACKED_BYTES_MAX {
        return Err(LinkError::Huge { bytes: len });
    }
    let run = unpack(&unsqueeze(body, len), body).map_err(|error| match error {
        Unpackable::Garbled => LinkError::Damaged,
        Unpackable::Scenario(error) => LinkError::Scenario(error),
    })?;
    check(&run)?;
    Ok(run)
}

const fn chars(bytes: usize) -> usize {
    FRAGMENT.len() + base64url::chars_of(bytes)
}

/// Over all bytes but its own four.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let hash = xxh64(&bytes[5..], u64::from(bytes[0]));
    (hash as u32).to_le_bytes()
}
