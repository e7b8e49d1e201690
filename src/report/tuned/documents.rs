//! `report.md` and `report.html` of a search.

use minijinja::{Environment, context};

use super::words::{front_table, preset_table, table, verdict};
use super::{Told, block, maps};
use crate::report::figures::Picture;
use crate::report::html::{grid, style};
use crate::report::live;
use crate::report::markdown::{rows, shown_picture};
use crate::study::tune::Better;

const PAGE: &str = include_str!("page.html.j2");

/// What was asked, in a line.
fn asked(told: &Told<'_>) -> String {
    let better = match told.question.goal.better {
        Better::Lower => "Lowest",
        Better::Higher => "Highest",
    };
    let names: Vec<&str> = told.tasks.iter().map(|t| t.name.as_str()).collect();
    let keeps: Vec<&str> = told.question.keeps.iter().map(|k| k.text.as_str()).collect();
    let kept = match keeps.is_empty() {
        true => String::new(),
        false => format!(" that keeps {}", keeps.join(", ")),
    };
    let whose = told.tool.map_or(String::new(), |tool| format!(" of {tool}"));
    format!("{better} {}{whose}{kept}, in {}", told.question.goal.metric, names.join(", "))
}

fn method(told: &Told<'_>) -> Vec<String> {
    let replicas = told.question.replicas;
    let seed = told.seed.map_or("the scenario's seed".into(), |seed| format!("seed {seed}"));
    vec![
        format!(
            "All policies meet the same random streams ({seed}), replica by replica, so that differences are \
             differences of policies. A lattice of policies is looked at on two replicas, then the neighbours \
             of the best; the best race on up to {replicas}, and clear losers drop out."
        ),
        format!(
            "\"No retries\", \"in use\" and \"recommended\" are shown on {replicas} fresh streams that the \
             search has not seen: the winner of many comparisons is partly a lucky one. ± is half of the 95 % \
             interval (Student)."
        ),
        "Presets that published versions of the plugin refuse (no wait, equal or decorrelated jitter, more than \
         ten retries) are shown and do not race."
            .into(),
    ]
}

/// The result as Markdown.
pub(super) fn markdown(told: &Told<'_>, pictures: &[(Picture, String)]) -> String {
    let list = |lines: Vec<String>| lines.iter().map(|l| format!("- {l}\n")).collect::<String>();
    let mut out = format!("# {}\n\n{}\n", asked(told), list(verdict(told)));
    out += &rows(&table(told));
    out += &format!("\n## To paste into plugins/config.yaml\n\n```yaml\n{}```\n", block(told));
    for (picture, _) in pictures {
        out += &shown_picture(picture);
    }
    out += &format!("\n## The front\n\n{}", rows(&front_table(told)));
    if let Some(presets) = preset_table(told) {
        out += &format!("\n## The presets\n\n{}", rows(&presets));
    }
    for (title, table) in maps::texts(told) {
        out += &format!("\n## {title}\n\n{}", rows(&table));
    }
    out += &format!("\n## How\n\n{}", list(method(told)));
    out + &format!("\n```console\n$ {}\n```\n\nretrylab {}\n", told.command, told.version)
}

/// The result as a page with its picture inside.
pub(super) fn html(
    told: &Told<'_>,
    pictures: &[(Picture, String)],
) -> Result<String, minijinja::Error> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    env.add_template("page", PAGE)?;
    // The page has the maps as tables.
    let pictures = pictures.iter().filter(|(picture, _)| picture.name != "maps");
    let pictures = pictures.map(|(picture, svg)| (picture, svg.as_str()));
    env.get_template("page")?.render(context! {
        style => style(),
        asked => asked(told),
        verdict => verdict(told),
        table => grid(&table(told)),
        block => block(told),
        live => live::live(&[], pictures)?,
        front => grid(&front_table(told)),
        presets => preset_table(told).map(|rows| grid(&rows)),
        maps => maps::tables(told),
        method => method(told),
        command => told.command,
        version => told.version,
    })
}
