//! Guesses the next bit of a row of bytes from those before it: six guesses, each from so many of the last bytes, mixed by how
//! good they have been. Whole numbers only, so that both sides of a link guess alike everywhere.
//!
//! The method is that of Matt Mahoney's `lpaq`, at its smallest. Not for speed: links are short.

/// How many of the last bytes each guess looks at.
const ORDERS: [u32; 6] = [0, 1, 2, 3, 4, 6];
/// How many guesses can be remembered, as a power of two: a megabyte.
const SLOTS_LOG2: u32 = 18;
/// From so many sightings on, a guess follows what it sees no more slowly.
const SIGHTINGS_MAX: u32 = 120;
/// The weight that each guess has at the beginning, in 65,536ths.
const FIRST_WEIGHT: i32 = 20_000;
/// How fast weights follow.
const LEARNING_RATE: i32 = 16;
/// The logistic function at -2048, -1920, and so on to 2048, as probabilities of 12 bits.
const LOGISTIC: [i32; 33] = [
    1, 2, 3, 6, 10, 16, 27, 45, 73, 120, 194, 310, 488, 747, 1_101, 1_546, 2_047, 2_549, 2_994, 3_348, 3_607, 3_785,
    3_901, 3_975, 4_022, 4_050, 4_068, 4_079, 4_085, 4_089, 4_092, 4_093, 4_094,
];

/// What has been learnt so far.
#[derive(Debug)]
pub(super) struct Predictor {
    /// A probability of 22 bits, of which the first is turned round so that nothing known is 0, and 10 bits of sightings.
    slots: Vec<u32>,
    /// The logistic function's inverse.
    stretched: Vec<i16>,
    /// For each number of guesses that know something.
    weights: [[i32; ORDERS.len()]; ORDERS.len() + 1],
    /// The last eight bytes, the latest lowest.
    history: u64,
    /// The bits of the present byte behind a one.
    partial: u32,
    /// The last guesses: where each is remembered, and how it reads.
    places: [usize; ORDERS.len()],
    inputs: [i32; ORDERS.len()],
    known: usize,
    mixed: i32,
}

impl Predictor {
    /// Nothing has been seen.
    pub(super) fn new() -> Self {
        let mut predictor = Self {
            slots: vec![0; 1 << SLOTS_LOG2],
            stretched: stretched(),
            weights: [[FIRST_WEIGHT; ORDERS.len()]; ORDERS.len() + 1],
            history: 0,
            partial: 1,
            places: [0; ORDERS.len()],
            inputs: [0; ORDERS.len()],
            known: 0,
            mixed: 0,
        };
        predictor.guess();
        predictor
    }

    /// How likely the next bit is a one, from 1 to 4,095 of 4,096.
    pub(super) fn likelihood(&self) -> u32 {
        self.mixed.clamp(1, 4_095) as u32
    }

    /// Takes in what the bit was.
    pub(super) fn learn(&mut self, bit: bool) {
        let error = ((i32::from(bit) << 12) - self.mixed) * LEARNING_RATE;
        for (weight, input) in self.weights[self.known].iter_mut().zip(self.inputs) {
            *weight += (input * error + 0x8000) >> 16;
        }
        for place in self.places {
            self.slots[place] = followed(self.slots[place], bit);
        }
        self.partial = self.partial << 1 | u32::from(bit);
        if self.partial >= 0x100 {
            self.history = self.history << 8 | u64::from(self.partial & 0xff);
            self.partial = 1;
        }
        self.guess();
    }

    fn guess(&mut self) {
        self.known = 0;
        for (index, order) in ORDERS.into_iter().enumerate() {
            let place = place(order, self.history, self.partial);
            let slot = self.slots[place];
            self.known += usize::from(slot & 0x3ff > 0);
            self.places[index] = place;
            self.inputs[index] = i32::from(self.stretched[((slot ^ 1 << 31) >> 20) as usize]);
        }
        let weighted = self.weights[self.known].iter().zip(self.inputs).map(|(weight, input)| weight * input);
        self.mixed = logistic(weighted.sum::<i32>() >> 16);
    }
}

/// Where is remembered what follows these bytes and bits.
fn place(order: u32, history: u64, partial: u32) -> usize {
    let bytes = if order == 0 { 0 } else { history & (u64::MAX >> (64 - 8 * order)) };
    let mixed = (bytes << 12 | u64::from(order) << 9 | u64::from(partial)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (64 - SLOTS_LOG2)) as usize
}

/// A slot that has seen one bit more.
fn followed(slot: u32, bit: bool) -> u32 {
    let (p, sightings) = (((slot ^ 1 << 31) >> 10) as i32, slot & 0x3ff);
    let target = if bit { (1 << 22) - 1 } else { 0 };
    let p = p + (target - p) * 10 / (10 * sightings as i32 + 13);
    ((p as u32) << 10 ^ 1 << 31) | (sightings + 1).min(SIGHTINGS_MAX)
}

fn logistic(x: i32) -> i32 {
    if x.abs() > 2_047 {
        return if x > 0 { 4_095 } else { 0 };
    }
    let (part, index) = (x & 127, ((x >> 7) + 16) as usize);
    (LOGISTIC[index] * (128 - part) + LOGISTIC[index + 1] * part + 64) >> 7
}

fn stretched() -> Vec<i16> {
    let mut table = vec![2_047; 4_096];
    let mut from = 0;
    for x in -2_047..=2_047 {
        let to = logistic(x) as usize;
        table[from..=to].fill(x as i16);
        from = to + 1;
    }
    table
}
