//! From samples to intervals. A figure without its interval invites a wrong decision, so every figure
//! over replicas carries a 95 % one: Student's for means, Wilson's (1927) for shares.

/// A figure over replicas with its 95 % interval; the interval does not exist for one replica.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The ends of the interval.
    pub interval: Option<(f64, f64)>,
}

/// The mean of samples with Student's 95 % interval; `None` without samples.
pub fn mean_interval(samples: &[f64]) -> Option<Estimate> {
    let n = samples.len();
    if n == 0 {
        return None;
    }
    let mean = samples.iter().sum::<f64>() / n as f64;
    if n == 1 {
        return Some(Estimate { mean, interval: None });
    }
    let variance = samples.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1) as f64;
    let half = student_975(n - 1) * libm::sqrt(variance / n as f64);
    Some(Estimate { mean, interval: Some((mean - half, mean + half)) })
}

/// A share of `n` trials with Wilson's 95 % interval; `None` without trials.
pub fn share_interval(hits: u64, n: u64) -> Option<Estimate> {
    if n == 0 {
        return None;
    }
    let (p, count, z2) = (hits as f64 / n as f64, n as f64, Z * Z);
    let centre = (p + z2 / (2.0 * count)) / (1.0 + z2 / count);
    let half =
        Z / (1.0 + z2 / count) * libm::sqrt(p * (1.0 - p) / count + z2 / (4.0 * count * count));
    let interval = ((centre - half).max(0.0), (centre + half).min(1.0));
    Some(Estimate { mean: p, interval: Some(interval) })
}

/// The 97.5 % quantile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The 97.5 % quantile of Student's distribution: exact for 1 and 2 degrees of freedom, else by Hill's
/// expansion (Algorithm 396, CACM 1970), good to 1e-4 from 3 on.
pub fn student_975(degrees: usize) -> f64 {
    match degrees {
        0 => f64::INFINITY,
        1 => 12.706_204_736_174_7,
        2 => 4.302_652_729_749_46,
        n => {
            let (n, p) = (n as f64, 0.05);
            let a = 1.0 / (n - 0.5);
            let b = (48.0 / a) / a;
            let c = ((20_700.0 * a / b - 98.0) * a - 16.0) * a + 96.36;
            let d = ((94.5 / (b + c) - 3.0) / b + 1.0)
                * libm::sqrt(a * std::f64::consts::FRAC_PI_2)
                * n;
            let y = libm::pow(d * p, 2.0 / n);
            let y = if y > 0.05 + a { hill_far(n, a, b, c, d) } else { hill_near(n, d, y) };
            libm::sqrt(n * y)
        }
    }
}

fn hill_far(n: f64, a: f64, b: f64, c: f64, d: f64) -> f64 {
    let x = -Z;
    let mut y = x * x;
    let c = if n < 5.0 { c + 0.3 * (n - 4.5) * (x + 0.6) } else { c };
    let c = (((0.05 * d * x - 5.0) * x - 7.0) * x - 2.0) * x + b + c;
    y = (((((0.4 * y + 6.3) * y + 36.0) * y + 94.5) / c - y - 3.0) / b + 1.0) * x;
    let y = a * y * y;
    if y > 0.002 { libm::expm1(y) } else { 0.5 * y * y + y }
}

fn hill_near(n: f64, d: f64, y: f64) -> f64 {
    ((1.0 / (((n + 6.0) / (n * y) - 0.089 * d - 0.822) * (n + 2.0) * 3.0) + 0.5 / (n + 4.0)) * y
        - 1.0)
        * (n + 1.0)
        / (n + 2.0)
        + 1.0 / y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn student_quantiles_agree_with_tables() {
        for (n, t) in [
            (1, 12.7062),
            (2, 4.3027),
            (3, 3.1824),
            (4, 2.7764),
            (5, 2.5706),
            (9, 2.2622),
            (19, 2.0930),
            (29, 2.0452),
            (99, 1.9842),
            (999, 1.9623),
        ] {
            assert!((student_975(n) - t).abs() < 2e-4, "{n}: {}", student_975(n));
        }
    }

    #[test]
    fn a_mean_of_five_has_its_textbook_interval() {
        let e = mean_interval(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        let (low, high) = e.interval.unwrap();
        assert!(
            (e.mean - 3.0).abs() < 1e-12
                && (low - 1.0367).abs() < 1e-3
                && (high - 4.9633).abs() < 1e-3
        );
        assert_eq!(mean_interval(&[7.0]).unwrap().interval, None);
        assert_eq!(mean_interval(&[]), None);
    }

    #[test]
    fn a_share_of_all_is_not_certain() {
        let (low, high) = share_interval(20, 20).unwrap().interval.unwrap();
        assert!((low - 0.8389).abs() < 1e-3 && high == 1.0, "{low} {high}");
    }
}
