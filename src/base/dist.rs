//! Distributions by their inverse, so that one draw gives one value: two columns that share the draw
//! share the luck. Logarithms of draws come from [`ln()`], all else from `libm`, for the platform's own differ in the
//! last bit (and a simulation amplifies a bit). The normal quantile is Wichura's AS 241 (1988), good to 1e-16.

use super::Span;
use super::ln::ln;
use super::random::unit;

/// How a length of time is distributed.
#[derive(Clone, PartialEq, Debug)]
pub enum Distribution {
    /// Always the same.
    Fixed(Span),
    /// Uniform between two lengths.
    Uniform(Span, Span),
    /// Exponential with a mean.
    Exponential(Span),
    /// Log-normal: the logarithm of the nanoseconds is normal with this mean and standard deviation.
    LogNormal {
        /// Mean of the logarithm of the nanoseconds.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// |normal(mean, deviation)|.
    AbsNormal(Span, Span),
    /// Through given quantiles: (normal score of the quantile, logarithm of the nanoseconds), rising;
    /// log-normal between each two and beyond the ends.
    Quantiles(Vec<(f64, f64)>),
}

impl Distribution {
    /// A log-normal with a mean and a squared coefficient of variation (variance / mean^2).
    pub fn log_normal(mean: Span, cv2: f64) -> Distribution {
        let sigma2 = libm::log1p(cv2);
        let mu = libm::log(mean.as_nanos().max(1) as f64) - sigma2 / 2.0;
        Distribution::LogNormal { mu, sigma: libm::sqrt(sigma2) }
    }

    /// Through quantiles, each (probability, length), rising in both. One quantile is a fixed length.
    pub fn through(quantiles: &[(f64, Span)]) -> Distribution {
        match quantiles {
            [] => Distribution::Fixed(Span::ZERO),
            [(_, only)] => Distribution::Fixed(*only),
            many => Distribution::Quantiles(
                many.iter()
                    .map(|(p, s)| (normal_quantile(*p), libm::log(s.as_nanos().max(1) as f64)))
                    .collect(),
            ),
        }
    }

    /// The mean, in seconds: closed forms, and the sum over 4096 equal slices of probability for
    /// quantiles.
    pub fn mean_secs(&self) -> f64 {
        match self {
            Distribution::Fixed(span) | Distribution::Exponential(span) => span.as_secs_f64(),
            Distribution::Uniform(low, high) => (low.as_secs_f64() + high.as_secs_f64()) / 2.0,
            Distribution::LogNormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0) / 1e9,
            Distribution::AbsNormal(mean, deviation) => {
                let (m, s) = (mean.as_secs_f64(), deviation.as_secs_f64().max(1e-300));
                let edge = libm::exp(-m * m / (2.0 * s * s)) * s;
                edge * libm::sqrt(2.0 / std::f64::consts::PI)
                    + m * libm::erf(m / (s * std::f64::consts::SQRT_2))
            }
            Distribution::Quantiles(_) => {
                let slice = |i: u64| self.sample((i << 52) | (1 << 51)).as_secs_f64();
                (0..4096).map(slice).sum::<f64>() / 4096.0
            }
        }
    }

    /// The value that 64 random bits stand for.
    pub fn sample(&self, bits: u64) -> Span {
        let u = || unit(bits);
        match self {
            Distribution::Fixed(span) => *span,
            Distribution::Uniform(low, high) => {
                let (low, high) = (low.as_nanos(), high.as_nanos());
                let width = u128::from(high.saturating_sub(low)) + 1;
                Span::from_nanos(low + ((u128::from(bits) * width) >> 64) as u64)
            }
            Distribution::Exponential(mean) => {
                Span::from_nanos_f64(-(mean.as_nanos() as f64) * ln(u()))
            }
            Distribution::LogNormal { mu, sigma } => {
                Span::from_nanos_f64(libm::exp(mu + sigma * normal_quantile(u())))
            }
            Distribution::AbsNormal(mean, deviation) => Span::from_nanos_f64(
                (mean.as_nanos() as f64 + deviation.as_nanos() as f64 * normal_quantile(u())).abs(),
            ),
            Distribution::Quantiles(knots) => {
                Span::from_nanos_f64(libm::exp(between(knots, normal_quantile(u()))))
            }
        }
    }
}

/// The line through the two knots round `z`, or through the two at the nearer end.
fn between(knots: &[(f64, f64)], z: f64) -> f64 {
    let upper = knots.iter().position(|(x, _)| *x >= z).unwrap_or(knots.len());
    let upper = upper.clamp(1, knots.len() - 1);
    let ((x0, y0), (x1, y1)) = (knots[upper - 1], knots[upper]);
    y0 + (y1 - y0) * (z - x0) / (x1 - x0)
}

/// The quantile of the standard normal distribution (AS 241, PPND16).
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(&CENTRE, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return if q < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let r = libm::sqrt(-ln(tail));
    let x = if r <= 5.0 { ratio(&NEAR, r - 1.6) } else { ratio(&FAR, r - 5.0) };
    if q < 0.0 { -x } else { x }
}

/// A ratio of two polynomials, coefficients from the constant upwards, by Estrin's scheme: sums that do not
/// wait for each other, where Horner's would wait for the one before seven times.
fn ratio(c: &[[f64; 8]; 2], r: f64) -> f64 {
    let (r2, r4) = (r * r, (r * r) * (r * r));
    let value = |c: &[f64; 8]| {
        let pair = |i: usize| c[i] + c[i + 1] * r;
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
    fn normal_quantiles_agree_with_tables() {
        for (p, z) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.999, 3.090_232_306_167_813_5),
            (1e-10, -6.361_340_902_404_056),
        ] {
            assert!((normal_quantile(p) - z).abs() < 1e-12, "{p}: {}", normal_quantile(p));
        }
    }

    fn mean_and_cv2(d: &Distribution) -> (f64, f64) {
        let stream = Draws::new(5, 0).stream(Purpose::Latency, 0);
        let n = 200_000u64;
        let xs: Vec<f64> = (0..n).map(|i| d.sample(stream.at(i)).as_secs_f64()).collect();
        let mean = xs.iter().sum::<f64>() / n as f64;
        let variance = xs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
        (mean, variance / mean / mean)
    }

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn means_and_variances_are_those_of_the_formulas() {
        let s = Span::from_secs;
        let (mean, cv2) = mean_and_cv2(&Distribution::Exponential(s(2)));
        assert!((mean - 2.0).abs() < 0.02 && (cv2 - 1.0).abs() < 0.02, "{mean} {cv2}");
        let (mean, cv2) = mean_and_cv2(&Distribution::log_normal(s(1), 0.5));
        assert!((mean - 1.0).abs() < 0.01 && (cv2 - 0.5).abs() < 0.02, "{mean} {cv2}");
        let (mean, cv2) = mean_and_cv2(&Distribution::Uniform(s(1), s(3)));
        assert!((mean - 2.0).abs() < 0.01 && (cv2 - 1.0 / 12.0).abs() < 0.002, "{mean} {cv2}");
    }

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn the_mean_is_that_of_many_samples() {
        let ms = Span::from_millis;
        for dist in [
            Distribution::Fixed(ms(3)),
            Distribution::Uniform(ms(1), ms(5)),
            Distribution::Exponential(ms(40)),
            Distribution::log_normal(ms(10), 4.0),
            Distribution::AbsNormal(ms(1), ms(2)),
            Distribution::through(&[(0.5, ms(40)), (0.9, ms(90)), (0.99, ms(400))]),
        ] {
            let slices = 1 << 18;
            let slice = |i: u64| dist.sample((i << 46) | (1 << 45)).as_secs_f64();
            let mean = (0..slices).map(slice).sum::<f64>() / slices as f64;
            assert!((dist.mean_secs() - mean).abs() < 0.01 * mean, "{dist:?} {mean}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn given_quantiles_are_met() {
        let ms = Span::from_millis;
        let d = Distribution::through(&[(0.5, ms(40)), (0.9, ms(90)), (0.99, ms(400))]);
        let stream = Draws::new(5, 0).stream(Purpose::Latency, 0);
        let below =
            |limit| (0..100_000).filter(|i| d.sample(stream.at(*i)) <= limit).count() as f64 / 1e5;
        assert!((below(ms(40)) - 0.5).abs() < 0.007);
        assert!((below(ms(90)) - 0.9).abs() < 0.004);
        assert!((below(ms(400)) - 0.99).abs() < 0.0015);
    }
}
