//! Quantities and texts as a scenario takes them.

use crate::base::Span;
use crate::scenario::log::Outcome;

/// A number with so many digits that count, without an exponent.
pub(super) fn plain(x: f64, digits: i32) -> String {
    if x == 0.0 || !x.is_finite() {
        return "0".into();
    }
    let before = libm::floor(libm::log10(x.abs())) as i32 + 1;
    let decimals = (digits - before).clamp(0, 15) as usize;
    let text = format!("{x:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A share as a percentage.
pub(super) fn percent(share: f64) -> String {
    format!("{}%", plain(share * 100.0, 4))
}

/// A rate in the largest number of calls that is not below one, a day at most.
pub(super) fn rate(per_second: f64) -> String {
    let units = [("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let (unit, seconds) =
        units.into_iter().find(|(_, s)| per_second * s >= 1.0).unwrap_or(("d", 86_400.0));
    format!("{}/{unit}", plain(per_second * seconds, 5))
}

/// A length of time as a scenario takes it, to a thousandth of its unit.
pub(super) fn span(span: Span) -> String {
    span.to_string()
}

/// Milliseconds for tables.
pub(super) fn millis(span: Span) -> String {
    let ms = span.as_millis_f64();
    plain(ms, if ms < 1e6 { 3.max(ms.max(1.0).log10() as i32 + 1) } else { 7 })
}

/// A text of TOML.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted += &format!("\\u{:04X}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A text of others in a comment: on one line, not too long.
pub(super) fn named(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    crate::base::fault::shortened(&clean)
}

/// A number of things.
pub(super) fn number(n: usize, one: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{} {one}s", grouped(n)),
    }
}

/// 1,234,567.
pub(super) fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

/// What a failure is called.
pub(super) fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::Success => "success".into(),
        Outcome::Status(code) => code.to_string(),
        Outcome::Error => "error".into(),
        Outcome::Timeout => "time-out".into(),
        Outcome::Cancelled => "cancelled".into(),
    }
}

/// What a failure looks like to the plugin.
pub(super) fn signal(outcome: Outcome) -> String {
    match outcome {
        Outcome::Status(code) => format!("{{ error_flag_status = {code} }}"),
        Outcome::Timeout => "\"timeout\"".into(),
        _ => "\"error_flag\"".into(),
    }
}

/// Words as lines of a comment, no longer than is read with pleasure.
pub(super) fn comment(words: &str, indent: &str) -> String {
    let mut text = String::new();
    let mut line = String::new();
    for word in words.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > 108 {
            text += &format!("{indent}# {line}\n");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    text + &format!("{indent}# {line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text;

    #[test]
    fn quantities_read_back() {
        for x in [0.000_012_3, 0.5, 1.0, 3.9876, 12_345.6, 9.9e7] {
            let back = text::rate(&rate(x)).unwrap();
            assert!((back / x - 1.0).abs() < 1e-4, "{x}: {}", rate(x));
        }
        for share in [1e-6, 0.0123, 0.5, 1.0] {
            let back = text::probability(&percent(share)).unwrap();
            assert!((back / share - 1.0).abs() < 1e-3, "{share}: {}", percent(share));
        }
        assert_eq!((plain(0.051_234, 3), plain(1234.5, 2)), ("0.0512".into(), "1234".into()));
        assert_eq!(millis(Span::from_nanos(1_234_567)), "1.23");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn texts_of_others_do_no_harm() {
        assert_eq!(quoted("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000A\"");
        assert_eq!(named("a\n[tools]"), "a [tools]");
        assert!(comment(&"word ".repeat(50), "").lines().all(|line| line.len() <= 110));
    }
}
