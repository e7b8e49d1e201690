//! The retry policy of a ContextForge gateway, out of its own `plugins/config.yaml`. That file is a
//! Jinja2 template over the environment, rendered before its YAML is parsed; the policy stands under
//! `config:` of the plugin's entry.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::base::fault::{joined, near};
use crate::base::tree::{Node, Value};
use crate::base::{Fault, Span};
use crate::gateway::{Gateway, LoopModel, Worst};
use crate::plugin::{PolicySet, read};

use super::finding::{Finding, Level, place};
use super::lint::policy::{Behind, Source, told};
use super::reader::bounded;
use super::{jinja, lint, yaml};

/// What the plugin's `kind` can be: the published package, and the one within the gateway's tree.
pub const KINDS: [&str; 2] = [
    "cpex_retry_with_backoff.RetryWithBackoffPlugin",
    "plugins.retry_with_backoff.retry_with_backoff.RetryWithBackoffPlugin",
];
/// The name of the plugin's entry in the configuration that the gateway ships.
pub const NAME: &str = "RetryWithBackoffPlugin";

/// Reads the policy, with what is odd about it for a client of the usual patience.
///
/// # Errors
/// Every fault: of the template, of the YAML, of the list of plugins, or of the policy.
pub fn policy(
    text: &str,
    env: &BTreeMap<String, String>,
) -> Result<(PolicySet, Vec<Finding>), Vec<Fault>> {
    audited(text, env, lint::CLIENT_TIMEOUT)
}

/// Reads the policy, with what is odd about it: also what it cannot do behind the gateway that loads it,
/// as far as the file tells, with the gateway's own settings as they come, and for a client that waits so long.
///
/// # Errors
/// Every fault: of the template, of the YAML, of the list of plugins, or of the policy.
pub fn audited(
    text: &str,
    env: &BTreeMap<String, String>,
    client: Span,
) -> Result<(PolicySet, Vec<Finding>), Vec<Fault>> {
    let (node, path, odd) = policy_node(text, env)?;
    let set = read::read(&node, &path, &mut Vec::new())
        .map_err(|faults| faults.into_iter().map(unset).collect::<Vec<_>>())?;
    let (source, late) = (Source::Config, Level::Warning);
    let behind = Behind { gateway: &gateway(), client, source, late, tools: None };
    let mut found: Vec<Finding> = odd.into_iter().collect();
    found.extend(jitter_names(&node, &path));
    found.extend(behind.of_set(&path, &set));
    if found.len() > lint::MOST {
        found.truncate(lint::MOST);
        found.push(lint::more());
    }
    for finding in found.iter_mut().filter(|finding| finding.span.is_none()) {
        let below = finding.path.strip_prefix(&path).unwrap_or_default();
        finding.span = place(&node, below.trim_start_matches('.'), &finding.found)
            .or_else(|| node.span.clone());
    }
    found.sort_by_key(|finding| finding.span.as_ref().map(|span| span.start));
    Ok((set, found))
}

/// The longest that a call to a tool that never answers takes, in words, under the base policy.
pub fn worst_case(set: &PolicySet) -> String {
    told(&Worst::of(&set.base, &gateway()))
}

/// The gateway that loads the file, with its own settings as they come.
fn gateway() -> Gateway {
    Gateway { loop_model: LoopModel::AsShipped, ..Gateway::default() }
}

/// Kinds of jitter by name: published versions take true and false only.
fn jitter_names(config: &Node, path: &str) -> Vec<Finding> {
    let own = joined(path, read::OVERRIDES);
    let overrides = config.get(read::OVERRIDES).map_or(&[][..], Node::entries);
    let overrides = overrides.iter().map(|(tool, node)| (joined(&own, &tool.name), node));
    let all = std::iter::once((path.to_owned(), config)).chain(overrides);
    let named = all.filter_map(|(path, table)| {
        let node = table.get("jitter")?;
        let Value::Text(name) = &node.value else { return None };
        let fix = if name == "none" { "jitter: false" } else { "jitter: true" };
        let message = "published versions know true (full) and false (none) only, and refuse names";
        let place = (joined(&path, "jitter"), node.shown());
        let span = node.span.clone();
        Some(Finding { span, ..Finding::new("published-refuses", place, message, fix) })
    });
    named.take(lint::MOST).collect()
}

/// The way out where a variable is not set: a template writes the word None for it.
fn unset(fault: Fault) -> Fault {
    match fault.found.as_str() {
        "\"None\"" => fault.hint(
            "a variable that is not set gives None: write a default, {{ env.get('NAME', 2) }}",
        ),
        _ => fault,
    }
}

/// The policy as it was written, its path in the file, and what is odd about its entry. Places are
/// those of the template, as far as they can be told.
///
/// # Errors
/// Every fault of the template, of the YAML and of the list of plugins.
pub fn policy_node(
    text: &str,
    env: &BTreeMap<String, String>,
) -> Result<(Node, String, Option<Finding>), Vec<Fault>> {
    bounded(text)?;
    let rendered = jinja::render(text, env).map_err(|fault| vec![fault])?;
    let places = Places { template: Lines::of(text), rendered: Lines::of(&rendered) };
    let back = |fault: Fault| {
        let span = places.of(fault.span.as_ref());
        let lost = fault.span.as_ref().filter(|_| span.is_none());
        let line = lost.map(|at| places.rendered.at(at.start) + 1);
        let line = line.map(|n| format!("it is line {n} of the rendered template"));
        vec![Fault { hint: line.or(fault.hint.clone()), ..fault.at(span) }]
    };
    let root = yaml::parse(&rendered).map_err(back)?;
    let (index, entry) = entry(&root).map_err(back)?;
    let mode = entry.get("mode").filter(|_| text_of(entry, "mode") == Some("disabled"));
    let odd = mode.map(|mode| {
        let place = (format!("plugins[{index}].mode"), mode.shown());
        let message = "the gateway does not load this policy, so nothing is tried again";
        let fix = "mode: \"sequential\", if calls are to be tried again";
        let span = places.of(mode.span.as_ref());
        Finding { span, ..Finding::new("mode-disabled", place, message, fix) }
    });
    let mut config = match entry.get("config") {
        Some(Node { value: Value::Null, .. }) | None => Node::bare(Value::Table(Vec::new())),
        Some(config) => config.clone(),
    };
    places.restore(&mut config);
    Ok((config, format!("plugins[{index}].config"), odd))
}

/// The plugin's entry and its index, if there is exactly one.
fn entry(root: &Node) -> Result<(usize, &Node), Fault> {
    let rule = "must be a list: the gateway's plugins";
    let Some(plugins) = root.get("plugins") else {
        let fault = Fault::new("plugins", "nothing", rule).at(Some(0..0));
        let hint = near("plugins", root.entries().iter().map(|(key, _)| key.name.as_str()))
            .map(|name| format!("is `{name}` meant to be it?"));
        let other = || "is this the gateway's plugins/config.yaml?".to_owned();
        return Err(fault.hint(hint.unwrap_or_else(other)));
    };
    let Value::List(entries) = &plugins.value else {
        return Err(Fault::new("plugins", plugins.shown(), rule).at(plugins.span.clone()));
    };
    let ours: Vec<(usize, &Node)> =
        entries.iter().enumerate().filter(|(_, entry)| is_ours(entry)).collect();
    match ours[..] {
        [only] => Ok(only),
        [] => {
            let found = format!("none of this kind among {}", entries.len());
            let rule = format!("one must be of kind {:?} or have the name {NAME:?}", KINDS[0]);
            Err(Fault::new("plugins", found, rule).at(plugins.span.clone()))
        }
        [_, (_, second), ..] => {
            let found: Vec<String> = ours.iter().map(|(i, _)| format!("plugins[{i}]")).collect();
            let rule = "only one entry may retry, for each counts failures by itself";
            Err(Fault::new("plugins", found.join(", "), rule).at(second.span.clone()))
        }
    }
}

fn is_ours(entry: &Node) -> bool {
    text_of(entry, "kind").is_some_and(|kind| KINDS.contains(&kind))
        || text_of(entry, "name") == Some(NAME)
}

fn text_of<'n>(entry: &'n Node, key: &str) -> Option<&'n str> {
    match &entry.get(key)?.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// A text and where its lines begin.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Lines<'t> {
        let after = text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next);
        let starts = std::iter::once(0).chain(after.filter(|start| *start < text.len()));
        Lines { text, starts: starts.collect() }
    }
    /// The line that a byte is in, from 0.
    fn at(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }
    /// Where a line begins, and its text.
    fn line(&self, n: usize) -> Option<(usize, &'t str)> {
        let start = *self.starts.get(n)?;
        Some((start, self.text.get(start..)?.lines().next().unwrap_or("")))
    }
}

/// From places in the rendered text back to places in the template.
struct Places<'t> {
    template: Lines<'t>,
    rendered: Lines<'t>,
}

impl Places<'_> {
    /// The same place where the line is the same in both texts, the whole line where rendering
    /// changed it, and none where rendering changed the number of lines.
    fn of(&self, span: Option<&Range<usize>>) -> Option<Range<usize>> {
        let span = span?;
        if self.template.starts.len() != self.rendered.starts.len() {
            return None;
        }
        let n = self.rendered.at(span.start);
        let ((there, rendered), (here, written)) = (self.rendered.line(n)?, self.template.line(n)?);
        if rendered == written {
            Some(span.start - there + here..span.end - there + here)
        } else {
            Some(here..here + written.len())
        }
    }

    /// Puts a whole tree's places right.
    fn restore(&self, node: &mut Node) {
        node.span = self.of(node.span.as_ref());
        match &mut node.value {
            Value::List(items) => items.iter_mut().for_each(|item| self.restore(item)),
            Value::Table(entries) => {
                for (key, value) in entries {
                    key.span = self.of(key.span.as_ref());
                    self.restore(value);
                }
            }
            _ => {}
        }
    }
}
