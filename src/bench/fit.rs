//! How a cost grows. The rule: the slope of log cost over log size by least squares; up to 0.05 (at most a
//! factor of 2 over six powers of ten) the cost is flat. Otherwise `a + b log size` and `a + b size`
//! are fitted by least squares of relative errors, and the order is that of the better fit.

/// How a cost grows with a size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Not at all, or hardly.
    Flat,
    /// With its logarithm.
    Logarithmic,
    /// In proportion.
    Linear,
}

impl Order {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Order::Flat => "flat",
            Order::Logarithmic => "logarithmic",
            Order::Linear => "linear",
        }
    }
}

/// A slope up to this is flat.
const FLAT: f64 = 0.05;

/// The slope of log cost over log size; sizes of 0 stand at 1. `None` with fewer than three points.
pub fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let logs = |(x, y): &(f64, f64)| (libm::log(x.max(1.0)), libm::log(*y), 1.0);
    let (_, slope, _) = line(points.iter().map(logs))?;
    Some(slope)
}

/// The order of points (size, cost); `None` with fewer than three.
pub fn order(points: &[(f64, f64)]) -> Option<Order> {
    if slope(points)? <= FLAT {
        return Some(Order::Flat);
    }
    let of = |shape: fn(f64) -> f64| {
        line(points.iter().map(|(x, y)| (shape(x.max(1.0)), *y, 1.0 / (y * y))))
    };
    let (logarithmic, linear) = (of(libm::log)?, of(|x| x)?);
    Some(if logarithmic.2 < linear.2 { Order::Logarithmic } else { Order::Linear })
}

/// The straight line through (x, y, weight): height at 0, slope, and the sum of squares that is left.
fn line(points: impl Iterator<Item = (f64, f64, f64)> + Clone) -> Option<(f64, f64, f64)> {
    let points = points.filter(|(x, y, w)| x.is_finite() && y.is_finite() && w.is_finite());
    let sum =
        |f: &dyn Fn(f64, f64) -> f64| points.clone().map(|(x, y, w)| w * f(x, y)).sum::<f64>();
    let weight = sum(&|_, _| 1.0);
    let (mx, my) = (sum(&|x, _| x) / weight, sum(&|_, y| y) / weight);
    let spread = sum(&|x, _| (x - mx) * (x - mx));
    if points.clone().count() < 3 || spread <= 0.0 {
        return None;
    }
    let slope = sum(&|x, y| (x - mx) * (y - my)) / spread;
    let height = my - slope * mx;
    let left = sum(&|x, y| (y - height - slope * x) * (y - height - slope * x));
    Some((height, slope, left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_shapes_are_recognised_with_a_little_noise() {
        let sizes = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];
        let curve = |cost: fn(f64) -> f64| {
            let wobble = [1.02, 0.97, 1.01, 0.99, 1.03, 0.98, 1.0];
            let points: Vec<(f64, f64)> =
                sizes.iter().zip(wobble).map(|(x, w)| (*x, cost(*x) * w)).collect();
            order(&points)
        };
        assert_eq!(curve(|_| 50.0), Some(Order::Flat));
        assert_eq!(curve(|x| 40.0 + 20.0 * libm::log2(x)), Some(Order::Logarithmic));
        assert_eq!(curve(|x| 150.0 + 1.5 * x), Some(Order::Linear));
        assert_eq!(curve(|x| 3.0 * x), Some(Order::Linear));
        assert_eq!(order(&[(1.0, 1.0), (2.0, 2.0)]), None);
    }

    #[test]
    fn a_slope_is_the_exponent() {
        let points: Vec<(f64, f64)> =
            (0..5).map(|i| (f64::from(1 << i), f64::from(3 << i))).collect();
        assert!((slope(&points).unwrap() - 1.0).abs() < 1e-12);
    }
}
