//! A running hash over numbers, for "the same observations": quick, and the same on every platform.
//! Hashes of parts that run side by side add up in any order.

use sha2::{Digest as _, Sha256};

use super::random::scrambled;

/// Keeps moments apart from what happened at them; odd, so that no two moments become one (the fraction
/// of the square root of 3).
const ODD: u64 = 0xbb67_ae85_84ca_a73b;

/// The round is a folded multiplication (Wang Yi, wyhash 2019): its delay is half of `scrambled`'s. The
/// factor is odd (the fraction of the square root of 5).
const FOLD: u64 = 0x3c6e_f372_fe94_f82b;

/// The SHA-256 of a text in hexadecimal digits: by it a definition is known.
pub fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hash over a sequence of things that happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Digest(u64);

impl Digest {
    /// Takes the next thing in: when it happened and what it was. One round for both, for there are
    /// several at every attempt.
    pub fn add(&mut self, at: u64, what: u64) {
        let round = self.0.rotate_left(5) ^ at.wrapping_mul(ODD).wrapping_add(what);
        let product = u128::from(round) * u128::from(FOLD);
        self.0 = product as u64 ^ (product >> 64) as u64;
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
