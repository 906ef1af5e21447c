//! Components: values in, callbacks out. They decide nothing.

mod brokers;
mod chart;
mod choice;
mod direct;
mod failure;
mod field;
mod header;
mod hold;
mod icon;
mod inspector;
mod keeping;
mod lag_table;
mod lane;
mod ledger;
mod news;
mod outcome;
mod page;
mod panel;
mod part;
mod partition;
mod promises;
mod publish;
mod search;
mod service;
mod setting;
mod shape;
mod switch;
mod table;
mod time_bar;
mod tools;
mod topic;
mod tour;
mod twin;
mod word;

pub(super) use failure::failure;
pub(super) use page::page;
