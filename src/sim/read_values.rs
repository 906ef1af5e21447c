//! Times as settings have them: milliseconds, with decimals where it takes some.

use super::spec::Spread;
use crate::time::Span;
use std::fmt::Write as _;

/// The longest time that a setting takes: a day.
pub(super) const MS_MAX: u64 = 86_400_000;

/// Milliseconds with as many decimals as it takes.
pub(super) fn ms_text(span: Span) -> String {
    let (whole, part) = (span.as_us() / 1_000, span.as_us() % 1_000);
    let mut text = whole.to_string();
    if part > 0 {
        let _ = write!(text, ".{part:03}");
    }
    if part > 0 { text.trim_end_matches('0').to_owned() } else { text }
}

/// `15 to 45`, or one number for both.
pub(super) fn spread_of(text: &str) -> Option<Spread> {
    let (min, max) = text.split_once("to").unwrap_or((text, text));
    let (min, max) = (us_of(min.trim())?, us_of(max.trim())?);
    let is_spread = min <= max && (1..=MS_MAX * 1_000).contains(&max);
    is_spread.then_some(Spread { min: Span::from_us(min), max: Span::from_us(max) })
}

/// Milliseconds with at most three decimals, in microseconds.
fn us_of(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(part) || part.len() > 3 {
        return None;
    }
    let us: u64 = format!("{part:0<3}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(1_000)?.checked_add(us)
}
