//! Things that are numbered one after the other as they come, and leave in about the same order.

use crate::cow::CowDeque;

/// The things that are still there, by their numbers.
#[derive(Clone, Debug)]
pub(super) struct Numbered<T> {
    /// The number of the first place.
    first: u64,
    /// Empty where a thing has left before one that came earlier; never empty at the front.
    places: CowDeque<Option<T>>,
    len: usize,
}

impl<T: Clone> Numbered<T> {
    /// Without things; the first will have the number `first`.
    pub(super) const fn from(first: u64) -> Self {
        Self { first, places: CowDeque::new(), len: 0 }
    }

    /// Takes in a thing. Returns its number.
    pub(super) fn add(&mut self, thing: T) -> u64 {
        self.places.push_back(Some(thing));
        self.len += 1;
        self.first + self.places.len() as u64 - 1
    }

    /// The thing with this number.
    pub(super) fn get(&self, number: u64) -> Option<&T> {
        self.places.get(self.place(number)?)?.as_ref()
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let place = self.place(number)?;
        self.places.get_mut(place)?.as_mut()
    }

    /// Lets the thing with this number go.
    pub(super) fn remove(&mut self, number: u64) {
        let Some(place) = self.place(number).and_then(|place| self.places.get_mut(place)) else { return };
        self.len -= usize::from(place.take().is_some());
        while let Some(None) = self.places.front() {
            self.places.pop_front();
            self.first += 1;
        }
    }

    /// The numbers of those that are there, in order.
    pub(super) fn numbers(&self) -> Vec<u64> {
        let there = (self.first..).zip(self.places.iter()).filter(|(_, thing)| thing.is_some());
        there.map(|(number, _)| number).collect()
    }

    /// How many are there.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    fn place(&self, number: u64) -> Option<usize> {
        number.checked_sub(self.first).map(|place| place as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_keep_their_numbers_when_others_leave() {
        let mut things = Numbered::from(1_001);
        assert_eq!(["a", "b", "c"].map(|thing| things.add(thing)), [1_001, 1_002, 1_003]);
        things.remove(1_002);
        things.remove(1_002);
        assert_eq!((things.numbers(), things.len()), (vec![1_001, 1_003], 2));
        things.remove(1_001);
        assert_eq!((things.get(1_001), things.get(1_003), things.get(1_004)), (None, Some(&"c"), None));
        things.remove(1_003);
        assert_eq!((things.add("d"), things.len()), (1_004, 1));
    }
}
