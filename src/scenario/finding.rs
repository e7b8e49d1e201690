//! Something that is no fault and yet not what its author can have wanted. It is answered where the
//! author looks, in a terminal, an editor or a pull request; so it has a place, the value found, the
//! reason, the way out, and a rule with a name that tools can count and switch off.

use std::fmt;
use std::ops::Range;

use crate::base::Fault;
use crate::base::fault::joined;
use crate::base::tree::{Node, Value};

use super::policy::PRESET;
use super::presets;

/// How much it matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// It does not do what it seems to.
    Warning,
    /// It may be meant so; good to know.
    Note,
}

/// One thing that is odd about an input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The rule's name, one of [`RULES`].
    pub rule: &'static str,
    /// How much it matters.
    pub level: Level,
    /// Where in the data, as dotted keys: `policy.max_retries`.
    pub path: String,
    /// Where in the text, in bytes, where that is known.
    pub span: Option<Range<usize>>,
    /// The value found, written out or as the default.
    pub found: String,
    /// The reason.
    pub message: String,
    /// The way out.
    pub fix: String,
}

impl Finding {
    /// A warning without a place in a text.
    pub fn new(
        rule: &'static str,
        (path, found): (impl Into<String>, impl fmt::Display),
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Finding {
        let (path, found) = (path.into(), crate::base::fault::shortened(&found.to_string()));
        let (message, fix, level) = (message.into(), fix.into(), Level::Warning);
        Finding { rule, level, path, span: None, found, message, fix }
    }
    /// The same finding, as one that matters so much.
    pub fn at_level(self, level: Level) -> Finding {
        Finding { level, ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { path, found, message, fix, .. } = self;
        write!(f, "{path}: found {found}: {message} ({fix})")
    }
}

/// A rule that inputs are held against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Its name, which stays the same from version to version.
    pub id: &'static str,
    /// What breaks it, in one line.
    pub what: &'static str,
    /// Why that matters, and what to do.
    pub why: &'static str,
}

const fn rule(id: &'static str, what: &'static str, why: &'static str) -> Rule {
    Rule { id, what, why }
}

/// Every rule: those whose breach is a fault first.
pub const RULES: [Rule; 22] = [
    rule(
        "unreadable",
        "The file cannot be read",
        "Nothing is known of it: name a file that is there, is text, and is not too large.",
    ),
    rule(
        "syntax",
        "The text is not TOML, YAML or Jinja2",
        "Nothing behind the place can be read: mend the syntax.",
    ),
    rule(
        "unknown-key",
        "A key that nothing reads",
        "What it was to set is not set: take the name that is known.",
    ),
    rule(
        "invalid-value",
        "A value that breaks its key's rule",
        "The file is refused: take a value within the rule.",
    ),
    rule(
        "limit-clamps",
        "The gateway's limit makes fewer retries of max_retries",
        "The policy promises retries that are never made: lower max_retries, or raise max_tool_retries.",
    ),
    rule(
        "override-same",
        "An override that changes nothing",
        "After merging it equals the base policy: remove it, or give it the value that was meant.",
    ),
    rule(
        "override-no-tool",
        "An override for a tool that there is not",
        "It never matters: correct the name, or remove it.",
    ),
    rule(
        "override-refused",
        "An override that the variant refuses when its tool is called",
        "Every call of that tool fails: mend the override.",
    ),
    rule(
        "base-equals-cap",
        "backoff_base_ms equals max_backoff_ms",
        "Waits do not grow, so a tool that stays down is asked as often as at first: raise the cap.",
    ),
    rule(
        "waits-beyond-deadline",
        "The waits alone take longer than the deadline",
        "Retries are granted that cannot begin: shorten the waits, or move the deadline.",
    ),
    rule(
        "timeout-beyond-deadline",
        "The time-out of an attempt lies beyond the deadline",
        "The first attempt can use up the whole call, so that no retry is made: shorten the time-out.",
    ),
    rule(
        "beyond-client-timeout",
        "A call can take longer than its client waits",
        "What goes on after the client has given up is work for nobody: shorten attempts, make fewer, or set a deadline.",
    ),
    rule(
        "jitter-off",
        "No jitter although many clients can fail together",
        "Calls that failed together come back together, again and again, as a herd: switch jitter on.",
    ),
    rule(
        "text-status-as-data",
        "Texts are read for failures although statuses are information there",
        "A right answer that speaks of a status is taken for a failure and asked for again: switch check_text_content off for such tools.",
    ),
    rule(
        "text-failure-unseen",
        "A tool fails in a text that nobody reads",
        "The failure counts as a success: switch check_text_content on for that tool.",
    ),
    rule(
        "published-refuses",
        "A value that published versions of the plugin refuse",
        "A gateway with such a version does not start, or does not retry: take a value that they know.",
    ),
    rule(
        "mode-disabled",
        "The plugin's entry is disabled",
        "The gateway does not load this policy, and no call is retried: set a mode that runs it.",
    ),
    rule(
        "tool-uncalled",
        "A tool that nothing calls",
        "It has no part in the result: give it a load, or remove it.",
    ),
    rule(
        "load-after-end",
        "Arrivals after the end of the run",
        "They never happen: prolong the duration, or let the load begin earlier.",
    ),
    rule(
        "fault-after-end",
        "A fault that begins after the end of the run",
        "It never happens: prolong the duration, or let it begin earlier.",
    ),
    rule(
        "one-thread",
        "A run that takes one thread only",
        "It takes longer: nothing else changes.",
    ),
    rule("more-findings", "More findings than are shown", "Mend some of them and check again."),
];

/// The rule that a fault breaks.
pub fn rule_of(fault: &Fault) -> &'static str {
    match fault.path.as_str() {
        "syntax" | "template" => "syntax",
        _ if fault.found.starts_with("key \"") => "unknown-key",
        _ => "invalid-value",
    }
}

/// Where a value stands in a scenario: where `[vary]` or a column of `[[columns]]` sets it to what was found, where the file
/// itself does, where a preset is named that sets it, or the table or list that it would stand in.
pub fn place(root: &Node, path: &str, found: &str) -> Option<Range<usize>> {
    place_where(root, path, &|node| node.shown() == found)
}

fn place_where(root: &Node, path: &str, is: &dyn Fn(&Node) -> bool) -> Option<Range<usize>> {
    let mut candidates: Vec<&Node> = Vec::new();
    if let Some(vary) = root.get("vary") {
        let whole = vary.entries().iter().find(|(key, _)| key.name == path).map(|(_, node)| node);
        if let Some(Node { value: Value::List(items), .. }) = whole.or(descend(vary, path).1) {
            candidates.extend(items);
        }
    }
    if let Some(Node { value: Value::List(columns), .. }) = root.get("columns") {
        candidates.extend(columns.iter().filter_map(|column| descend(column, path).1));
    }
    let (deepest, whole) = descend(root, path);
    candidates.extend(whole);
    let exact = candidates.iter().find(|node| is(node));
    let from = || root.get("policy_from").filter(|_| path.starts_with("policy"));
    let node = exact.copied().or(whole).or(candidates.first().copied());
    if node.is_none() && path.starts_with("policy.") && !path.ends_with(PRESET) {
        let (table, field) = path.rsplit_once('.').unwrap_or_default();
        return place_where(root, &joined(table, PRESET), &|node| presets::sets(node, field, is));
    }
    node.or(deepest).or_else(from).and_then(|node| node.span.clone())
}

/// The last node on the way along a path, the root excepted, and the node at its end.
fn descend<'n>(root: &'n Node, path: &str) -> (Option<&'n Node>, Option<&'n Node>) {
    let (mut node, mut rest, mut deepest) = (root, path, None);
    while !rest.is_empty() {
        let next = match &node.value {
            Value::Table(entries) => {
                let rest = rest.strip_prefix('.').unwrap_or(rest);
                entries.iter().find_map(|(key, value)| Some((value, behind(rest, &key.name)?)))
            }
            Value::List(items) => rest.strip_prefix('[').and_then(|rest| {
                let (index, rest) = rest.split_once(']')?;
                Some((items.get(index.parse::<usize>().ok()?)?, rest))
            }),
            _ => None,
        };
        let Some((value, behind)) = next else { return (deepest, None) };
        (node, rest, deepest) = (value, behind, Some(value));
    }
    (deepest, deepest)
}

/// What follows a key at the beginning of a path.
fn behind<'p>(path: &'p str, key: &str) -> Option<&'p str> {
    let rest = match path.starts_with('"') {
        true => path.strip_prefix(format!("{key:?}").as_str())?,
        false => path.strip_prefix(key)?,
    };
    (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_finds_its_value_or_what_it_would_stand_in() {
        let text = "policy = { jitter = false, tool_overrides = { \"b.c\" = { max_retries = 5 } } }\n\
                    tools = [{ name = \"a\" }, { name = \"b\" }]\n\
                    vary.\"policy.max_retries\" = [3, 7]\n";
        let root = super::super::toml::parse(text).unwrap();
        let preset = super::super::toml::parse("policy.preset = 'envoy'").unwrap();
        assert_eq!(place(&preset, "policy.max_retries", "1"), Some(16..23));
        let varied =
            super::super::toml::parse("vary.'policy.preset' = ['envoy', 'backon']").unwrap();
        assert_eq!(place(&varied, "policy.max_retries", "3"), Some(33..41));
        let at = |path, found| place(&root, path, found).map(|span| &text[span]);
        assert_eq!(at("policy.jitter", "false"), Some("false"));
        assert_eq!(at("policy.tool_overrides.\"b.c\".max_retries", "5"), Some("5"));
        assert_eq!(at("policy.max_retries", "7"), Some("7"));
        assert_eq!(at("tools[1]", "\"b\""), Some("{ name = \"b\" }"));
        assert_eq!(at("tools[1].faults[0]", "a fault"), Some("{ name = \"b\" }"));
        assert_eq!(at("tools[2]", "a tool").map(|text| &text[..1]), Some("["));
        assert_eq!(at("gateway.deadline", "1s"), None);
    }

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), RULES.len());
    }
}
