//! Text with holes: `"Order {order} is {status}"`. The only programming language that a scenario file has.

use std::sync::Arc;
use thiserror::Error;

/// Why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// A `{` has no `}`.
    #[error("`{{` at character {at} is never closed")]
    Unclosed {
        /// Where the brace is, counted from 1.
        at: usize,
    },
    /// A hole has a name that nothing fills.
    #[error("`{{{name}}}` names nothing; known are: {known}")]
    UnknownName {
        /// The name in the braces.
        name: String,
        /// The names that would do.
        known: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(Arc<str>),
    Hole(Arc<str>),
}

/// A parsed template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

impl Template {
    /// Parses `text`; every hole must have one of the names in `known`.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let at = text[..text.len() - rest.len() + open].chars().count() + 1;
            let close = rest[open..].find('}').ok_or(TemplateError::Unclosed { at })? + open;
            let name = &rest[open + 1..close];
            if !known.contains(&name) {
                return Err(TemplateError::UnknownName { name: name.to_owned(), known: known.join(", ") });
            }
            pieces.push(Piece::Text(rest[..open].into()));
            pieces.push(Piece::Hole(name.into()));
            rest = &rest[close + 1..];
        }
        pieces.push(Piece::Text(rest.into()));
        pieces.retain(|piece| *piece != Piece::Text("".into()));
        Ok(Self(pieces))
    }

    /// The text, each hole filled with what `fill` gives for its name.
    pub fn render<'a>(&'a self, fill: impl Fn(&str) -> Option<&'a str>) -> String {
        self.pieces(fill).collect()
    }

    /// The same piece by piece.
    pub fn pieces<'a>(&'a self, fill: impl Fn(&str) -> Option<&'a str>) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(move |piece| match piece {
            Piece::Text(text) => &**text,
            Piece::Hole(name) => fill(name).unwrap_or("?"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled() {
        let template = Template::parse("{a} and {b}!", &["a", "b"]).expect("a template");
        assert_eq!(template.render(|name| (name == "a").then_some("one")), "one and ?!");
    }

    #[test]
    fn an_unknown_name_is_refused_with_those_known() {
        let refused = Template::parse("{custmer}", &["customer", "city"]).expect_err("a typing error");
        assert_eq!(refused.to_string(), "`{custmer}` names nothing; known are: customer, city");
    }

    #[test]
    fn an_open_brace_is_refused_with_its_place() {
        assert_eq!(Template::parse("ä {b", &["b"]), Err(TemplateError::Unclosed { at: 3 }));
    }
}
