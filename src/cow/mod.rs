//! Collections whose clones share what has not changed since (copy on write), so that a checkpoint of a long run costs what came
//! since the last one. They are not for threads; and what is changed all over, again and again, shares nothing here either.

mod deque;
mod recent;

pub use deque::CowDeque;
pub use recent::RecentSet;
