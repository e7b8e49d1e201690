//! Natural logarithms for random delays. Every exponential delay takes one, and a simulation draws a few for
//! each attempt, so the logarithm of `libm`, which waits for a division, is a sixth of the time of a queue of
//! events. The platform's own is quicker, and differs from machine to machine in the last bit.
//!
//! This one multiplies by a near inverse out of a table, after P. T. P. Tang, "Table-driven implementation of the
//! logarithm function in IEEE floating-point arithmetic" (ACM TOMS 16, 1990): x = 2^k z, and ln x = k ln 2 - ln c +
//! ln(1 + r) with r = c z - 1, where c is the table's inverse of about z, so that |r| is at most 1/128. It needs additions
//! and multiplications only, which give the same bits everywhere. Its error is at most 5e-16, or 5e-16 of results beyond 1:
//! a delay in whole nanoseconds differs from the exact one in one draw out of some millions.

/// Inverses, one for each of so many parts of the range of z.
const PARTS: usize = 128;
/// The range of z begins here: 0.6875, in bits. It is one binade long and holds 1, where logarithms are small
/// and have to be near in proportion.
const START: u64 = 0x3fe6 << 48;
/// Bits of a part.
const PART: u32 = f64::MANTISSA_DIGITS - 1 - PARTS.ilog2();

/// (c, -ln c) of each part.
static TABLE: [(f64, f64); PARTS] = table();

/// The natural logarithm of a positive, normal number.
#[inline]
pub const fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let past = bits.wrapping_sub(START);
    let k = (past as i64 >> 52) as f64;
    let z = f64::from_bits(bits.wrapping_sub(past & (0xfff << 52)));
    let (inverse, log) = TABLE[(past >> PART) as usize % PARTS];
    let r = z * inverse - 1.0;
    // ln(1 + r) = r - r^2/2 + r^3/3 - …, in parts that need not wait for each other (Estrin's scheme).
    let r2 = r * r;
    let (low, high) = (1.0 / 3.0 - r * 0.25, 0.2 - r * (1.0 / 6.0));
    let rest = r * low - 0.5 + r2 * r * (high + r2 * (1.0 / 7.0));
    k * std::f64::consts::LN_2 + log + (r + r2 * rest)
}

const fn table() -> [(f64, f64); PARTS] {
    let mut table = [(1.0, 0.0); PARTS];
    let mut part = 0;
    while part < PARTS {
        let from = f64::from_bits(START + ((part as u64) << PART));
        let to = f64::from_bits(START + ((part as u64 + 1) << PART));
        // The two parts that meet at 1 keep 1 as their inverse: there, r is exact.
        if from != 1.0 && to != 1.0 {
            let inverse = 2.0 / (from + to);
            table[part] = (inverse, -series(inverse));
        }
        part += 1;
    }
    table
}

/// The natural logarithm of a number between 0.7 and 1.5, by the series of 2 artanh((x - 1) / (x + 1)).
const fn series(x: f64) -> f64 {
    let t = (x - 1.0) / (x + 1.0);
    let (mut sum, mut odd) = (0.0, 25);
    while odd > 0 {
        sum = sum * t * t + 1.0 / odd as f64;
        odd -= 2;
    }
    2.0 * t * sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{Draws, Purpose};

    fn off(x: f64) -> f64 {
        let exact = libm::log(x);
        (ln(x) - exact).abs() / exact.abs().max(1.0)
    }

    #[test]
    fn it_is_the_logarithm() {
        let stream = Draws::new(1, 0).stream(Purpose::Arrivals, 0);
        let units = (0..100_000).map(|i| stream.unit(i));
        let magnitudes = (-300..300).map(|e| libm::exp10(f64::from(e) + 0.3));
        let edges = (0..PARTS as u64).flat_map(|part| {
            let at = START + (part << PART);
            [at - 1, at, at + 1].map(f64::from_bits)
        });
        let smallest = crate::base::random::unit(0);
        for x in units.chain(magnitudes).chain(edges).chain([smallest, f64::MIN_POSITIVE]) {
            assert!(off(x) <= 5e-16, "ln {x:e} = {:e}", ln(x));
        }
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn it_never_falls_where_one_part_meets_the_next() {
        for part in 1..PARTS as u64 {
            let at = START + (part << PART);
            assert!(ln(f64::from_bits(at - 1)) <= ln(f64::from_bits(at)) + 3e-16);
        }
    }

    #[test]
    fn it_is_the_same_on_every_platform() {
        let stream = Draws::new(1, 0).stream(Purpose::Arrivals, 0);
        let bits: Vec<String> =
            (0..3).map(|i| format!("{:x}", ln(stream.unit(i)).to_bits())).collect();
        insta::assert_snapshot!(bits.join(" "));
    }
}
