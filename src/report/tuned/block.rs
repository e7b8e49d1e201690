//! A policy as a block of the gateway's `plugins/config.yaml`.

use std::fmt::Write;

use super::Told;
use crate::base::Span;
use crate::plugin::{Jitter, Policy};
use crate::scenario::contextforge::{KINDS, NAME};
use crate::study::tune::Point;

/// The plugin's entry with the recommended policy. It is switched off, as the plugin ships: whoever pastes it
/// decides.
pub fn block(told: &Told<'_>) -> String {
    let set = told.policies();
    let mut out = String::new();
    let _ = writeln!(out, "# Found by: {}", told.command);
    let _ =
        writeln!(out, "# with retrylab {}. Read what it costs before you enable it.", told.version);
    if let Some(deadline) = told.recommended.world.gateway.deadline {
        let _ = writeln!(out, "# It supposes a deadline of {deadline} for a whole call.");
    }
    // Its fields are read whether or not it retries.
    let refused = |p: &Policy| {
        !Point { max_retries: p.max_retries.max(1), ..Point::of(p, None) }.is_published()
    };
    if refused(&set.base) || set.overrides.values().any(refused) {
        out += "# Published versions of the plugin refuse it: they take 0 to 10 retries, a base of 1 ms at least, \
                and jitter true or false.\n";
    }
    let _ = write!(
        out,
        "plugins:\n  - name: \"{NAME}\"\n    kind: \"{}\"\n    hooks: [\"tool_post_invoke\"]\n    \
         mode: \"disabled\" # \"enforce\" switches it on\n    priority: 170\n    conditions: []\n    config:\n",
        KINDS[0]
    );
    out += &fields(&set.base, None, "      ");
    let own: Vec<(&String, &Policy)> =
        set.overrides.iter().filter(|(_, own)| **own != set.base).collect();
    match own.is_empty() {
        true => out += "      tool_overrides: {}\n",
        false => out += "      tool_overrides:\n",
    }
    for (tool, policy) in own {
        let _ = writeln!(out, "        {}:", serde_json::Value::from(tool.as_str()));
        out += &fields(policy, Some(&set.base), "          ");
    }
    out
}

/// Fields of a policy, those that differ from a base's where there is one.
fn fields(policy: &Policy, base: Option<&Policy>, indent: &str) -> String {
    let ms = |span: Span| (span.as_nanos() / 1_000_000).to_string();
    let lines = |p: &Policy| {
        let statuses: Vec<String> = p.retry_on_status.iter().map(|s| s.to_string()).collect();
        let jitter = match p.jitter {
            Jitter::Full => "true".to_owned(),
            Jitter::None => "false".to_owned(),
            other => format!("\"{}\"", other.name()),
        };
        [
            ("max_retries", p.max_retries.to_string()),
            ("backoff_base_ms", ms(p.backoff_base)),
            ("max_backoff_ms", ms(p.max_backoff)),
            ("retry_on_status", format!("[{}]", statuses.join(", "))),
            ("jitter", jitter),
            ("check_text_content", p.check_text_content.to_string()),
        ]
    };
    let under = base.map(lines);
    let differs = |i: usize, value: &String| under.as_ref().is_none_or(|base| base[i].1 != *value);
    let own = lines(policy);
    let kept = own.iter().enumerate().filter(|(i, (_, value))| differs(*i, value));
    kept.map(|(_, (name, value))| format!("{indent}{name}: {value}\n")).collect()
}
