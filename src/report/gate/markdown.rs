//! A comment under a pull request: short, the worst first.

use super::{Gate, advice, counts, reasons, rows};
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
    if gate.judgement.verdict == Verdict::Regression {
        out += "\n<details><summary>Why these are looked at</summary>\n\n";
        for reason in reasons(gate).into_iter().take(REASONS) {
            let short: String = reason.chars().take(LONG).collect();
            out += &format!("```text\n{}\n```\n", short.replace("```", "'''"));
        }
        out += "\n</details>\n";
    }
    out + &format!("\n{}.\n", gate.now.in_words())
}
