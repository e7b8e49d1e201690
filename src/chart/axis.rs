//! Axes: where values stand, and which of them are written at the edge. An [`Axis`] is a coordinate of
//! plotters, with the marks that people expect (plotters' own logarithmic axis writes only powers).

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// How values are spread along an axis.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// Each factor of ten takes the same room; values up to 0 stand at the low end.
    Log,
    /// Shares from 0 to below 1: each further nine takes the same room.
    Nines,
}

/// An axis from one value to another.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    /// What it measures; empty for none.
    pub label: String,
    /// Written behind each of its own values, like ` s`.
    pub unit: &'static str,
    /// How values are spread.
    pub scale: Scale,
    /// The low end.
    pub low: f64,
    /// The high end, above the low one.
    pub high: f64,
    /// Values that are written, with their text; the scale's own where there are none.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis that holds all values (those that are not finite excepted), with round ends; a
    /// linear one begins at 0.
    pub fn over(label: &str, scale: Scale, values: impl IntoIterator<Item = f64>) -> Axis {
        let fits = |x: &f64| x.is_finite() && (scale != Scale::Log || *x > 0.0);
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for value in values.into_iter().filter(fits) {
            (low, high) = (low.min(value), high.max(value));
        }
        let (low, high) = match scale {
            Scale::Linear => (0.0, if high > 0.0 { round_up(high * 1.02) } else { 1.0 }),
            Scale::Log if high > 0.0 => around(low, high),
            Scale::Log => (1.0, 10.0),
            Scale::Nines => (0.0, high.clamp(0.9, 0.999_999)),
        };
        Axis { label: label.to_owned(), unit: "", scale, low, high, ticks: Vec::new() }
    }

    /// Where a value stands, in units of the axis that grow evenly.
    fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => value,
            Scale::Log => libm::log10(value.max(self.low)),
            Scale::Nines => -libm::log10(1.0 - value.clamp(0.0, 0.999_999_9)),
        }
    }

    /// The values that are written, with their text.
    pub(super) fn marks(&self) -> Vec<(f64, String)> {
        let own = match self.scale {
            _ if !self.ticks.is_empty() => self.ticks.clone(),
            Scale::Linear => linear(self.low, self.high),
            Scale::Log => log(self.low, self.high),
            Scale::Nines => NINES.map(|(q, text)| (q, text.to_owned())).to_vec(),
        };
        let inside = |x: f64| x >= self.low * (1.0 - 1e-9) && x <= self.high * (1.0 + 1e-9);
        let unit = if self.ticks.is_empty() { self.unit } else { "" };
        own.into_iter().filter(|(x, _)| inside(*x)).map(|(x, t)| (x, t + unit)).collect()
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let (low, high) = (self.place(self.low), self.place(self.high));
        let share = (self.place(*value) - low) / (high - low);
        from + libm::round(share * f64::from(to - from)) as i32
    }
    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        match hint.weight().allow_light_points() {
            true => Vec::new(),
            false => self.marks().into_iter().map(|(x, _)| x).collect(),
        }
    }
    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format(value: &f64) -> String {
        shown(*value)
    }
    fn format_ext(&self, value: &f64) -> String {
        let marks = self.marks();
        marks.into_iter().find(|(x, _)| x == value).map_or_else(String::new, |(_, text)| text)
    }
}

const NINES: [(f64, &str); 8] = [
    (0.0, "0 %"),
    (0.5, "50 %"),
    (0.9, "90 %"),
    (0.99, "99 %"),
    (0.999, "99.9 %"),
    (0.9999, "99.99 %"),
    (0.99999, "99.999 %"),
    (0.999999, "99.9999 %"),
];

/// The next of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten.
fn round_up(x: f64) -> f64 {
    let power = libm::pow(10.0, libm::floor(libm::log10(x)));
    let steps = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|s| s * power).find(|s| *s >= x * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

/// Ends of a logarithmic axis: 1, 2 or 5 times a power of ten, below and above.
fn around(low: f64, high: f64) -> (f64, f64) {
    let ends =
        || (-12..=18).flat_map(|p| [1.0, 2.0, 5.0].map(|s| s * libm::pow(10.0, f64::from(p))));
    let below = ends().rfind(|e| *e <= low * (1.0 + 1e-9)).unwrap_or(low);
    let above = ends().find(|e| *e >= high * (1.0 - 1e-9)).unwrap_or(high);
    (below, if above > below { above } else { below * 10.0 })
}

fn linear(low: f64, high: f64) -> Vec<(f64, String)> {
    let rough = (high - low) / 5.0;
    let power = libm::pow(10.0, libm::floor(libm::log10(rough)));
    let step =
        [1.0, 2.0, 2.5, 5.0, 10.0].map(|s| s * power).into_iter().find(|s| *s >= rough * 0.8);
    let step = step.unwrap_or(rough);
    let first = libm::ceil(low / step - 1e-9);
    let at = |i: i32| (first + f64::from(i)) * step;
    let inside = (0..24).map(at).take_while(|x| *x <= high + step * 1e-6);
    inside.map(|x| (x, shown(x))).collect()
}

fn log(low: f64, high: f64) -> Vec<(f64, String)> {
    let (first, last) =
        (libm::floor(libm::log10(low)) as i32, libm::ceil(libm::log10(high)) as i32);
    let steps: &[f64] = match last - first {
        ..=2 => &[1.0, 2.0, 5.0],
        3..=4 => &[1.0, 3.0],
        _ => &[1.0],
    };
    (first..=last)
        .flat_map(|p| steps.iter().map(move |s| s * libm::pow(10.0, f64::from(p))))
        .map(|x| (x, shown(x)))
        .collect()
}

/// A number as people read it: at most three significant digits after the point, thousands apart,
/// millions as M.
pub fn shown(x: f64) -> String {
    let size = x.abs();
    let cut = |digits: usize| {
        let text = format!("{x:.digits$}");
        match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text,
        }
    };
    match size {
        _ if size == 0.0 || !x.is_finite() => {
            if x == 0.0 {
                "0".into()
            } else {
                "n/a".into()
            }
        }
        _ if size >= 1e6 => format!("{}M", shown(x / 1e6)),
        _ if size >= 9999.5 => grouped(x),
        _ if size >= 100.0 => cut(0),
        _ if size >= 10.0 => cut(1),
        _ if size >= 1.0 => cut(2),
        _ => cut((2.0 - libm::floor(libm::log10(size))).min(12.0) as usize),
    }
}

fn grouped(x: f64) -> String {
    let digits = format!("{:.0}", x.abs());
    let (front, back) = digits.split_at(digits.len() - 3);
    format!("{}{front},{back}", if x < 0.0 { "-" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (x, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (2.5, "2.5"),
            (1519.0, "1519"),
            (12_500.0, "12,500"),
            (3_000_000.0, "3M"),
            (0.0042, "0.0042"),
            (-0.5, "-0.5"),
            (-25_000.0, "-25,000"),
            (99.96, "100"),
        ] {
            assert_eq!(shown(x), text);
        }
    }

    #[test]
    fn an_axis_holds_its_values_and_writes_a_few() {
        for top in [1e-9, 0.3, 1.0, 7.0, 99.0, 1519.0, 3e12] {
            for scale in [Scale::Linear, Scale::Log] {
                let axis = Axis::over("", scale, [top / 37.0, top]);
                assert!(axis.high >= top && axis.low <= top / 37.0, "{axis:?}");
                let marks = axis.marks();
                assert!((3..=10).contains(&marks.len()), "{axis:?} {marks:?}");
                assert!(marks.windows(2).all(|m| m[0].0 < m[1].0 && m[0].1 != m[1].1), "{marks:?}");
            }
        }
        assert_eq!(Axis::over("", Scale::Log, [0.0, f64::NAN]).low, 1.0);
        assert_eq!(Axis::over("", Scale::Linear, []).high, 1.0);
    }
}
