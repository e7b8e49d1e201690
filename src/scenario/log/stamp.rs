//! Times as logs write them: timestamps with or without an offset, and seconds, milli-, micro- or
//! nanoseconds since 1970, told by their size.

use jiff::Timestamp;

use super::super::trace::nanoseconds;

/// What a time must look like.
pub(super) const RULE: &str = "must be a time like 2023-11-16 18:17:03.97 or 2023-11-16T18:17:03Z, or a number of \
     seconds or milliseconds";

/// A time in nanoseconds since 1970, or since some other fixed time.
pub(super) fn stamp(cell: &str) -> Option<i128> {
    let cell = cell.trim();
    let Ok(number) = cell.parse::<f64>() else {
        // Python's logging writes a comma before the milliseconds.
        return nanoseconds(cell).or_else(|| nanoseconds(&cell.replacen(',', ".", 1)));
    };
    let unit: i128 = match number.abs() {
        seconds if seconds < 1e11 => 1_000_000_000,
        millis if millis < 1e14 => 1_000_000,
        micros if micros < 1e17 => 1_000,
        nanos if nanos < 1e20 => 1,
        _ => return None,
    };
    let whole = cell.parse::<i128>().map(|whole| whole * unit);
    Some(whole.unwrap_or((number * unit as f64).round() as i128))
}

/// A time in words: a timestamp, or seconds where it cannot be one of a log.
pub(super) fn words(nanoseconds: i128) -> String {
    const YEAR_1990: i128 = 631_152_000_000_000_000;
    match Timestamp::from_nanosecond(nanoseconds) {
        Ok(at) if nanoseconds > YEAR_1990 => format!("{at:.0}"),
        _ => format!("second {}", nanoseconds as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_moment_in_every_form() {
        let at = 1_700_158_623_970_000_000;
        for form in [
            "2023-11-16 18:17:03.97",
            "2023-11-16T18:17:03.970Z",
            "2023-11-16T19:17:03.97+01:00",
            "2023-11-16 18:17:03,970",
            "1700158623970",
            "1700158623970000",
            "1700158623970000000",
        ] {
            assert_eq!(stamp(form), Some(at), "{form}");
        }
        assert!((stamp("1700158623.97").unwrap() - at).abs() < 1000);
        assert_eq!(stamp("-1.5"), Some(-1_500_000_000));
        for bad in ["", "noon", "NaN", "inf", "1e30", "2023-13-16 18:17:03"] {
            assert_eq!(stamp(bad), None, "{bad}");
        }
        assert_eq!(words(at), "2023-11-16T18:17:03Z");
        assert_eq!(words(1_500_000_000), "second 1.5");
    }
}
