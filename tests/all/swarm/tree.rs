//! A scenario as a tree: it can be written as TOML, and cut down. What is left of a failing scenario when
//! nothing more can be taken away is what the failure needs.

use std::fmt::{self, Display, Write};

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Tree {
    /// A number, a flag or a text, as TOML writes it.
    Word(String),
    List(Vec<Tree>),
    Table(Vec<(&'static str, Tree)>),
}

use Tree::{List, Table, Word};

/// A word as it is: a number, true, false.
pub(super) fn word(value: impl Display) -> Tree {
    Word(value.to_string())
}

/// A text.
pub(super) fn text(value: impl Display) -> Tree {
    Word(format!("'{value}'"))
}

pub(super) fn table<const N: usize>(entries: [(&'static str, Tree); N]) -> Tree {
    Table(entries.into())
}

impl Tree {
    /// The file: each key on a line of its own, each part of a list too.
    pub(super) fn toml(&self) -> String {
        let Table(entries) = self else { return self.to_string() };
        let mut file = String::new();
        for (key, value) in entries {
            let written = match value {
                List(parts) if parts.iter().any(|part| matches!(part, Table(_))) => {
                    let lines: String = parts.iter().map(|part| format!("  {part},\n")).collect();
                    writeln!(file, "{key} = [\n{lines}]")
                }
                other => writeln!(file, "{key} = {other}"),
            };
            written.unwrap();
        }
        file
    }

    /// Every tree that is this one with one thing less, or with one number smaller; the largest cuts
    /// first.
    pub(super) fn smaller(&self) -> Vec<Tree> {
        let mut found = Vec::new();
        match self {
            Word(word) => found.extend(lesser(word).into_iter().map(Word)),
            List(parts) => {
                found.extend((0..parts.len()).map(|i| List(without(parts, i))));
                for (i, part) in parts.iter().enumerate() {
                    found.extend(part.smaller().into_iter().map(|less| {
                        let mut parts = parts.clone();
                        parts[i] = less;
                        List(parts)
                    }));
                }
            }
            Table(entries) => {
                found.extend((0..entries.len()).map(|i| Table(without(entries, i))));
                for (i, (_, value)) in entries.iter().enumerate() {
                    found.extend(value.smaller().into_iter().map(|less| {
                        let mut entries = entries.clone();
                        entries[i].1 = less;
                        Table(entries)
                    }));
                }
            }
        }
        found
    }
}

impl Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Word(word) => f.write_str(word),
            List(parts) => {
                let parts: Vec<String> = parts.iter().map(Tree::to_string).collect();
                write!(f, "[{}]", parts.join(", "))
            }
            Table(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                write!(f, "{{ {} }}", entries.join(", "))
            }
        }
    }
}

fn without<T: Clone>(all: &[T], i: usize) -> Vec<T> {
    let mut rest = all.to_vec();
    rest.remove(i);
    rest
}

/// The same word with its number halved, or 1.
fn lesser(word: &str) -> Vec<String> {
    let Some(from) = word.find(|c: char| c.is_ascii_digit()) else { return Vec::new() };
    let digits = word[from..].chars().take_while(char::is_ascii_digit).count();
    let (before, after) = (&word[..from], &word[from + digits..]);
    let Ok(number) = word[from..from + digits].parse::<u64>() else { return Vec::new() };
    let mut less = vec![1, number / 2, number.saturating_sub(1)];
    less.retain(|n| *n < number);
    less.dedup();
    less.iter().map(|n| format!("{before}{n}{after}")).collect()
}

/// The smallest tree that still fails: whatever can be taken away is taken away, until nothing can.
pub(super) fn shrink(mut tree: Tree, fails: &dyn Fn(&Tree) -> bool) -> Tree {
    while let Some(less) = tree.smaller().into_iter().find(|less| fails(less)) {
        tree = less;
    }
    tree
}

#[test]
fn a_failing_tree_is_shrunk_to_what_its_failure_needs() {
    let list = List(vec![word(80), table([("a", text("12ms")), ("b", word(true))]), word(3)]);
    let tree = table([("x", list), ("y", word(7))]);
    // It fails as long as an `a` of at least 5 ms is in it.
    let fails = |tree: &Tree| {
        let file = tree.toml();
        let number = file.split("a = '").nth(1).and_then(|rest| rest.split("ms").next());
        number.is_some_and(|n| n.parse::<u64>().unwrap() >= 5)
    };
    assert_eq!(shrink(tree, &fails).toml(), "x = [\n  { a = '5ms' },\n]\n");
}
