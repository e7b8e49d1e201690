//! Quantities as people write them: "200ms", "150/s", "0.5%", "1/200".

use super::Span;

/// Units of time and their nanoseconds.
const UNITS: [(&str, f64); 9] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
    ("min", 60e9),
    ("h", 3600e9),
    ("d", 86_400e9),
];

/// What a duration must look like.
pub const DURATION_RULE: &str =
    "must be a duration: a number and ns, us, ms, s, m, h or d, like \"200ms\" or \"1m 30s\"";
/// What a rate must look like.
pub const RATE_RULE: &str = "must be a rate: a number and /s, /m or /h, like \"150/s\"";
/// What a probability must look like.
pub const PROBABILITY_RULE: &str =
    "must be a probability from 0 to 1: like \"0.5%\", \"1/200\" or 0.005";

/// A duration: one or more numbers with units, rising or falling, added up.
pub fn duration(text: &str) -> Option<Span> {
    nanoseconds(text).filter(|total| *total < LONGEST).map(Span::from_nanos_f64)
}

/// A duration in form, but longer than any that is simulated.
pub fn too_long(text: &str) -> bool {
    nanoseconds(text).is_some_and(|total| total >= LONGEST)
}

/// Half of what 64 bits hold: 292 years.
const LONGEST: f64 = u64::MAX as f64 / 2.0;

fn nanoseconds(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, after) = leading_number(rest)?;
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == &after[..end])?;
        total += number * scale;
        rest = after[end..].trim_start();
    }
    Some(total)
}

/// A rate in events a second.
pub fn rate(text: &str) -> Option<f64> {
    let (number, unit) = leading_number(text.trim())?;
    let per = match unit.trim_start().strip_prefix('/')?.trim_start() {
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    Some(number / per)
}

/// A probability, as a percentage, a fraction or a plain number.
pub fn probability(text: &str) -> Option<f64> {
    let (number, rest) = leading_number(text.trim())?;
    let p = match rest.trim_start() {
        "" => number,
        "%" => number / 100.0,
        other => match leading_number(other.strip_prefix('/')?.trim_start())? {
            (below, "") if below > 0.0 => number / below,
            _ => return None,
        },
    };
    (0.0..=1.0).contains(&p).then_some(p)
}

/// A number without a sign at the start of a text, and what follows it.
fn leading_number(text: &str) -> Option<(f64, &str)> {
    let end =
        text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let number: f64 = text[..end].replace('_', "").parse().ok()?;
    number.is_finite().then_some((number, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_written() {
        assert_eq!(duration("200ms"), Some(Span::from_millis(200)));
        assert_eq!(duration("1m 30s"), Some(Span::from_secs(90)));
        assert_eq!(duration("0.5s"), Some(Span::from_millis(500)));
        for bad in ["", "5", "-1s", "5 parsecs", "s", "1e400s", "99999999999d"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn rates_and_probabilities_read_as_written() {
        assert_eq!(rate("150/s"), Some(150.0));
        assert_eq!(rate("90/m"), Some(1.5));
        assert_eq!(rate("150"), None);
        assert_eq!(probability("0.5%"), Some(0.005));
        assert_eq!(probability("1/200"), Some(0.005));
        assert_eq!(probability("0.25"), Some(0.25));
        for bad in ["101%", "2", "1/0", "-1%", "x"] {
            assert_eq!(probability(bad), None, "{bad}");
        }
    }
}
