//! A line of CSV becomes cells, each with its place in the line (RFC 4180: quotes round a cell, twice within).

use std::borrow::Cow;
use std::ops::Range;

/// A cell and where it stands.
pub(super) type Cell<'a> = (Cow<'a, str>, Range<usize>);

/// What divides the cells of a line of names: the commonest of comma, semicolon and tab.
pub(super) fn divider(header: &str) -> char {
    let count = |c: &char| header.matches(*c).count();
    [',', ';', '\t'].into_iter().rev().max_by_key(count).unwrap_or(',')
}

/// The cells of a line, into room that is used again; an error is where a quote is out of place.
pub(super) fn cells<'a>(
    line: &'a str,
    divider: char,
    into: &mut Vec<Cell<'a>>,
) -> Result<(), Range<usize>> {
    into.clear();
    let mut start = 0;
    loop {
        let rest = &line[start..];
        let (cell, end) = match rest.strip_prefix('"') {
            None => {
                let end = rest.find(divider).map_or(line.len(), |n| start + n);
                ((Cow::Borrowed(line[start..end].trim()), start..end), end)
            }
            Some(inner) => {
                let close = closing(inner).ok_or(start..line.len())?;
                let end = start + close + 2;
                let text = &inner[..close];
                let text = match text.contains("\"\"") {
                    true => Cow::Owned(text.replace("\"\"", "\"")),
                    false => Cow::Borrowed(text),
                };
                ((text, start..end), end)
            }
        };
        into.push(cell);
        match line[end..].chars().next() {
            None => return Ok(()),
            Some(c) if c == divider => start = end + divider.len_utf8(),
            Some(c) => return Err(end..end + c.len_utf8()),
        }
    }
}

/// Where the quote is that closes a cell.
fn closing(inner: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + inner[from..].find('"')?;
        match inner[at + 1..].starts_with('"') {
            true => from = at + 2,
            false => return Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Vec<(String, Range<usize>)>, Range<usize>> {
        let mut found = Vec::new();
        cells(line, ',', &mut found)?;
        Ok(found.into_iter().map(|(text, place)| (text.into_owned(), place)).collect())
    }

    #[test]
    fn cells_come_with_their_places() {
        assert_eq!(
            of("a, b,").unwrap(),
            [("a".into(), 0..1), ("b".into(), 2..4), ("".into(), 5..5)]
        );
        assert_eq!(of("\"x,\"\"y\",2").unwrap(), [("x,\"y".into(), 0..7), ("2".into(), 8..9)]);
        assert_eq!(of("\"x").unwrap_err(), 0..2);
        assert_eq!(of("\"x\"é,1").unwrap_err(), 3..5);
    }

    #[test]
    fn the_commonest_divider_divides() {
        assert_eq!(divider("a,b"), ',');
        assert_eq!(divider("a;b;c,d"), ';');
        assert_eq!(divider("a\tb"), '\t');
        assert_eq!(divider("a"), ',');
    }
}
