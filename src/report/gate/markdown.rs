//! A comment under a pull request: short, the worst first.

use super::{Gate, advice, counts, elsewhere, reasons, rows, tables};
use crate::study::gate::Verdict;

/// More rows than this nobody reads in a comment.
const MOST: usize = 20;
/// Nor more reasons, nor longer ones.
const REASONS: usize = 5;
const LONG: usize = 600;

/// The gate's answer as Markdown.
pub fn markdown(gate: &Gate<'_>) -> String {
    let mut out = format!("### retrylab gate: {}\n\n", gate.judgement.verdict.name());
    out += &format!("{}: {}.\n", counts(gate.judgement), advice(gate));
    let (rows, more) = rows(gate, MOST);
    if let [head, body @ ..] = rows.as_slice()
        && !body.is_empty()
    {
        let line = |cells: &Vec<String>| {
            let cells: Vec<String> = cells.iter().map(|c| c.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        out += &format!("\n{}|---|---:|---:|---:|---:|---|\n", line(head));
        out += &body.iter().map(line).collect::<String>();
        if more > 0 {
            out += &format!("\n… and {more} more; `retrylab gate --format json` has them all.\n");
        }
    }
    for (title, rows) in gate.timed.map(tables).unwrap_or_default() {
        out += &format!("\n<details><summary>Times {title}</summary>\n\n");
        for (i, row) in rows.iter().enumerate() {
            out += &format!("| {} |\n", row.join(" | "));
            if i == 0 {
                out += &format!("|---|{}\n", "---:|".repeat(row.len() - 1));
            }
        }
        out += "\n</details>\n";
    }
    if matches!(gate.judgement.verdict, Verdict::Regression | Verdict::Undecided) {
        out += "\n<details><summary>Why these are looked at</summary>\n\n";
        for reason in reasons(gate).into_iter().take(REASONS) {
            let short: String = reason.chars().take(LONG).collect();
            out += &format!("```text\n{}\n```\n", short.replace("```", "'''"));
        }
        out += "\n</details>\n";
    }
    if let Some(elsewhere) = elsewhere(gate) {
        out += &format!("\n{elsewhere}.\n");
    }
    out + &format!("\n{}.\n", gate.now.in_words())
}
