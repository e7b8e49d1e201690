//! A result for people: the question, a table, the expectations.

use std::io::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table};

use crate::chart::shown;
use crate::report::against::Against;
use crate::report::decision::decision;
use crate::report::{self, Saved};

/// Prints a result; `quiet` leaves out expectations that are met.
pub(super) fn human(saved: &Saved, quiet: bool) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    writeln!(out, "{}\n\n{}", saved.question, table(&report::table(saved)))?;
    if let Some(decision) = decision(saved) {
        writeln!(out, "{}\n{}\n", table(&decision.rows), decision.answer)?;
    }
    for expected in &saved.expectations {
        let found = expected.value.map_or("n/a".into(), shown);
        let (text, column) = (&expected.text, &expected.column);
        if !expected.met {
            writeln!(out, "BROKEN  {text}  found {found} in {column}")?;
        } else if !quiet {
            writeln!(out, "met     {text}  found {found}")?;
        }
    }
    let met = saved.expectations.iter().filter(|e| e.met).count();
    let replicas = match saved.replicas {
        1 => "1 replica".into(),
        n => format!("{n} replicas, ± is half of the 95 % interval"),
    };
    let of = saved.expectations.len();
    writeln!(out, "{met} of {of} expectations met; {replicas}; seed {}", saved.seed)?;
    Ok(())
}

/// Prints what changed since an earlier result.
pub(super) fn against(against: &Against) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    writeln!(out, "\nAgainst the earlier result:")?;
    for line in &against.changed {
        writeln!(out, "changed  {line}")?;
    }
    let (rows, rest) = against.table();
    if rows.len() > 1 {
        writeln!(out, "{}", table(&rows))?;
    }
    writeln!(out, "{rest}")?;
    Ok(())
}

/// Rows in columns, the first with headings; all but the first column stand right.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('-').junction('-');
    table.load_style(NOTHING.header_separator(rule));
    table.set_content_arrangement(ContentArrangement::Disabled);
    if let Some((head, body)) = rows.split_first() {
        table.set_header(head).add_rows(body);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}
