//! What a template may hold. A template is a program, and a file from outside may hold one that never
//! ends, that fills the memory, or that nests so deeply that its parser overflows the stack. The engine
//! bounds the steps and the writer bounds what is written; what neither sees is refused here, before the
//! engine reads a byte: statements that keep values (each `set` can double the one before), repeated text
//! within loops, long chains in one tag. What is left is what configurations use: `{{ env.get(...) }}`,
//! `if` and `for`.

use std::ops::Range;

/// Bytes of one tag at most: the parser descends once for each operator of it.
const MAX_TAG: usize = 1000;
/// `elif` at most: the compiler descends once for each.
const MAX_ELIF: usize = 200;
/// `*` at most: each can make a text of 100 MB.
const MAX_STARS: usize = 16;
/// The statements that are read.
const STATEMENTS: [&str; 8] = ["if", "elif", "else", "endif", "for", "endfor", "raw", "endraw"];

/// What is wrong with a template, and where.
pub(super) struct Refused {
    pub(super) place: Range<usize>,
    pub(super) rule: String,
    pub(super) hint: String,
}

/// Whether a template keeps within its bounds.
pub(super) fn bounded(text: &str) -> Result<(), Refused> {
    let (mut elifs, mut stars, mut loops) = (0, 0, false);
    for place in tags(text) {
        let tag = &text[place.clone()];
        let refused = |rule: String, hint: &str| {
            let hint = hint.to_owned();
            Err(Refused { place: place.clone(), rule, hint })
        };
        if tag.len() > MAX_TAG {
            let rule = format!("a tag must be shorter than {MAX_TAG} bytes, or be closed");
            return refused(rule, "write the value itself, or split the tag");
        }
        stars += bare(tag).filter(|c| *c == '*').count();
        if let Some(statement) = tag.strip_prefix("{%") {
            let statement = statement.trim_start_matches(['-', '+']).trim_start();
            let end = statement.find(|c: char| !c.is_alphanumeric() && c != '_');
            let word = &statement[..end.unwrap_or(statement.len())];
            if !STATEMENTS.contains(&word) {
                let rule = format!(
                    "`{word}` is not among the statements that retrylab reads: if, for, raw"
                );
                return refused(
                    rule,
                    "write the value where it is used: {{ env.get('NAME', default) }}",
                );
            }
            loops |= word == "for";
            elifs += usize::from(word == "elif");
            if word == "for" && statement.contains("recursive") {
                return refused("a loop must not be recursive".into(), "write the entries out");
            }
        }
        if bare(tag).any(|c| c == '*') && holds_list(tag) {
            return refused("`*` must not repeat a list".into(), "write the product itself");
        }
        if stars > MAX_STARS || (loops && stars > 0) {
            let rule = format!("`*` may stand {MAX_STARS} times, and not beside a loop");
            return refused(rule, "write the product itself");
        }
        if elifs > MAX_ELIF {
            return refused(format!("there may be {MAX_ELIF} `elif` at most"), "write fewer");
        }
    }
    Ok(())
}

/// The places of all tags, as the engine's lexer finds them: from `{{` or `{%` to its end outside of
/// quotes. What stands in comments and in `raw` counts too, which refuses a little more than need be.
fn tags(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let mut pairs = text.as_bytes().get(at..)?.windows(2);
        let start = at + pairs.position(|pair| matches!(pair, b"{{" | b"{%"))?;
        let close = if text[start..].starts_with("{{") { b"}}" } else { b"%}" };
        let end = closed(text.as_bytes(), start + 2, *close);
        // A tag within a tag is none to the engine, but may be one to a reader who counts quotes otherwise.
        at = start + 2;
        Some(start..end)
    })
}

/// Where a tag ends that is open at `from`; soon after the limit, for one that does not end.
fn closed(text: &[u8], from: usize, close: [u8; 2]) -> usize {
    let mut quote = None;
    let mut at = from;
    while at < text.len() && at < from + 2 * MAX_TAG {
        match (quote, text[at]) {
            (None, c) if c == close[0] && text.get(at + 1) == Some(&close[1]) => return at + 2,
            (None, c @ (b'"' | b'\'')) => quote = Some(c),
            (Some(_), b'\\') => at += 1,
            (Some(q), c) if c == q => quote = None,
            _ => {}
        }
        at += 1;
    }
    boundary(text, at.min(text.len()))
}

/// The same place, or the end of the character that it is within.
fn boundary(text: &[u8], at: usize) -> usize {
    (at..text.len()).find(|i| text[*i] & 0xc0 != 0x80).unwrap_or(text.len())
}

/// The characters of a tag outside of its quotes.
fn bare(tag: &str) -> impl Iterator<Item = char> + '_ {
    let mut quote = None;
    tag.chars().filter(move |c| match (quote, c) {
        (None, '"' | '\'') => {
            quote = Some(*c);
            false
        }
        (Some(q), c) if *c == q => {
            quote = None;
            false
        }
        (quote, _) => quote.is_none(),
    })
}

/// Whether a tag may make a list: `[`, `range`, or parentheses that are no call's and hold a comma.
fn holds_list(tag: &str) -> bool {
    let bare: String = bare(tag).collect();
    let group = bare.match_indices('(').any(|(at, _)| {
        let before = bare[..at].trim_end().chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    });
    bare.contains('[') || bare.contains("range") || (group && bare.contains(','))
}

#[cfg(test)]
mod tests {
    use super::bounded;

    fn rule(text: &str) -> Option<String> {
        bounded(text).err().map(|refused| refused.rule)
    }

    #[test]
    fn what_configurations_use_is_let_through() {
        for text in [
            "plain: {}",
            "a: {{ env.get('A', '*') }}\n",
            "{% if env.A %}a: 1{% elif env.B %}b: 2{% else %}c: 3{% endif %}",
            "{%- for i in range(3) -%} - {{ i }}\n{% endfor %}",
            "{{ env.get('S', 5)|int * 1000 }}",
        ] {
            assert_eq!(rule(text), None, "{text}");
        }
    }

    #[test]
    fn what_has_no_bound_is_refused() {
        for (text, word) in [
            ("{% set a = 'x' %}", "`set`"),
            ("{%-with a = 1 %}", "`with`"),
            ("{% for i in x recursive %}", "recursive"),
            ("{% for i in range(9) %}{{ 'x' * 9 }}{% endfor %}", "`*`"),
            (&format!("{{{{ 1{} }}}}", "~1".repeat(600)), "shorter"),
            (&"{% elif 1 %}".repeat(300), "`elif`"),
            (&"{{ 1 * 1 }}".repeat(20), "`*`"),
            ("# {{ [[1]*1000000]*1000000 }}", "repeat a list"),
            ("{{ (1, 2) * 1000000 }}", "repeat a list"),
            ("{{ range(100000) * 1000000 }}", "repeat a list"),
            (&format!("{{{{ '{}é", "x".repeat(1997)), "closed"),
        ] {
            assert!(rule(text).is_some_and(|rule| rule.contains(word)), "{text}");
        }
    }
}
