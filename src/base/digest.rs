//! A running hash over numbers, for "the same observations": quick, and the same on every platform.
//! Hashes of parts that run side by side add up in any order.

use super::random::scrambled;

/// A hash over a sequence of numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Digest(u64);

impl Digest {
    /// Takes the next number in.
    pub fn add(&mut self, number: u64) {
        self.0 = scrambled(self.0.rotate_left(5) ^ number);
    }
    /// The hash so far.
    pub fn value(self) -> u64 {
        self.0
    }
    /// The hash of a set of sequences, each under an index of its own: the same in any order of adding.
    pub fn gather(&mut self, index: u64, part: Digest) {
        self.0 = self.0.wrapping_add(scrambled(part.0 ^ scrambled(index)));
    }
    /// Two sets together.
    pub fn merge(&mut self, other: Digest) {
        self.0 = self.0.wrapping_add(other.0);
    }
}
