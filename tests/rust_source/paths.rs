//! The paths that source spells, each as seen from the root of its crate.

use super::{Token, Word, tokens};

/// A path such as `crate::sim::World` or `std::time::Instant`, `crate` and `super` resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// The line on which its last name is.
    pub(crate) line: usize,
    /// Whether it begins in this crate, or is any other path.
    pub(crate) is_ours: bool,
    /// Its names; those of this crate without `crate`. A glob is a `*`.
    pub(crate) names: Vec<String>,
}

/// The paths in `source`, which is the module `module` of its crate. A `use` tree gives one path a leaf.
pub(crate) fn paths(source: &str, module: &[&str]) -> Vec<Path> {
    let tokens = tokens(source);
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
        modules: module.iter().map(|name| ((*name).to_owned(), None)).collect(),
        depth: 0,
        found: Vec::new(),
    };
    reader.read();
    reader.found
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    /// The modules around, with the depth of braces at which those inside this file end.
    modules: Vec<(String, Option<usize>)>,
    depth: usize,
    found: Vec<Path>,
}

/// The part of a path that is already read.
#[derive(Clone, Default)]
struct Prefix {
    is_ours: bool,
    names: Vec<String>,
}

impl Reader<'_> {
    fn read(&mut self) {
        while self.at < self.tokens.len() {
            match (self.word(0), self.word(1), self.word(2)) {
                (Some(Word::Name(keyword)), Some(Word::Name(name)), Some(Word::Mark('{'))) if keyword == "mod" => {
                    self.modules.push((name.clone(), Some(self.depth)));
                    self.depth += 1;
                    self.at += 3;
                }
                (Some(Word::Mark('(')), Some(Word::Name(name)), Some(Word::Mark(')')))
                    if ["crate", "super", "self"].contains(&name.as_str()) =>
                {
                    self.at += 3; // pub(crate), pub(super): says who may look in, not what is looked at
                }
                (Some(Word::Name(_)), _, _) => self.tree(&Prefix::default()),
                (Some(Word::Mark('{')), _, _) => {
                    self.depth += 1;
                    self.at += 1;
                }
                (Some(Word::Mark('}')), _, _) => self.close_brace(),
                _ => self.at += 1,
            }
        }
    }

    fn close_brace(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.modules.last().is_some_and(|(_, ends)| *ends == Some(self.depth)) {
            self.modules.pop();
        }
        self.at += 1;
    }

    /// Reads a path, with all its branches if it is a `use` tree.
    fn tree(&mut self, prefix: &Prefix) {
        let mut path = prefix.clone();
        let mut line = self.tokens[self.at].line;
        let mut is_first = prefix.names.is_empty() && !prefix.is_ours;
        loop {
            match self.word(0).cloned() {
                Some(Word::Name(name)) => {
                    line = self.tokens[self.at].line;
                    self.at += 1;
                    self.append(&mut path, &name, is_first);
                    is_first = false;
                }
                Some(Word::Mark('*')) => {
                    path.names.push("*".to_owned());
                    self.at += 1;
                }
                Some(Word::Mark('{')) => return self.branches(&path),
                _ => break,
            }
            if self.word(0) == Some(&Word::PathSeparator) {
                self.at += 1;
            } else {
                break;
            }
        }
        self.found.push(Path { line, is_ours: path.is_ours, names: path.names });
    }

    fn branches(&mut self, prefix: &Prefix) {
        self.at += 1;
        while let Some(word) = self.word(0) {
            match word {
                Word::Mark('}') => {
                    self.at += 1;
                    return;
                }
                Word::Name(name) if name == "as" => self.at += 2,
                Word::Name(_) | Word::Mark('*' | '{') => self.tree(prefix),
                Word::Mark(_) | Word::PathSeparator | Word::Integer | Word::Float(_) => self.at += 1,
            }
        }
    }

    fn append(&self, path: &mut Prefix, name: &str, is_first: bool) {
        match (name, is_first) {
            ("crate", true) => path.is_ours = true,
            ("self" | "super", true) => {
                path.is_ours = true;
                path.names = self.modules.iter().map(|(name, _)| name.clone()).collect();
                if name == "super" {
                    path.names.pop();
                }
            }
            ("super", false) => drop(path.names.pop()),
            ("self", false) => {}
            _ => path.names.push(name.to_owned()),
        }
    }

    fn word(&self, ahead: usize) -> Option<&Word> {
        self.tokens.get(self.at + ahead).map(|token| &token.word)
    }
}
