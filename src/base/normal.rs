//! Quantiles of the standard normal distribution: M. J. Wichura's AS 241 (Applied Statistics 37, 1988), PPND16, good to
//! 1e-16.

use std::ops::{Add, Div, Mul};

use wide::f64x4;

use super::ln::ln;

/// Within so much of one half the quantile is a ratio of polynomials in the probability itself.
const CENTRAL: f64 = 0.425;
/// What the square of the distance from one half is taken from.
const EDGE: f64 = 0.180_625;

/// The quantile of a probability.
pub fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= CENTRAL { q * ratio(&CENTRE, EDGE - q * q) } else { in_tail(p) }
}

/// The same of four, to the last bit: side by side for those that lie in the middle, seventeen of twenty.
pub fn quantiles(p: [f64; 4]) -> [f64; 4] {
    let q = f64x4::new(p) - 0.5;
    let mut all = (q * ratio(&CENTRE, EDGE - q * q)).to_array();
    for (z, p) in all.iter_mut().zip(p).filter(|(_, p)| (p - 0.5).abs() > CENTRAL) {
        *z = in_tail(p);
    }
    all
}

fn in_tail(p: f64) -> f64 {
    let below = p < 0.5;
    let tail = if below { p } else { 1.0 - p };
    if tail <= 0.0 {
        return if below { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let r = libm::sqrt(-ln(tail));
    let x = if r <= 5.0 { ratio(&NEAR, r - 1.6) } else { ratio(&FAR, r - 5.0) };
    if below { -x } else { x }
}

/// A ratio of two polynomials, coefficients from the constant upwards, by Estrin's scheme: sums that do not
/// wait for each other, where Horner's would wait for the one before seven times.
fn ratio<T>(c: &[[f64; 8]; 2], r: T) -> T
where
    T: Copy + From<f64> + Add<Output = T> + Mul<Output = T> + Div<Output = T>,
{
    let (r2, r4) = (r * r, (r * r) * (r * r));
    let value = |c: &[f64; 8]| {
        let pair = |i: usize| T::from(c[i]) + T::from(c[i + 1]) * r;
        (pair(0) + pair(2) * r2) + (pair(4) + pair(6) * r2) * r4
    };
    value(&c[0]) / value(&c[1])
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
    }

    #[test]
    fn four_are_the_same_as_one_by_one() {
        let stream = Draws::new(2, 0).stream(Purpose::Network, 0);
        let edges = [0.5 - CENTRAL, 0.5 + CENTRAL, 0.0, 1.0, 0.5, f64::EPSILON];
        let drawn = if cfg!(miri) { 20 } else { 1_000 };
        let all: Vec<f64> = edges.into_iter().chain((0..drawn).map(|i| stream.unit(i))).collect();
        for four in all.windows(4) {
            let four = [four[0], four[1], four[2], four[3]];
            assert_eq!(quantiles(four).map(f64::to_bits), four.map(|p| quantile(p).to_bits()));
        }
    }
}
