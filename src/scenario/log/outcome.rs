//! How a call ended, in the words of logs: statuses, flags, and what people write instead.

use super::Outcome;

/// What a column says of a call, by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Says {
    /// How it ended.
    Status,
    /// Whether, or with what, it failed.
    Failure,
    /// Whether it succeeded.
    Success,
}

/// What an outcome must look like.
pub(super) const RULE: &str = "must be a status like 200 or 503, or one of ok, success, error, failed, timeout, \
     cancelled, true, false";

const GOOD: [&str; 9] =
    ["ok", "success", "succeeded", "successful", "done", "completed", "complete", "pass", "passed"];
const BAD: [&str; 8] =
    ["error", "err", "failed", "failure", "fail", "exception", "unavailable", "internal"];
const LATE: [&str; 7] = [
    "timeout",
    "timedout",
    "timed_out",
    "time_out",
    "deadline_exceeded",
    "deadlineexceeded",
    "etimedout",
];
const LEFT: [&str; 5] = ["cancelled", "canceled", "aborted", "client_closed", "disconnected"];

/// The outcome that a cell tells; `Ok(None)` if it is empty, an error if it is no outcome.
pub(super) fn outcome(cell: &str, says: Says) -> Result<Option<Outcome>, ()> {
    let cell = cell.trim();
    if cell.is_empty() || cell == "-" || cell.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    if let Ok(number) = cell.parse::<i64>() {
        return of_number(number, says).map(Some).ok_or(());
    }
    let word = cell.to_ascii_lowercase().replace(['-', ' '], "_");
    let is = |words: &[&str]| words.contains(&word.as_str());
    Ok(Some(match word.as_str() {
        "true" | "yes" if says == Says::Failure => Outcome::Error,
        "true" | "yes" => Outcome::Success,
        "false" | "no" if says == Says::Failure => Outcome::Success,
        "false" | "no" => Outcome::Error,
        _ if is(&GOOD) => Outcome::Success,
        _ if is(&LATE) => Outcome::Timeout,
        _ if is(&LEFT) => Outcome::Cancelled,
        _ if is(&BAD) => Outcome::Error,
        // A column of errors holds what went wrong, in any words.
        _ if says == Says::Failure => {
            match ["timeout", "timed_out", "time_out"].iter().any(|late| word.contains(late)) {
                true => Outcome::Timeout,
                false => Outcome::Error,
            }
        }
        // "503 Service Unavailable"
        _ => match cell.split_once(' ').and_then(|(first, _)| first.parse().ok()) {
            Some(number) => of_number(number, says).ok_or(())?,
            None => return Err(()),
        },
    }))
}

fn of_number(number: i64, says: Says) -> Option<Outcome> {
    Some(match (number, says) {
        (0, Says::Success) | (1, Says::Failure) => Outcome::Error,
        (1, Says::Success) | (0, _) => Outcome::Success,
        (499, _) => Outcome::Cancelled,
        (100..=399, _) => Outcome::Success,
        (400..=599, _) => Outcome::Status(number as u16),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_logs_are_known() {
        use Outcome::{Cancelled, Error, Status, Success, Timeout};
        let of = |cell, says| outcome(cell, says).unwrap();
        for (cell, says, told) in [
            ("200", Says::Status, Some(Success)),
            ("503", Says::Status, Some(Status(503))),
            ("503 Service Unavailable", Says::Status, Some(Status(503))),
            ("499", Says::Status, Some(Cancelled)),
            ("OK", Says::Status, Some(Success)),
            ("Timed out", Says::Status, Some(Timeout)),
            ("error", Says::Status, Some(Error)),
            ("true", Says::Failure, Some(Error)),
            ("0", Says::Failure, Some(Success)),
            ("1", Says::Failure, Some(Error)),
            ("connection reset by peer", Says::Failure, Some(Error)),
            ("read timed out after 5 s", Says::Failure, Some(Timeout)),
            ("false", Says::Success, Some(Error)),
            ("1", Says::Success, Some(Success)),
            ("", Says::Status, None),
            ("-", Says::Failure, None),
        ] {
            assert_eq!(of(cell, says), told, "{cell} {says:?}");
        }
        for bad in ["perhaps", "7", "-1", "600", "20O"] {
            assert_eq!(outcome(bad, Says::Status), Err(()), "{bad}");
        }
    }
}
