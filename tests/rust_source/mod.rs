//! Rust source as far as a look at its paths needs it: tokens without comments and texts, and the paths that they spell.
//!
//! Not a parser: it knows `use` trees, `crate`, `self`, `super` and modules inside a file, and nothing of scopes or macros.

mod paths;
mod tokens;

pub(crate) use paths::{Path, paths};
pub(crate) use tokens::{Token, Word, tokens};
