//! `report.md` and `report.html` of a search.

use minijinja::{Environment, Value, context};

use super::words::{front_table, preset_table, table, verdict};
use super::{Told, block};
use crate::chart::shown;
use crate::report::figures::Picture;
use crate::report::html::{grid, style};
use crate::report::live;
use crate::report::markdown::{rows, shown_picture};
use crate::study::tune::{Better, Map};

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
    for map in &told.tuned.maps {
        out += &format!("\n## {}\n\n{}", title(map, told), rows(&cells(map)));
    }
    out += &format!("\n## How\n\n{}", list(method(told)));
    out + &format!("\n```console\n$ {}\n```\n\nretrylab {}\n", told.command, told.version)
}

fn title(map: &Map, told: &Told<'_>) -> String {
    format!("{} by {} and {}", told.question.goal.metric, map.axes[0], map.axes[1])
}

/// A map as rows; brackets where a bound is broken, a star at the recommended policy.
fn cells(map: &Map) -> Vec<Vec<String>> {
    let corner = format!("{} \\ {}", map.axes[1], map.axes[0]);
    let mut rows = vec![std::iter::once(corner).chain(map.values[0].iter().cloned()).collect()];
    for (y, line) in map.cells.iter().enumerate() {
        let cell = |(x, cell): (usize, &Option<(f64, bool)>)| {
            let star = if map.here == [x, y] { " *" } else { "" };
            match cell {
                None => String::new(),
                Some((value, true)) => format!("{}{star}", shown(*value)),
                Some((value, false)) => format!("({}){star}", shown(*value)),
            }
        };
        let cells = line.iter().enumerate().map(cell);
        rows.push(std::iter::once(map.values[1][y].clone()).chain(cells).collect());
    }
    rows
}

/// A map with how good each cell is, from 0 to 9.
fn heat(map: &Map, told: &Told<'_>) -> Value {
    let cost = |value: f64| told.question.goal.better.cost(value);
    let all = || map.cells.iter().flatten().flatten().map(|(value, _)| cost(*value));
    let (low, high) =
        (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let level = |value: f64| match high > low {
        true => (9.0 * (high - cost(value)) / (high - low)) as u8,
        false => 9,
    };
    let rows = map.cells.iter().enumerate().map(|(y, line)| {
        let cell = |(x, cell): (usize, &Option<(f64, bool)>)| match cell {
            None => context! { text => "" },
            Some((value, kept)) => context! {
                text => shown(*value), level => level(*value), kept, here => map.here == [x, y],
            },
        };
        let cells: Vec<Value> = line.iter().enumerate().map(cell).collect();
        context! { head => map.values[1][y].as_str(), cells }
    });
    context! {
        title => title(map, told),
        across => map.axes[0],
        up => map.axes[1],
        head => map.values[0].clone(),
        rows => rows.collect::<Vec<_>>(),
    }
}

/// The result as a page with its picture inside.
pub(super) fn html(
    told: &Told<'_>,
    pictures: &[(Picture, String)],
) -> Result<String, minijinja::Error> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    env.add_template("page", PAGE)?;
    let pictures = pictures.iter().map(|(picture, svg)| (picture, svg.as_str()));
    env.get_template("page")?.render(context! {
        style => style(),
        asked => asked(told),
        verdict => verdict(told),
        table => grid(&table(told)),
        block => block(told),
        live => live::live(&[], pictures)?,
        front => grid(&front_table(told)),
        presets => preset_table(told).map(|rows| grid(&rows)),
        maps => told.tuned.maps.iter().map(|map| heat(map, told)).collect::<Vec<_>>(),
        method => method(told),
        command => told.command,
        version => told.version,
    })
}
