//! A JSON text laid out for reading. Nothing else about it changes.

use super::Json;
use std::iter::Peekable;
use std::str::Chars;

/// The text over several lines, if it is a JSON object.
pub fn laid_out(text: &str) -> Option<String> {
    matches!(Json::read(text), Ok(Json::Object(_))).then(|| over_lines(text))
}

fn over_lines(text: &str) -> String {
    let (mut out, mut depth, mut rest) = (String::new(), 0usize, text.chars().peekable());
    while let Some(c) = rest.next() {
        match c {
            c if c.is_ascii_whitespace() => {}
            '"' => copy_text(&mut rest, &mut out),
            '{' | '[' => {
                out.push(c);
                if let Some(end) = end_of_empty(&mut rest) {
                    out.push(end);
                } else {
                    depth += 1;
                    break_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                break_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => out.push(c),
        }
    }
    out
}

/// The closing bracket, if there is nothing before it.
fn end_of_empty(rest: &mut Peekable<Chars>) -> Option<char> {
    while rest.next_if(char::is_ascii_whitespace).is_some() {}
    rest.next_if(|next| matches!(next, '}' | ']'))
}

/// Copies a text as it is, from behind its first quotation mark to its last.
fn copy_text(rest: &mut impl Iterator<Item = char>, out: &mut String) {
    out.push('"');
    while let Some(c) = rest.next() {
        out.push(c);
        match c {
            '"' => return,
            '\\' => out.extend(rest.next()),
            _ => {}
        }
    }
}

fn break_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_laid_out() {
        let text = r#"{"order": "a:1,{\"b\\","list":[1,2.50, {}],"none" : [ ],"inner":{"x":null}}"#;
        let expect = "{\n  \"order\": \"a:1,{\\\"b\\\\\",\n  \"list\": [\n    1,\n    2.50,\n    {}\n  ],\n  \"none\": [],\n  \"inner\": {\n    \"x\": null\n  }\n}";
        assert_eq!(laid_out(text).as_deref(), Some(expect));
    }

    #[test]
    fn what_is_no_object_stays_as_it_is() {
        assert_eq!(laid_out("[1,2]"), None);
        assert_eq!(laid_out("{\"a\": }"), None);
    }
}
