//! In which order the groups stand in the table of their lag.

use super::LagRow;

/// By what the rows are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LagOrder {
    /// As the services stand on the page.
    Given,
    /// By name, from a to z.
    Name,
    /// By lag, the largest first.
    Lag,
    /// By how many members the group has, the fewest first: a group whose state is Empty has none.
    Members,
}

impl LagOrder {
    /// The rows in this order; those that are equal in it stay as they are.
    pub fn of(self, rows: &[LagRow]) -> Vec<&LagRow> {
        let mut ordered: Vec<&LagRow> = rows.iter().collect();
        ordered.sort_by(|one, other| match self {
            Self::Given => one.index.cmp(&other.index),
            Self::Name => one.name.cmp(&other.name),
            Self::Lag => other.lag.cmp(&one.lag),
            Self::Members => one.members.cmp(&other.members),
        });
        ordered
    }

    /// Which comes first, in words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Given => "In the order of the page",
            Self::Name => "By name, from a to z",
            Self::Lag => "By lag, the largest first",
            Self::Members => "By members, the fewest first: an Empty group has none",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    fn row(index: usize, name: &str, lag: u64, members: usize) -> LagRow {
        let (oldest, pace) = (String::new(), String::new());
        LagRow {
            name: Rc::from(name),
            index,
            lag,
            oldest,
            why: None,
            generation: 1,
            members,
            pace,
            partitions: Vec::new(),
        }
    }

    #[track_caller]
    fn check(order: LagOrder, expect: [&str; 3]) {
        let rows = [row(0, "m", 5, 2), row(1, "z", 9, 0), row(2, "a", 5, 1)];
        assert_eq!(order.of(&rows).iter().map(|row| &*row.name).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn rows_are_ordered_by_what_is_chosen() {
        check(LagOrder::Given, ["m", "z", "a"]);
        check(LagOrder::Name, ["a", "m", "z"]);
        check(LagOrder::Lag, ["z", "m", "a"]);
        check(LagOrder::Members, ["z", "a", "m"]);
    }
}
