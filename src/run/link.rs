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

/// The latest version. It knows which commands were done with one press; a run in which none were has a link of version 1, so that older
/// pages open it, too.
const VERSION: u8 = 2;
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
    let bytes = sealed(if run.presses.is_each_alone() { 1 } else { VERSION }, &pattern, &noise);
    match chars(bytes.len()) {
        chars if chars > LINK_CHARS_MAX => Err(LinkError::RunTooLarge { chars }),
        _ => {
            let mut link = FRAGMENT.to_owned();
            base64url::write(&bytes, &mut link);
            Ok(link)
        }
    }
}

/// The bytes of a link.
fn sealed(version: u8, pattern: &[u8], noise: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; HEAD_BYTES];
    bytes[0] = version;
    bytes[5..].copy_from_slice(&(pattern.len() as u32).to_le_bytes()[..3]);
    bytes.extend(squeeze(pattern));
    bytes.extend(noise);
    let checksum = checksum(&bytes);
    bytes[1..5].copy_from_slice(&checksum);
    bytes
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
    if !(1..=VERSION).contains(&head[0]) {
        return Err(LinkError::Newer { version: head[0] });
    }
    let len = u32::from_le_bytes([head[5], head[6], head[7], 0]) as usize;
    if len > UNPACKED_BYTES_MAX {
        return Err(LinkError::Huge { bytes: len });
    }
    let run = unpack(&unsqueeze(body, len), body, head[0] > 1).map_err(|error| match error {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Presses;
    use crate::run::checking::CommandFault;
    use crate::scenario::shipped;
    use crate::sim::{Command, StampedCommand};
    use crate::time::Instant;

    /// Two commands at one instant, of which the second goes with the first.
    fn pressed() -> Run {
        let at = Instant::from_ms(7);
        let command = |broker| StampedCommand { at, command: Command::SetBrokerOnline { broker, online: false } };
        let mut presses = Presses::default();
        presses.join(0..2);
        Run {
            scenario: shipped("delivery").expect("it ships"),
            seed: 1,
            commands: vec![command(1), command(2)],
            presses,
            at,
            end: at,
            trace_hash: None,
            roads: Vec::new(),
        }
    }

    /// What comes of the link of that run, if its version and a byte of its pattern, counted from the last, are these.
    fn opened(version: u8, place: usize, byte: u8) -> Result<Run, LinkError> {
        let Packed { mut pattern, noise } = pack(&pressed());
        let place = pattern.len() - 1 - place;
        pattern[place] = byte;
        let mut link = FRAGMENT.to_owned();
        base64url::write(&sealed(version, &pattern, &noise), &mut link);
        of_link(&link)
    }

    #[test]
    fn only_version_2_knows_of_presses_and_only_of_those_of_commands() {
        let [first, second, after_last, before_end] = [4, 3, 2, 1];
        assert_eq!(opened(2, second, 0), Ok(pressed()));
        let alone = Run { presses: Presses::default(), ..pressed() };
        assert_eq!([1, 2].map(|version| opened(version, second, 1)), [Ok(alone.clone()), Ok(alone)]);
        for (version, place) in [(1, second), (1, first), (2, after_last), (2, before_end)] {
            assert_eq!(opened(version, place, 0), Err(LinkError::Damaged), "version {version}, {place} from the end");
        }
        let Err(LinkError::Run(RunError::Command { number, what, .. })) = opened(2, first, 0) else { panic!("no run") };
        assert_eq!((number, what), (1, CommandFault::NonePrevious));
        assert_eq!(opened(3, second, 0), Err(LinkError::Newer { version: 3 }));
    }
}
