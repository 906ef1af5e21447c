//! Cuts source into tokens. Comments and texts are left out: a doc link upward is no dependency.

/// One token and the line it is on, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) line: usize,
    pub(crate) word: Word,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// A name or a keyword, without `r#`.
    Name(String),
    /// A whole number.
    Integer,
    /// A number with a fraction, an exponent or a floating-point suffix.
    Float(String),
    /// `::`
    PathSeparator,
    /// Any other character, each for itself.
    Mark(char),
}

/// The tokens of `source`.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut cursor = Cursor { rest: source, line: 1 };
    let mut tokens: Vec<Token> = Vec::new();
    while !cursor.rest.is_empty() {
        let line = cursor.line;
        let after_dot = tokens.last().is_some_and(|token| token.word == Word::Mark('.'));
        if let Some(word) = cursor.take(after_dot) {
            tokens.push(Token { line, word });
        }
    }
    tokens
}

struct Cursor<'a> {
    rest: &'a str,
    line: usize,
}

impl Cursor<'_> {
    /// The next token, or nothing for what is passed over.
    fn take(&mut self, after_dot: bool) -> Option<Word> {
        let first = self.rest.chars().next()?;
        if self.rest.starts_with("//") {
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()))
        } else if self.rest.starts_with("/*") {
            self.skip(block_comment_len(self.rest))
        } else if let Some(len) = text_len(self.rest) {
            self.skip(len)
        } else if self.rest.starts_with("::") {
            self.skip(2);
            Some(Word::PathSeparator)
        } else if first.is_ascii_digit() {
            Some(self.number(after_dot))
        } else if first.is_alphabetic() || first == '_' {
            Some(self.name())
        } else {
            self.skip(first.len_utf8());
            (!first.is_whitespace()).then_some(Word::Mark(first))
        }
    }

    fn name(&mut self) -> Word {
        if self.rest.starts_with("r#") {
            self.skip(2);
        }
        let len = run_len(self.rest, is_of_name);
        let name = self.rest[..len].to_owned();
        self.skip(len);
        Word::Name(name)
    }

    /// A number. Behind a dot it is the field of a tuple, which has no fraction.
    fn number(&mut self, after_dot: bool) -> Word {
        let len = run_len(self.rest, is_of_name);
        let (whole, rest) = self.rest.split_at(len);
        let fraction = rest.strip_prefix('.').filter(|_| !after_dot).and_then(fraction_len);
        let suffix = whole.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
        let is_float = fraction.is_some() || suffix.starts_with(['e', 'E']) || ["f32", "f64"].contains(&suffix);
        let number = self.rest[..len + fraction.map_or(0, |len| 1 + len)].to_owned();
        self.skip(number.len());
        if is_float { Word::Float(number) } else { Word::Integer }
    }

    fn skip(&mut self, len: usize) -> Option<Word> {
        self.line += self.rest[..len].matches('\n').count();
        self.rest = &self.rest[len..];
        None
    }
}

/// How much of `text`, which follows a number and a dot, is the number's fraction; `None` if the dot is a range's or a method's.
fn fraction_len(text: &str) -> Option<usize> {
    let is_fraction = !text.starts_with(|c: char| c == '.' || c == '_' || c.is_alphabetic());
    is_fraction.then(|| run_len(text, is_of_name))
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn run_len(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn block_comment_len(text: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// How long the text or character at the start is; `None` if there is neither. A lifetime is no character.
fn text_len(text: &str) -> Option<usize> {
    let prefix = ["", "b", "c", "r", "br", "cr"].into_iter().find(|prefix| {
        let rest = text.strip_prefix(prefix).unwrap_or_default();
        rest.starts_with('"') || prefix.ends_with('r') && rest.trim_start_matches('#').starts_with('"')
    });
    if let Some(prefix) = prefix {
        return Some(prefix.len() + quoted_len(&text[prefix.len()..], prefix.ends_with('r')));
    }
    let prefix = usize::from(text.starts_with("b'"));
    let rest = text[prefix..].strip_prefix('\'')?;
    let first = rest.chars().next()?;
    if first == '\\' {
        let escaped = rest.get(1..)?.chars().next()?.len_utf8();
        return Some(prefix + 1 + 1 + escaped + rest[1 + escaped..].find('\'')? + 1);
    }
    rest[first.len_utf8()..].starts_with('\'').then_some(prefix + 1 + first.len_utf8() + 1)
}

fn quoted_len(text: &str, is_raw: bool) -> usize {
    let hashes = run_len(text, |c| c == '#');
    let mut at = hashes + 1;
    if is_raw {
        let end = format!("\"{}", "#".repeat(hashes));
        return text[at..].find(&end).map_or(text.len(), |found| at + found + end.len());
    }
    while let Some(found) = text[at..].find(['"', '\\']) {
        at += found + 1;
        if text.as_bytes()[at - 1] == b'"' {
            return at;
        }
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
    text.len()
}
