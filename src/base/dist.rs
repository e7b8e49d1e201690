//! Distributions by their inverse, so that one draw gives one value: two columns that share the draw
//! share the luck. Logarithms of draws come from [`ln()`], all else from `libm`, for the platform's own differ in the
//! last bit (and a simulation amplifies a bit).

use super::Span;
use super::ln::ln;
use super::normal::{quantile, score};
use super::random::{Stream, unit};

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
                    .map(|(p, s)| (quantile(*p), libm::log(s.as_nanos().max(1) as f64)))
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

    /// The values of the first four draws of a stream: none of them waits for another.
    pub fn sample_four(&self, stream: Stream) -> [Span; 4] {
        let each = [0, 1, 2, 3];
        match self {
            Distribution::AbsNormal(mean, deviation) => {
                each.map(|i| abs_normal(*mean, *deviation, score(stream.at(i))))
            }
            _ => each.map(|i| self.sample(stream.at(i))),
        }
    }

    /// The value that 64 random bits stand for.
    #[inline(always)] // most are exponential
    pub fn sample(&self, bits: u64) -> Span {
        match self {
            Distribution::Exponential(mean) => {
                Span::from_nanos_f64(-(mean.as_nanos() as f64) * ln(unit(bits)))
            }
            _ => self.sample_other(bits),
        }
    }

    fn sample_other(&self, bits: u64) -> Span {
        match self {
            Distribution::Fixed(span) => *span,
            Distribution::Uniform(low, high) => {
                let (low, high) = (low.as_nanos(), high.as_nanos());
                let width = u128::from(high.saturating_sub(low)) + 1;
                Span::from_nanos(low + ((u128::from(bits) * width) >> 64) as u64)
            }
            Distribution::Exponential(_) => self.sample(bits),
            Distribution::LogNormal { mu, sigma } => {
                Span::from_nanos_f64(libm::exp(mu + sigma * score(bits)))
            }
            Distribution::AbsNormal(mean, deviation) => abs_normal(*mean, *deviation, score(bits)),
            Distribution::Quantiles(knots) => {
                Span::from_nanos_f64(libm::exp(between(knots, score(bits))))
            }
        }
    }
}

fn abs_normal(mean: Span, deviation: Span, z: f64) -> Span {
    Span::from_nanos_f64((mean.as_nanos() as f64 + deviation.as_nanos() as f64 * z).abs())
}

/// The line through the two knots round `z`, or through the two at the nearer end.
fn between(knots: &[(f64, f64)], z: f64) -> f64 {
    let upper = knots.iter().position(|(x, _)| *x >= z).unwrap_or(knots.len());
    let upper = upper.clamp(1, knots.len() - 1);
    let ((x0, y0), (x1, y1)) = (knots[upper - 1], knots[upper]);
    y0 + (y1 - y0) * (z - x0) / (x1 - x0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{Draws, Purpose};

    fn mean_and_cv2(d: &Distribution) -> (f64, f64) {
        let stream = Draws::new(5, 0).stream(Purpose::Latency, 0);
        let n = 200_000u64;
        let xs: Vec<f64> = (0..n).map(|i| d.sample(stream.at(i)).as_secs_f64()).collect();
        let mean = xs.iter().sum::<f64>() / n as f64;
        let variance = xs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
        (mean, variance / mean / mean)
    }

    #[test]
    fn four_samples_are_each_what_one_is() {
        let ms = Span::from_millis;
        let stream = Draws::new(6, 0).stream(Purpose::Network, 0);
        for dist in [Distribution::AbsNormal(ms(1), ms(2)), Distribution::Exponential(ms(40))] {
            for stream in (0..100).map(|i| stream.sub(i)) {
                let one_by_one = [0, 1, 2, 3].map(|i| dist.sample(stream.at(i)));
                assert_eq!(dist.sample_four(stream), one_by_one);
            }
        }
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
