//! Numbers, times and lists in words.

use crate::time::{Instant, Span};

/// `1 record`, `37 records`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Up to how many updates are a few; above, they are counted in steps of this, or of two digits.
const FEW: u64 = 10;

/// `a few updates`, `more than 30 updates`: for a number that changes faster than it can be read.
pub fn roughly(updates: u64) -> String {
    if updates <= FEW {
        return "a few updates".to_owned();
    }
    let mut step = FEW;
    while updates > 10 * FEW * step {
        step *= 10;
    }
    format!("more than {} updates", grouped((updates - 1) / step * step))
}

/// How many things a sentence lists at most.
const LISTED_MAX: usize = 4;

/// `a`, `a and b`, `a, b and c`, `a, b, c and 5 others`.
pub fn list(items: &[&str]) -> String {
    match items {
        [] => "nobody".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., _] if first.len() >= LISTED_MAX => {
            let named = LISTED_MAX - 1;
            format!("{} and {} others", first[..named].join(", "), items.len() - named)
        }
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The same of owned items.
pub fn list_of(items: &[String]) -> String {
    list(&items.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What marks a name in a sentence, before and behind it.
pub const NAME_MARK: char = '`';

/// A service's name as it stands in a sentence, marked, so that it can be told from the words around it: most names are words.
pub fn named(name: &str) -> String {
    format!("{NAME_MARK}{name}{NAME_MARK}")
}

/// A sentence without marks, for where there is nothing but text.
pub fn plain(prose: &str) -> String {
    prose.replace(NAME_MARK, "")
}

/// `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub fn seconds(span: Span) -> String {
    let ms = span.as_ms();
    let s = ms / 1_000;
    match s {
        0..10 => format!("{s}.{} s", ms % 1_000 / 100),
        10..60 => format!("{s} s"),
        60..3_600 => format!("{} min {} s", s / 60, s % 60),
        _ => format!("{} h {} min", s / 3_600, s % 3_600 / 60),
    }
}

/// `12 ms`, or as [`seconds`].
pub fn short(span: Span) -> String {
    if span.as_ms() < 1_000 { format!("{} ms", span.as_ms()) } else { seconds(span) }
}

/// `00:01:12.3`: hours, minutes, seconds and tenths of a run.
pub fn clock(at: Instant) -> String {
    let ms = at.as_ms();
    let s = ms / 1_000;
    format!("{:02}:{:02}:{:02}.{}", s / 3_600, s % 3_600 / 60, s % 60, ms % 1_000 / 100)
}

/// `1:12`: minutes and seconds of a run.
pub fn short_clock(at: Instant) -> String {
    let s = at.as_ms() / 1_000;
    format!("{}:{:02}", s / 60, s % 60)
}

/// What the switch of a service or of an instance does: off, it is a crash.
pub const fn switching(online: bool, has_group: bool) -> &'static str {
    match (online, has_group) {
        (false, _) => "Start it again",
        (true, true) => "Switch it off: its process dies, as in a crash, without a word to its group",
        (true, false) => "Switch it off: its process dies, as in a crash",
    }
}

/// `12.3`: a number of tenths.
pub fn tenths(tenths: u64) -> String {
    format!("{}.{}", grouped(tenths / 10), tenths % 10)
}

/// `0.250`: a number of thousandths, for style sheets.
pub fn thousandths(per_mille: u32) -> String {
    format!("{}.{:03}", per_mille / 1_000, per_mille % 1_000)
}

/// `25.0%`: a number of thousandths, for style sheets.
pub fn percent(per_mille: u32) -> String {
    format!("{}.{}%", per_mille / 10, per_mille % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn what_changes_fast_is_told_roughly_and_truly() {
        let told = [1, 10, 11, 20, 21, 347, 1_000, 1_001, 9_876, 10_001, 1_234_567].map(roughly);
        let expected = [
            "a few",
            "a few",
            "more than 10",
            "more than 10",
            "more than 20",
            "more than 340",
            "more than 990",
            "more than 1,000",
            "more than 9,800",
            "more than 10,000",
            "more than 1,200,000",
        ];
        assert_eq!(told, expected.map(|it| format!("{it} updates")));
    }

    #[test]
    fn parts_are_written_as_style_sheets_want_them() {
        assert_eq!([0, 25, 1_000].map(thousandths), ["0.000", "0.025", "1.000"]);
        assert_eq!([0, 25, 1_000].map(percent), ["0.0%", "2.5%", "100.0%"]);
    }

    #[test]
    fn spans_are_as_exact_as_they_are_short() {
        let written = [400, 12_000, 200_000, 7_500_000].map(|ms| seconds(Span::from_ms(ms)));
        assert_eq!(written, ["0.4 s", "12 s", "3 min 20 s", "2 h 5 min"]);
    }

    #[test]
    fn lists_end_with_and() {
        assert_eq!([list(&["a"]), list(&["a", "b"]), list(&["a", "b", "c"])], ["a", "a and b", "a, b and c"]);
        assert_eq!(list(&["a", "b", "c", "d"]), "a, b, c and d");
        assert_eq!(list(&["a", "b", "c", "d", "e"]), "a, b, c and 2 others", "a sentence is no list");
    }

    #[test]
    fn the_clock_counts_hours() {
        assert_eq!(clock(Instant::from_ms(3_672_340)), "01:01:12.3");
    }
}
