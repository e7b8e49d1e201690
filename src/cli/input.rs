//! Files and names become plans and policies; faults become text that points into the file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::faults::faulty;
use super::read;
use crate::base::fault::near;
use crate::base::tree::{Node, Value};
use crate::base::{Fault, Span};
use crate::plugin::PolicySet;
use crate::scenario::{self, Finding, Level, Plan, contextforge, toml};
use crate::study;

/// A file that a user named.
pub(super) struct Named {
    /// As it is called in messages.
    pub(super) path: String,
    /// Without folder and ending.
    name: String,
    pub(super) text: String,
    beside: Beside,
}

impl Named {
    /// A scenario or, by its ending, a gateway's configuration, for clients that wait so long.
    pub(super) fn read(&self, client: Span) -> Result<Input, Vec<Fault>> {
        if !is_config(&self.path) {
            return plan(self).map(Input::Scenario);
        }
        let (set, findings) = contextforge::audited(&self.text, &environment(), client)?;
        Ok(Input::Config(set, findings))
    }
}

/// Where the files lie that a file names.
enum Beside {
    Folder(PathBuf),
    Shipped(&'static scenario::Shipped),
}

impl Beside {
    fn read(&self, name: &str) -> Result<String, String> {
        match self {
            Beside::Folder(folder) => read::text(&folder.join(name), read::MAX_TRACE),
            Beside::Shipped(shipped) => shipped.read(name),
        }
    }
}

/// What a file turned out to be.
pub(super) enum Input {
    /// A scenario.
    Scenario(Plan),
    /// A gateway's configuration: its retry policy, and what is odd about it.
    Config(PolicySet, Vec<Finding>),
}

/// A policy of an operator's own.
pub(super) struct Own {
    /// What it says.
    pub(super) policies: PolicySet,
    /// What is odd about it.
    pub(super) odd: Vec<String>,
    /// The text of its file.
    pub(super) text: String,
}

/// The policy of a gateway's configuration, as `--policy` names it.
pub(super) fn own_policy(name: &str) -> anyhow::Result<Own> {
    if !Path::new(name).exists() {
        return Err(anyhow!(
            "--policy {name}: no such file; it must be a gateway's plugins/config.yaml"
        ));
    }
    let file = named(name)?;
    let read = file.read(scenario::lint::CLIENT_TIMEOUT);
    match read.map_err(|faults| faulty(&file.path, &file.text, &faults))? {
        Input::Config(policies, findings) => {
            let odd = findings.into_iter().map(|finding| format!("{name}: {finding}")).collect();
            Ok(Own { policies, odd, text: file.text })
        }
        Input::Scenario(_) => {
            Err(anyhow!("--policy {name}: must be a gateway's plugins/config.yaml"))
        }
    }
}

/// The plan of a scenario file, or of a shipped scenario by its name.
pub(super) fn scenario(name: &str) -> anyhow::Result<Plan> {
    let file = named(name)?;
    match is_config(name) {
        true => Err(anyhow!(
            "{name}: a gateway's configuration is no scenario; a scenario takes its policy with \
             `policy_from = {name:?}`"
        )),
        false => plan(&file).map_err(|faults| faulty(&file.path, &file.text, &faults).into()),
    }
}

/// What is odd about a scenario, each with its place in the file.
pub(super) fn findings(file: &Named, plan: &Plan, client: Span) -> Vec<Finding> {
    let mut found = scenario::lint(plan, client);
    for note in study::check(plan).unwrap_or_default() {
        let place = ("variant", note.split(' ').nth(1).unwrap_or_default());
        let (message, fix) = (note.as_str(), "another variant, if that takes too long");
        found.push(Finding::new("one-thread", place, message, fix).at_level(Level::Note));
    }
    if let Ok(root) = toml::parse(&file.text) {
        for finding in found.iter_mut().filter(|finding| finding.span.is_none()) {
            finding.span = scenario::finding::place(&root, &finding.path, &finding.found);
        }
    }
    found.sort_by_key(|finding| finding.span.as_ref().map(|span| span.start));
    found
}

fn is_config(name: &str) -> bool {
    let ending = Path::new(name).extension();
    ending.is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"))
}

/// The file of a path, or the shipped scenario of a name.
pub(super) fn named(name: &str) -> anyhow::Result<Named> {
    let (path, shipped) = (Path::new(name), scenario::shipped::find(name));
    // A folder may well be called `outage`: the report of the scenario.
    if path.exists() && !(path.is_dir() && shipped.is_some()) {
        let text = read::text(path, scenario::MAX_TEXT).map_err(anyhow::Error::msg)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let beside = Beside::Folder(path.parent().unwrap_or(Path::new(".")).to_owned());
        return Ok(Named { path: name.to_owned(), name: stem, text, beside });
    }
    if let Some(shipped) = shipped {
        let path = format!("scenarios/{}.toml", shipped.path());
        let (name, text) = (shipped.name.to_owned(), shipped.text.to_owned());
        return Ok(Named { path, name, text, beside: Beside::Shipped(shipped) });
    }
    let file = format!("{name}.toml");
    let plain = name.rsplit('/').next().unwrap_or(name);
    let hint = match near(plain, scenario::shipped().iter().map(|s| s.name)) {
        _ if !name.is_empty() && Path::new(&file).is_file() => format!("did you mean `{file}`?"),
        Some(known) => format!("did you mean `{known}`?"),
        None => "`retrylab list` names the shipped scenarios".into(),
    };
    let name = if name.is_empty() { "\"\"" } else { name };
    Err(anyhow!("{name}: no such file, and no shipped scenario of that name; {hint}"))
}

fn plan(file: &Named) -> Result<Plan, Vec<Fault>> {
    let files = |name: &str| file.beside.read(name);
    let plan = scenario::load(&file.name, &file.text, &files, &environment())?;
    study::check(&plan).map_err(|fault| {
        let place = toml::parse(&file.text).ok().and_then(|root| first(&root, &fault.found));
        vec![fault.at(place)]
    })?;
    Ok(plan)
}

/// Where a text first stands as a value.
fn first(node: &Node, text: &str) -> Option<Range<usize>> {
    match &node.value {
        Value::Text(found) if found == text => node.span.clone(),
        Value::List(items) => items.iter().find_map(|item| first(item, text)),
        _ => node.entries().iter().find_map(|(_, value)| first(value, text)),
    }
}

/// What templates of gateway configurations may look up.
fn environment() -> BTreeMap<String, String> {
    let text = |(k, v): (std::ffi::OsString, std::ffi::OsString)| {
        Some((k.into_string().ok()?, v.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}
