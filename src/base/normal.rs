//! Quantiles of the standard normal distribution: M. J. Wichura's AS 241 (Applied Statistics 37, 1988), PPND16, good to
//! 1e-16.
//!
//! It takes a division, and in the tails a logarithm and a root too. Delays are drawn by the million, so it is asked when
//! the code is compiled, and what it says is kept as polynomials, one for each small part of the probabilities. They are
//! within 4e-15 of it: a delay of some milliseconds differs by a nanosecond in one draw of some hundred million.

use super::ln::ln;
use super::random::unit;

/// Within so much of one half the quantile is a ratio of polynomials in the probability itself.
const CENTRAL: f64 = 0.425;
/// What the square of the distance from one half is taken from.
const EDGE: f64 = 0.180_625;

/// Parts of each halving of the probability, and how many halvings have polynomials, from one half down.
const PARTS: usize = 16;
const HALVINGS: usize = 12;
/// Bits of a part.
const PART: u32 = f64::MANTISSA_DIGITS - 1 - PARTS.ilog2();
/// One half, in steps of [`unit`](super::random::unit), which are 2^-52.
const HALF: f64 = (1u64 << 51) as f64;
/// Where the first part begins, in steps, in bits.
const FIRST: u64 = (HALF / (1u64 << HALVINGS) as f64).to_bits();

/// A polynomial: the coefficients of powers 0, 4, 1, 5, 2, 6, 3, 7, as its two halves are computed side by side.
#[repr(align(64))] // a cache line
#[derive(Clone, Copy)]
struct Polynomial([f64; 8]);

/// One for each part.
static POLYNOMIALS: [Polynomial; PARTS * HALVINGS] = polynomials();

/// The quantile of the number that random bits stand for, [`unit`](super::random::unit)`(bits)`.
#[inline]
pub fn score(bits: u64) -> f64 {
    let sign = bits & 1 << 63;
    // What lies above one half mirrors what lies below; which it is cannot be foreseen, so there is no branch.
    let lower = bits ^ (sign as i64 >> 63) as u64;
    let steps = ((lower >> 12) as i64 as f64 + 0.5).to_bits();
    let part = steps.wrapping_sub(FIRST) >> PART;
    let Some(Polynomial(c)) = POLYNOMIALS.get(part as usize) else { return quantile(unit(bits)) };
    let x = within(steps);
    let x2 = x * x;
    // By Estrin's scheme: sums that do not wait for each other, where Horner's would wait for the one before.
    let low = (c[0] + c[2] * x) + (c[4] + c[6] * x) * x2;
    let high = (c[1] + c[3] * x) + (c[5] + c[7] * x) * x2;
    f64::from_bits((low + high * (x2 * x2)).to_bits() ^ sign)
}

/// Where in its part a number lies, from -1/2 to 1/2.
const fn within(bits: u64) -> f64 {
    f64::from_bits(bits << (64 - PART) >> 12 | 1f64.to_bits()) - 1.5
}

const fn polynomials() -> [Polynomial; PARTS * HALVINGS] {
    let mut all = [Polynomial([0.0; 8]); PARTS * HALVINGS];
    let mut part = 0;
    while part < all.len() {
        let c = through(FIRST + ((part as u64) << PART));
        all[part] = Polynomial([c[0], c[4], c[1], c[5], c[2], c[6], c[3], c[7]]);
        part += 1;
    }
    all
}

/// Coefficients, from the constant upwards, of the polynomial through the quantiles at the eight Chebyshev nodes of the
/// part that begins here.
const fn through(from: u64) -> [f64; 8] {
    const NODES: [f64; 8] = [
        -0.980_785_280_403_230_4,
        -0.831_469_612_302_545_2,
        -0.555_570_233_019_602_2,
        -0.195_090_322_016_128_27,
        0.195_090_322_016_128_27,
        0.555_570_233_019_602_2,
        0.831_469_612_302_545_2,
        0.980_785_280_403_230_4,
    ];
    let start = f64::from_bits(from);
    let width = f64::from_bits(from + (1 << PART)) - start;
    let mut divided = [0.0; 8];
    let mut i = 0;
    while i < 8 {
        let steps = start + width * (0.5 + 0.5 * NODES[i]);
        divided[i] = quantile(steps / (2.0 * HALF));
        i += 1;
    }
    // Newton's divided differences, and from them the coefficients of powers.
    let mut order = 1;
    while order < 8 {
        let mut i = 7;
        while i >= order {
            divided[i] = (divided[i] - divided[i - 1]) / (NODES[i] - NODES[i - order]);
            i -= 1;
        }
        order += 1;
    }
    let mut c = [0.0; 8];
    let mut i = 8;
    while i > 0 {
        i -= 1;
        let mut power = 7;
        while power > 0 {
            c[power] = c[power - 1] - NODES[i] * c[power];
            power -= 1;
        }
        c[0] = divided[i] - NODES[i] * c[0];
    }
    // The nodes are twice as far apart as the values of `within`.
    let (mut power, mut scale) = (0, 1.0);
    while power < 8 {
        c[power] *= scale;
        scale *= 2.0;
        power += 1;
    }
    c
}

/// The quantile of a probability.
pub const fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= CENTRAL {
        return q * ratio(&CENTRE, EDGE - q * q);
    }
    let below = p < 0.5;
    let tail = if below { p } else { 1.0 - p };
    if tail <= 0.0 {
        return if below { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let r = root(-ln(tail));
    let x = if r <= 5.0 { ratio(&NEAR, r - 1.6) } else { ratio(&FAR, r - 5.0) };
    if below { -x } else { x }
}

/// The square root of a number between 1 and 1,000, by Newton's method.
const fn root(x: f64) -> f64 {
    let (mut root, mut step) = (0.5 + 0.5 * x, 0);
    while step < 10 {
        root = 0.5 * (root + x / root);
        step += 1;
    }
    root
}

/// A ratio of two polynomials, coefficients from the constant upwards.
const fn ratio(c: &[[f64; 8]; 2], r: f64) -> f64 {
    let (mut value, mut i) = ([0.0; 2], 8);
    while i > 0 {
        i -= 1;
        value = [value[0] * r + c[0][i], value[1] * r + c[1][i]];
    }
    value[0] / value[1]
}

#[rustfmt::skip]
#[allow(clippy::excessive_precision, reason = "as published")]
const CENTRE: [[f64; 8]; 2] = [
    [3.387_132_872_796_366_608, 133.141_667_891_784_377_45, 1_971.590_950_306_551_442_7, 13_731.693_765_509_461_125,
     45_921.953_931_549_871_457, 67_265.770_927_008_700_853, 33_430.575_583_588_128_105, 2_509.080_928_730_122_672_7],
    [1.0, 42.313_330_701_600_911_252, 687.187_007_492_057_908_3, 5_394.196_021_424_751_107_7,
     21_213.794_301_586_595_867, 39_307.895_800_092_710_610, 28_729.085_735_721_942_674, 5_226.495_278_852_854_561_0],
];
#[rustfmt::skip]
#[allow(clippy::excessive_precision, reason = "as published")]
const NEAR: [[f64; 8]; 2] = [
    [1.423_437_110_749_683_577_34, 4.630_337_846_156_545_295_90, 5.769_497_221_460_691_405_50, 3.647_848_324_763_204_605_04,
     1.270_458_252_452_368_382_58, 0.241_780_725_177_450_611_770, 2.272_384_498_926_918_458_33e-2, 7.745_450_142_783_414_076_40e-4],
    [1.0, 2.053_191_626_637_758_821_87, 1.676_384_830_183_803_849_40, 0.689_767_334_985_100_004_550,
     0.148_103_976_427_480_074_590, 1.519_866_656_361_645_719_66e-2, 5.475_938_084_995_344_946_00e-4, 1.050_750_071_644_416_843_24e-9],
];
#[rustfmt::skip]
#[allow(clippy::excessive_precision, reason = "as published")]
const FAR: [[f64; 8]; 2] = [
    [6.657_904_643_501_103_777_20, 5.463_784_911_164_114_369_90, 1.784_826_539_917_291_335_80, 0.296_560_571_828_504_891_230,
     2.653_218_952_657_612_309_30e-2, 1.242_660_947_388_078_438_60e-3, 2.711_555_568_743_487_578_15e-5, 2.010_334_399_292_288_132_65e-7],
    [1.0, 0.599_832_206_555_887_937_690, 0.136_929_880_922_735_805_310, 1.487_536_129_085_061_485_25e-2,
     7.868_691_311_456_132_591_00e-4, 1.846_318_317_510_054_681_80e-5, 1.421_511_758_316_445_888_70e-7, 2.044_263_103_389_939_785_64e-15],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{Draws, Purpose};

    #[test]
    fn it_agrees_with_tables() {
        for (p, z) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.999, 3.090_232_306_167_813_5),
            (1e-10, -6.361_340_902_404_056),
        ] {
            assert!((quantile(p) - z).abs() < 1e-12, "{p}: {}", quantile(p));
        }
        assert_eq!((quantile(0.0), quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
    }

    #[test]
    fn a_polynomial_says_what_as_241_says() {
        let stream = Draws::new(2, 0).stream(Purpose::Network, 0);
        let drawn = if cfg!(miri) { 20 } else { 1_000_000 };
        let edges = (0..=(PARTS * HALVINGS) as u64).flat_map(|part| {
            let steps = f64::from_bits(FIRST + (part << PART)) as u64;
            [steps - 1, steps].map(|steps| steps << 12)
        });
        let ends = [0, u64::MAX, 1 << 63, (1 << 63) - 1];
        for bits in (0..drawn).map(|i| stream.at(i)).chain(edges).chain(ends) {
            let off = (score(bits) - quantile(unit(bits))).abs();
            assert!(off <= 4e-15, "{bits:x}: {off:e}");
            assert_eq!(score(!bits), -score(bits), "{bits:x}");
        }
    }
}
