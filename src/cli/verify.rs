//! `verify`: whether the variants of the plugin answer as they should.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, anyhow};

use super::{read, tell};
use crate::base::fault::near;
use crate::bench::conform::conform;
use crate::bench::vectors::{self, Case};
use crate::variants::{self, Variant};

/// The vectors that retrylab carries.
pub(super) const GOLDEN: &str = include_str!("../../tests/data/vectors.jsonl");

/// Compares variants (all, where none is named) with the golden vectors and those of more files. Gives
/// 1 when one differs.
pub(super) fn verify(names: &[String], files: &[PathBuf]) -> anyhow::Result<u8> {
    let chosen = chosen(names)?;
    let mut cases = vectors::cases(GOLDEN).context("the golden vectors")?;
    for file in files {
        let name = file.display();
        let text = read::text(file, read::MAX_VECTORS).map_err(anyhow::Error::msg)?;
        cases.extend(vectors::cases(&text).map_err(|e| anyhow!("{name}:{}: {}", e.line, e.what))?);
    }
    strangers(&cases);
    let mut out = anstream::stdout();
    let mut code = 0;
    for variant in chosen {
        let found = conform(variant, &cases);
        let same = found.compared - found.different;
        writeln!(
            out,
            "{:<12} {same} of {} vectors answered as expected",
            variant.name, found.compared
        )?;
        if let Some(first) = found.first {
            writeln!(out, "first divergence: {first}")?;
            code = 1;
        }
    }
    Ok(code)
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Variant>> {
    if names.is_empty() {
        return Ok(variants::all().iter().collect());
    }
    let known = || variants::all().iter().map(|v| v.name);
    let find = |name: &String| {
        variants::find(name).ok_or_else(|| {
            let hint = near(name, known()).map_or_else(
                || format!("there are {}", known().collect::<Vec<_>>().join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            anyhow!("{name}: no such variant; {hint}")
        })
    };
    names.iter().map(find).collect()
}

/// A word about variants that vectors name and retrylab does not have.
fn strangers(cases: &[Case]) {
    let named: BTreeSet<&String> = cases.iter().flat_map(|case| case.expect.keys()).collect();
    let unknown: Vec<&str> =
        named.into_iter().map(String::as_str).filter(|n| variants::find(n).is_none()).collect();
    if !unknown.is_empty() {
        tell(format_args!("note: vectors name variants that are not here: {}", unknown.join(", ")));
    }
}
