//! What makes a page's pictures live: their data, and the scripts that draw them again, let values be read
//! and columns be switched off. The still pictures stay in the page, for print, for readers without scripts, and
//! should a script fail.

use minijinja::{Environment, Value, context};
use serde_json::{Value as Json, json};

use super::figures::Picture;
use super::html::inline;
use crate::chart::{Axis, Ink, Mark, Panel, Point, Scale, Series, variables};

const STILLS: &str = include_str!("live.html.j2");

const SCRIPTS: [&str; 4] = [
    include_str!("live/axis.js"),
    include_str!("live/draw.js"),
    include_str!("live/read.js"),
    include_str!("live/page.js"),
];

/// What a page's template is given: `names` of the pictures, `stills`, the pictures as figures, and
/// `scripts`, the data and what draws it. `columns` are what series of one ink number are about; none if
/// they cannot be switched off.
///
/// # Errors
/// None for the templates of this version; minijinja's, should one be broken.
pub(super) fn live<'a>(
    columns: &[String],
    pictures: impl Iterator<Item = (&'a Picture, &'a str)> + Clone,
) -> Result<Value, minijinja::Error> {
    let names: Vec<&str> = pictures.clone().map(|(picture, _)| picture.name).collect();
    let charts: Vec<Json> = pictures.clone().map(|(picture, _)| chart(picture)).collect();
    let data = json!({ "columns": columns, "charts": charts }).to_string();
    Ok(context! { names, stills => stills(pictures)?, scripts => scripts(&data) })
}

fn stills<'a>(
    pictures: impl Iterator<Item = (&'a Picture, &'a str)>,
) -> Result<String, minijinja::Error> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    let still = |(picture, svg): (&Picture, &str)| {
        context! { name => picture.name, look => picture.look, svg => inline(picture, svg) }
    };
    env.render_str(STILLS, context! { pictures => pictures.map(still).collect::<Vec<_>>() })
}

fn scripts(data: &str) -> String {
    // Nothing in a text may end the element that it stands in.
    let data = data.replace('<', "\\u003c");
    format!(
        "<style>{}</style>\n<script type=\"application/json\" id=\"charts\">{data}</script>\n\
         <script>\n(() => {{\n'use strict';\n{}}})();\n</script>",
        variables(),
        SCRIPTS.concat()
    )
}

fn chart(picture: &Picture) -> Json {
    let figure = &picture.figure;
    let key: Vec<Json> = figure
        .key
        .iter()
        .map(|(ink, mark, name)| json!([number(*ink), word(*mark), name]))
        .collect();
    json!({
        "name": picture.name,
        "title": figure.title,
        "lead": figure.lead,
        "key": key,
        "across": figure.across,
        "height": figure.height,
        "panels": figure.panels.iter().map(panel).collect::<Vec<_>>(),
    })
}

fn panel(panel: &Panel) -> Json {
    let beams = panel.series.iter().any(|s| s.mark == Mark::Beam);
    let zooms = !beams && panel.x.scale != Scale::Nines && panel.x.ticks.is_empty();
    json!({
        "title": panel.title,
        "x": axis(&panel.x),
        "y": axis(&panel.y),
        "shades": panel.shades.iter().map(|s| json!([s.from, s.to, s.name])).collect::<Vec<_>>(),
        "rules": panel.rules,
        "series": panel.series.iter().map(series).collect::<Vec<_>>(),
        "named": panel.named,
        "zooms": zooms,
        // Counts are drawn as areas; shares keep their axis.
        "fits": panel.series.iter().any(|s| s.mark == Mark::Area),
    })
}

fn axis(axis: &Axis) -> Json {
    let scale = match axis.scale {
        Scale::Linear => "linear",
        Scale::Log => "log",
        Scale::Nines => "nines",
    };
    json!({
        "label": axis.label, "unit": axis.unit, "scale": scale,
        "low": axis.low, "high": axis.high, "ticks": axis.ticks,
    })
}

fn series(series: &Series) -> Json {
    let points: Vec<Json> = series.points.iter().map(point).collect();
    json!({ "name": series.name, "ink": number(series.ink), "mark": word(series.mark), "points": points })
}

/// `[x, y]`, or `[x, y, low, high]`, to six digits: more cannot be seen.
fn point(point: &Point) -> Json {
    let short = |x: f64| format!("{x:.5e}").parse().unwrap_or(x);
    match point.interval {
        None => json!([short(point.x), short(point.y)]),
        Some((low, high)) => json!([short(point.x), short(point.y), short(low), short(high)]),
    }
}

fn number(ink: Ink) -> Option<usize> {
    match ink {
        Ink::Series(n) => Some(n),
        _ => None,
    }
}

fn word(mark: Mark) -> &'static str {
    match mark {
        Mark::Line => "line",
        Mark::Area => "area",
        Mark::Dashes => "dashes",
        Mark::Dots => "dots",
        Mark::Bars => "bars",
        Mark::Beam => "beam",
        Mark::Cell { .. } => "cell",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Figure, Shade};

    #[test]
    fn the_data_say_what_the_picture_says_and_cannot_end_their_element() {
        let name = "</script><b>";
        let points = vec![
            Point { x: 1.0, y: 0.123_456_78, interval: Some((0.1, 0.2)) },
            Point { x: 2.0, y: 0.0, interval: None },
        ];
        let series = Series { name: name.into(), ink: Ink::Series(1), mark: Mark::Area, points };
        let panel = Panel {
            title: String::new(),
            x: Axis::over("", Scale::Linear, [2.0]),
            y: Axis::over("", Scale::Linear, [0.2]),
            shades: vec![Shade { from: 0.5, to: 1.5, name: "outage".into() }],
            rules: vec![(0.15, "can serve".into())],
            series: vec![series],
            named: false,
        };
        let figure = Figure {
            title: "t".into(),
            lead: String::new(),
            key: Vec::new(),
            panels: vec![panel],
            across: 1,
            height: 100,
        };
        let picture = Picture { name: "herd", caption: String::new(), look: "", figure };
        let page = scripts(&json!({ "columns": [name], "charts": [chart(&picture)] }).to_string());
        let (_, data) = page.split_once("id=\"charts\">").unwrap();
        let (data, _) = data.split_once("</script>").unwrap();
        assert!(!data.contains('<'));
        let told: Json = serde_json::from_str(data).unwrap();
        assert_eq!(told["columns"], json!([name]));
        let panel = &told["charts"][0]["panels"][0];
        let area = &panel["series"][0];
        assert_eq!(area["points"], json!([[1.0, 0.123_457, 0.1, 0.2], [2.0, 0.0]]));
        assert_eq!((&area["ink"], &area["mark"]), (&json!(1), &json!("area")));
        assert_eq!(panel["shades"], json!([[0.5, 1.5, "outage"]]));
        assert_eq!((&panel["zooms"], &panel["fits"]), (&json!(true), &json!(true)));
    }
}
