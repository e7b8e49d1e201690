//! Random draws that do not depend on order. Two columns of a comparison should meet the same luck,
//! whatever the policy did in between, on any number of threads. So there are no generators that
//! advance: a draw is a pure function of (seed, replica, purpose, entity, index).
//!
//! ChaCha8 turns (seed, replica, purpose) into a key; an entity and an index are mixed into it with
//! the finalizer of SplitMix64 (Steele, Lea, Flood 2014), so that the draws of one entity are one
//! SplitMix64 sequence, read at any index. Text becomes an entity by XXH3, which has a specification.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a draw is for. A new purpose goes to the end, so that no other draw changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// When calls arrive.
    Arrivals,
    /// How long a tool takes.
    Latency,
    /// Whether an attempt fails.
    Faults,
    /// How the plugin spreads its waits.
    Jitter,
    /// How long the network takes.
    Network,
    /// How long clients think, and when they leave.
    Clients,
    /// What layers round the plugin draw.
    Layers,
    /// Resampling in statistics.
    Bootstrap,
    /// What variants are verified with.
    Cases,
}

/// The root of all draws of one replica.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Draws {
    keys: [u64; 9],
}

impl Draws {
    /// The draws of one replica of a seed.
    pub fn new(seed: u64, replica: u64) -> Draws {
        let mut material = [0u8; 32];
        material[..8].copy_from_slice(&seed.to_le_bytes());
        material[8..16].copy_from_slice(&replica.to_le_bytes());
        let mut chacha = ChaCha8Rng::from_seed(material);
        Draws { keys: std::array::from_fn(|_| chacha.next_u64()) }
    }
    /// The stream of one entity for one purpose.
    pub fn stream(&self, purpose: Purpose, entity: u64) -> Stream {
        Stream { key: mix(self.keys[purpose as usize] ^ mix(entity)) }
    }
}

/// The draws of one (purpose, entity): read at any index, in any order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stream {
    key: u64,
}

impl Stream {
    /// 64 random bits at an index.
    pub const fn at(self, index: u64) -> u64 {
        mix(self.key.wrapping_add(index.wrapping_mul(GOLDEN)))
    }
    /// A stream of its own for an index: the draws of an attempt, say.
    pub const fn sub(self, index: u64) -> Stream {
        Stream { key: self.at(index) ^ 0x6a09_e667_f3bc_c909 }
    }
    /// The draws of a table's row, to be read at its columns: those of a call, by attempts. Up to 2^45 rows of 2^17 columns
    /// share no draw; a row costs a multiplication, where a [`sub`](Stream::sub) is mixed.
    pub const fn row(self, index: u64) -> Stream {
        Stream { key: self.key.wrapping_add(index.wrapping_mul(ROW)) }
    }
    /// A number strictly between 0 and 1 at an index.
    pub fn unit(self, index: u64) -> f64 {
        unit(self.at(index))
    }
}

/// Random bits as a number strictly between 0 and 1: 52 of them, in the middle of their interval.
pub fn unit(bits: u64) -> f64 {
    // Between 1 and 2 first, where the bits are a number's own; all steps are exact.
    f64::from_bits(1f64.to_bits() | bits >> 12) - (1.0 - f64::EPSILON / 2.0)
}

/// How likely something is: it happens to as many of all 2^52 values of [`unit`] as lie below its probability.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Of a probability; none of less than 0, a certainty of more than 1.
    pub fn of(probability: f64) -> Chance {
        // Value k is (k + 1/2) / 2^52; all steps are exact, and the conversion saturates.
        let below = (probability * (1u64 << 52) as f64 - 0.5).ceil();
        Chance((below as u64).min(1 << 52))
    }
    /// Whether it happens, with these random bits.
    pub const fn hits(self, bits: u64) -> bool {
        bits >> 12 < self.0
    }
}

/// Random bits as a whole number below `n` (0 when `n` is 0), by multiplication: the bias is below n / 2^64.
pub fn below(bits: u64, n: u64) -> u64 {
    ((u128::from(bits) * u128::from(n)) >> 64) as u64
}

/// 64 bits scrambled by a bijection whose every output bit depends on every input bit.
pub const fn scrambled(bits: u64) -> u64 {
    mix(bits)
}

/// The entity of a name.
#[inline]
pub fn entity(name: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(name.as_bytes())
}

/// The 128-bit fingerprint of a name; its low half is `entity`-like, both halves together do not collide.
#[inline]
pub fn fingerprint(name: &str) -> u128 {
    xxhash_rust::xxh3::xxh3_128(name.as_bytes())
}

/// From draw to draw (the fraction of the golden ratio).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
/// From row to row (the fraction of the square root of 7).
const ROW: u64 = 0xa54f_f53a_5f1d_36f1;

/// SplitMix64's finalizer: a bijection of 64 bits whose every output bit depends on every input bit.
const fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(GOLDEN);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_the_same_on_every_platform() {
        let stream = Draws::new(1, 0).stream(Purpose::Faults, entity("search"));
        let drawn: Vec<String> = (0..3).map(|i| format!("{:016x}", stream.at(i))).collect();
        insta::assert_snapshot!(drawn.join(" "));
    }

    #[test]
    fn a_unit_is_never_zero_nor_one() {
        assert!(unit(0) > 0.0 && unit(u64::MAX) < 1.0);
        let stream = Draws::new(3, 0).stream(Purpose::Faults, 1);
        for bits in (0..1_000).map(|i| stream.at(i)).chain([0, u64::MAX]) {
            let middle = ((bits >> 12) as f64 + 0.5) / (1u64 << 52) as f64;
            assert_eq!(unit(bits).to_bits(), middle.to_bits());
        }
    }

    #[test]
    fn a_chance_is_a_unit_below_its_probability() {
        let near = |p: f64| [p.next_down(), p, p.next_up()];
        let steps = [0, 1, 2, 1 << 20, (1 << 51) - 1, 1 << 51, (1 << 52) - 2, (1 << 52) - 1];
        for k in steps {
            let p = unit(k << 12);
            for p in near(p).into_iter().chain(near(p / 3.0)) {
                for bits in steps.map(|k| k << 12 | 0xfff) {
                    assert_eq!(Chance::of(p).hits(bits), unit(bits) < p, "{p} {bits:x}");
                }
            }
        }
        for p in [-1.0, -0.0, 0.0, f64::NAN, f64::MIN_POSITIVE] {
            assert!(!Chance::of(p).hits(0), "{p}");
        }
        assert!(Chance::of(1.0).hits(u64::MAX) && Chance::of(f64::INFINITY).hits(u64::MAX));
    }

    /// Rows d apart meet where d times the step of a row is some columns' steps.
    #[test]
    fn rows_do_not_meet() {
        let inverse =
            (0..6).fold(1u64, |x, _| x.wrapping_mul(2u64.wrapping_sub(ROW.wrapping_mul(x))));
        assert_eq!(inverse.wrapping_mul(ROW), 1);
        let apart = |columns: u64| {
            let rows = columns.wrapping_mul(GOLDEN).wrapping_mul(inverse);
            rows.min(rows.wrapping_neg())
        };
        assert!((1..1 << 17).all(|columns| apart(columns) > 1 << 45));
    }

    #[test]
    fn seeds_replicas_purposes_entities_and_indices_all_matter() {
        let at = |seed, replica, purpose, entity, index| {
            Draws::new(seed, replica).stream(purpose, entity).at(index)
        };
        let mut seen = vec![
            at(1, 0, Purpose::Faults, 7, 0),
            at(2, 0, Purpose::Faults, 7, 0),
            at(1, 1, Purpose::Faults, 7, 0),
            at(1, 0, Purpose::Jitter, 7, 0),
            at(1, 0, Purpose::Faults, 8, 0),
            at(1, 0, Purpose::Faults, 7, 1),
            Draws::new(1, 0).stream(Purpose::Faults, 7).sub(0).at(0),
            Draws::new(1, 0).stream(Purpose::Faults, 7).row(1).at(0),
        ];
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 8);
    }

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn units_of_neighbouring_indices_are_uniform_and_uncorrelated() {
        let stream = Draws::new(3, 0).stream(Purpose::Latency, 1);
        let n = 100_000;
        let error = 1.0 / (n as f64).sqrt();
        let ways: [fn(Stream, u64) -> f64; 4] = [
            |stream, i| stream.unit(i),
            |stream, i| stream.row(i).unit(0),
            |stream, i| stream.sub(i).unit(0),
            |stream, i| stream.row(i / 2).sub(7).unit(i % 2),
        ];
        for (way, drawn) in ways.iter().zip(0..) {
            let xs: Vec<f64> = (0..n).map(|i| way(stream, i) - 0.5).collect();
            let mean = xs.iter().sum::<f64>() / n as f64;
            let lag = xs.windows(2).map(|w| w[0] * w[1]).sum::<f64>() / n as f64 * 12.0;
            assert!(mean.abs() < 4.0 * error * (1.0f64 / 12.0).sqrt(), "{drawn}: mean {mean}");
            assert!(lag.abs() < 4.0 * error, "{drawn}: correlation {lag}");
        }
    }
}
