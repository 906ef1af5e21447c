//! Components: values in, callbacks out. They decide nothing.

mod chart;
mod failure;
mod header;
mod inspector;
mod lag_table;
mod lane;
mod news;
mod outcome;
mod page;
mod publish;
mod service;
mod shape;
mod switch;
mod time_bar;
mod topic;

pub(super) use failure::Failure;
pub(super) use page::Page;
