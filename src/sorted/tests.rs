//! A sorted map and a sorted set do what the standard library's do.

use super::{SortedMap, SortedSet, SpreadMap, sort_by_key};
use std::collections::{BTreeMap, BTreeSet};

/// Numbers in no order, some of them twice, all below 64.
fn numbers() -> impl Iterator<Item = u32> {
    (0..400_u32).map(|index| index.wrapping_mul(2_654_435_761) >> 26)
}

fn agree(ours: &SortedMap<u32, u32>, theirs: &BTreeMap<u32, u32>) {
    assert!(ours.iter().eq(theirs), "{ours:?} is not {theirs:?}");
    assert_eq!((ours.len(), ours.is_empty()), (theirs.len(), theirs.is_empty()));
    assert_eq!(ours.first_key_value(), theirs.first_key_value());
}

#[test]
fn a_map_goes_the_way_of_the_standard_librarys() {
    let (mut ours, mut theirs) = (SortedMap::new(), BTreeMap::new());
    for (index, number) in numbers().zip(0..) {
        match index % 5 {
            0 | 1 => assert_eq!(ours.insert(number, index), theirs.insert(number, index)),
            2 => assert_eq!(ours.remove(&number), theirs.remove(&number)),
            3 => assert_eq!(ours.entry(number).or_insert(index), theirs.entry(number).or_insert(index)),
            _ => assert_eq!((ours.get(&number), ours.contains_key(&number)), {
                (theirs.get(&number), theirs.contains_key(&number))
            }),
        }
        agree(&ours, &theirs);
    }
    assert!(!ours.is_empty());
    ours.retain(|key, _| key % 3 == 0);
    theirs.retain(|key, _| key % 3 == 0);
    agree(&ours, &theirs);
    assert_eq!(ours.pop_first(), theirs.pop_first());
    assert!(ours.into_values().eq(theirs.into_values()));
}

#[test]
fn a_range_has_the_keys_between_its_bounds() {
    let ours: SortedMap<u32, bool> = [2, 4, 6].map(|key| (key, true)).into();
    let theirs: BTreeMap<u32, bool> = [2, 4, 6].map(|key| (key, true)).into();
    for (from, to) in (0..8).flat_map(|from| (from..8).map(move |to| (from, to))) {
        assert!(ours.range(from..to).eq(theirs.range(from..to)), "{from}..{to}");
        assert!(ours.range(from..=to).eq(theirs.range(from..=to)), "{from}..={to}");
        assert!(ours.range(..=to).rev().eq(theirs.range(..=to).rev()), "..={to}");
        assert!(ours.range(from..).eq(theirs.range(from..)), "{from}..");
    }
}

#[test]
fn an_entry_is_changed_where_it_is_and_made_where_it_is_not() {
    let mut map = SortedMap::from([("a", 1)]);
    for (key, expect) in [("a", 2), ("b", 7), ("b", 8)] {
        assert_eq!(*map.entry(key).and_modify(|value| *value += 1).or_insert(7), expect, "{key}");
    }
    assert_eq!(map, SortedMap::from([("b", 8), ("a", 2)]));
}

#[test]
fn what_is_extracted_is_gone() {
    let mut map: SortedMap<u32, u32> = (0..6).map(|key| (key, key)).collect();
    let odd: Vec<(u32, u32)> = map.extract_if(|key, _| key % 2 == 1).collect();
    assert_eq!(odd, [(1, 1), (3, 3), (5, 5)]);
    assert!(map.into_keys().eq([0, 2, 4]));
}

#[test]
fn a_set_goes_the_way_of_the_standard_librarys() {
    let (mut ours, mut theirs) = (SortedSet::new(), BTreeSet::new());
    for (index, number) in numbers().zip(0..) {
        match index % 3 {
            0 | 1 => assert_eq!(ours.insert(number), theirs.insert(number)),
            _ => assert_eq!(ours.remove(&number), theirs.remove(&number)),
        }
        assert!(ours.iter().eq(&theirs), "{ours:?} is not {theirs:?}");
        assert_eq!((ours.contains(&number), ours.first()), (theirs.contains(&number), theirs.first()));
    }
    assert!(!ours.is_empty());
    let mut more = SortedSet::from([70, 1, 70]);
    ours.append(&mut more);
    assert!(more.is_empty() && ours.contains(&70) && ours.contains(&1));
}

#[test]
fn a_spread_map_knows_what_was_put_in_and_not_taken_out() {
    let (mut ours, mut theirs) = (SpreadMap::default(), BTreeMap::new());
    for (index, number) in numbers().map(u128::from).zip(0..) {
        match index % 3 {
            0 | 1 => assert_eq!(ours.insert(number, index), theirs.insert(number, index)),
            _ => assert_eq!(ours.remove(&number), theirs.remove(&number)),
        }
        assert_eq!((ours.get(&number), ours.len()), (theirs.get(&number), theirs.len()));
        assert_eq!(ours.is_empty(), theirs.is_empty());
    }
}

#[test]
fn what_is_sorted_by_its_key_keeps_the_order_of_equals() {
    let (mut ours, mut theirs): (Vec<_>, Vec<_>) = numbers().zip(0..).map(|it| (it, it)).unzip();
    sort_by_key(&mut ours, |(number, _): &(u32, u32)| *number);
    theirs.sort_by_key(|(number, _)| *number);
    assert_eq!(ours, theirs);
}
