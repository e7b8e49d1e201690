//! `report.md`: for pull requests and issues. Its pictures lie beside it.

use super::decision::decision;
use super::figures::Picture;
use super::made::{command, identity};
use super::saved::Saved;
use super::words::table;
use crate::chart::shown;

/// The result as Markdown.
pub fn markdown(saved: &Saved, pictures: &[(Picture, String)]) -> String {
    let mut out = format!("# {}\n\n{}\n\n", saved.scenario, saved.question);
    if !saved.source.is_empty() {
        out += &format!("Source: {}\n\n", saved.source);
    }
    if let Some(decision) = decision(saved) {
        let table = rows(&decision.rows);
        out += &format!("## Should it be enabled?\n\n**{}**\n\n{table}\n", decision.answer);
    }
    out += &rows(&table(saved));
    out += &format!("\n{}\n\n## Expectations\n\n", how_many(saved));
    out += &expectations(saved);
    for (picture, _) in pictures {
        out += &shown_picture(picture);
    }
    if !saved.warnings.is_empty() {
        let warnings: String = saved.warnings.iter().map(|w| format!("- {w}\n")).collect();
        out += &format!("\n## Warnings\n\n{warnings}");
    }
    out += &format!(
        "\n## Again\n\n```console\n$ {}\n```\n\n{}, digest `{}`, definition `{}`.\n",
        command(saved),
        identity(saved),
        saved.digest,
        saved.definition_sha256.get(..16).unwrap_or_default(),
    );
    out
}

/// A picture under its title, and what to look at.
pub(super) fn shown_picture(picture: &Picture) -> String {
    let Picture { name, caption, look, figure } = picture;
    format!("\n## {}\n\n![{}]({name}.svg)\n\nLook at: {look}\n", figure.title, escaped(caption))
}

fn how_many(saved: &Saved) -> String {
    match saved.replicas {
        1 => format!("One replica, seed {}.", saved.seed),
        n => format!("Means over {n} replicas, ± half of the 95 % interval; seed {}.", saved.seed),
    }
}

fn expectations(saved: &Saved) -> String {
    if saved.expectations.is_empty() {
        return "None.\n".into();
    }
    let line = |e: &super::saved::Expected| {
        let found = e.value.map_or("n/a".into(), shown);
        let word = if e.met { "met" } else { "**broken**" };
        format!("- {word}: `{}` in {}, found {found}\n", e.text, e.column)
    };
    saved.expectations.iter().map(line).collect()
}

fn escaped(text: &str) -> String {
    text.replace(['[', ']'], "")
}

/// Rows as a table, the first with headings; numbers stand right.
pub(super) fn rows(rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|c| c.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let Some((head, body)) = rows.split_first() else { return String::new() };
    let rule = format!("|---|{}\n", "---:|".repeat(head.len().saturating_sub(1)));
    line(head) + &rule + &body.iter().map(|row| line(row)).collect::<String>()
}
