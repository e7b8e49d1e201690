//! Files and names become plans; faults become text that points into the file.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, anyhow};

use crate::base::{Fault, fault::near};
use crate::scenario::{self, Plan};

/// The plan of a scenario file, or of a shipped scenario by its name.
pub(super) fn scenario(name: &str) -> anyhow::Result<Plan> {
    let path = Path::new(name);
    if path.exists() {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        return load(&stem, &text, path.parent().unwrap_or(Path::new(".")));
    }
    let shipped = scenario::shipped();
    if let Some((name, text)) = shipped.iter().find(|(n, _)| *n == name) {
        return load(name, text, Path::new("."));
    }
    let hint = near(name, shipped.iter().map(|(n, _)| *n))
        .map_or(String::from("`retrylab list` names the shipped scenarios"), |n| {
            format!("did you mean `{n}`?")
        });
    Err(anyhow!("{name}: no such file, and no shipped scenario of that name; {hint}"))
}

/// The plan of a scenario's text; files that it names are beside it.
pub(super) fn load(name: &str, text: &str, folder: &Path) -> anyhow::Result<Plan> {
    let files = |file: &str| {
        std::fs::read_to_string(folder.join(file)).map_err(|error| format!("{file}: {error}"))
    };
    let env: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
        .collect();
    scenario::load(name, text, &files, &env).map_err(|faults| anyhow!(told(name, text, &faults)))
}

/// Every fault on a line of its own, with its place.
fn told(name: &str, text: &str, faults: &[Fault]) -> String {
    let line = |fault: &Fault| {
        let place = fault.span.as_ref().and_then(|span| text.get(..span.start));
        let place = place.map_or(String::new(), |t| format!(":{}", t.matches('\n').count() + 1));
        format!("{name}{place}: {fault}")
    };
    faults.iter().map(line).collect::<Vec<_>>().join("\n")
}
