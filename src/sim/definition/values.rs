//! What the fields of a definition hold: names, texts, spans of time, and how many there may be of something.

use crate::json::{JsonError, Members, Place};
use crate::sim::Spread;
use crate::time::Span;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// The longest time that a file can name: a day.
pub const MS_MAX: u64 = 86_400_000;
const NAME_CHARS_MAX: usize = 64;

/// What was read, or what is wrong and where.
pub type Checked<T> = Result<T, JsonError>;

/// A name goes into commands, links and headings: letters, digits, dot, dash and underscore, as Kafka has it for topics.
pub fn name_of(name: &Place) -> Checked<Arc<str>> {
    let text = name.text()?;
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if text.is_empty() || text.len() > NAME_CHARS_MAX || !text.chars().all(is_legal) {
        let reason = format!(
            "\"{text}\" is no name; a name has 1 to {NAME_CHARS_MAX} letters, digits, dots, dashes or underscores"
        );
        return Err(name.wrong(reason));
    }
    Ok(text.into())
}

/// A text that says something.
pub fn text_of(place: &Place) -> Checked<Arc<str>> {
    let text = place.text()?;
    if text.trim().is_empty() {
        return Err(place.wrong("it is empty"));
    }
    Ok(text.into())
}

/// A time between two, in microseconds.
pub fn spread_us(place: &Place) -> Checked<Spread> {
    let (min, max) = pair(place, 1..=MS_MAX * 1_000)?;
    Ok(Spread { min: Span::from_us(min), max: Span::from_us(max) })
}

/// A time between two, in milliseconds.
pub fn spread_ms(place: &Place) -> Checked<Spread> {
    let (min, max) = pair(place, 0..=MS_MAX)?;
    Ok(Spread { min: Span::from_ms(min), max: Span::from_ms(max) })
}

/// The smallest and the largest number, of which the latter is in `range`.
fn pair(place: &Place, range: RangeInclusive<u64>) -> Checked<(u64, u64)> {
    let list = place.list()?;
    let [min, max] = &*list else {
        let reason = format!("it has {} entries; it must have two: the smallest number and the largest", list.len());
        return Err(place.wrong(reason));
    };
    let (min, max) = (min.within(0..=*range.end())?, max.within(range)?);
    if min > max {
        return Err(place.wrong(format!("the smaller number comes first, not [{min}, {max}]")));
    }
    Ok((min, max))
}

/// A time in milliseconds, if it is there.
pub fn optional_ms(config: &Members, name: &str, default: Span, range: RangeInclusive<u64>) -> Checked<Span> {
    config.optional(name).map_or(Ok(default), |it| it.within(range).map(Span::from_ms))
}

/// So many entries are not too few nor too many.
pub fn count(place: &Place, len: usize, range: RangeInclusive<usize>) -> Checked<()> {
    if range.contains(&len) {
        return Ok(());
    }
    Err(place.wrong(format!("it has {len} entries; it must have from {} to {}", range.start(), range.end())))
}

/// No two of a `kind` have the same name.
pub fn unique<'a>(named: impl Iterator<Item = (&'a Place<'a>, &'a str)>, kind: &str) -> Checked<()> {
    let mut seen = Vec::new();
    for (place, name) in named {
        if seen.contains(&name) {
            return Err(place.wrong(format!("there is a {kind} \"{name}\" already")));
        }
        seen.push(name);
    }
    Ok(())
}
