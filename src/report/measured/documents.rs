//! `report.md` and `report.html` of a measurement.

use minijinja::{Environment, context};

use super::Measured;
use super::pictures::variants;
use super::words::{doubts, identity, method, tables};
use crate::report::figures::Picture;
use crate::report::html::{grid, style};
use crate::report::live;
use crate::report::markdown::shown_picture;

const PAGE: &str = include_str!("page.html.j2");

/// The result as Markdown; pictures lie beside it.
pub(super) fn markdown(measured: &Measured, pictures: &[(Picture, String)]) -> String {
    let mut out = "# Variants of the plugin, measured\n".to_owned();
    let list =
        |lines: Vec<String>| lines.iter().map(|line| format!("- {line}\n")).collect::<String>();
    for (title, rows) in tables(measured) {
        out += &format!("\n## {title}\n\n{}", crate::report::markdown::rows(&rows));
    }
    let doubts = doubts(measured);
    if !doubts.is_empty() {
        out += &format!("\n## Not decided\n\n{}", list(doubts));
    }
    for (picture, _) in pictures {
        out += &shown_picture(picture);
    }
    out += &format!("\n## How\n\n{}{}", list(method(measured)), list(identity(&measured.identity)));
    out + &format!("\n```console\n$ {}\n```\n", measured.identity.command)
}

/// The result as a page with its pictures inside.
pub(super) fn html(
    measured: &Measured,
    pictures: &[(Picture, String)],
) -> Result<String, minijinja::Error> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    env.add_template("page", PAGE)?;
    let table = |(title, rows): &(String, Vec<Vec<String>>)| {
        context! { title, rows => grid(rows) }
    };
    let names: Vec<String> = variants(measured).into_iter().map(str::to_owned).collect();
    let pictures = pictures.iter().map(|(picture, svg)| (picture, svg.as_str()));
    env.get_template("page")?.render(context! {
        style => style(),
        tables => tables(measured).iter().map(table).collect::<Vec<_>>(),
        live => live::live(&names, pictures)?,
        doubts => doubts(measured),
        method => method(measured),
        identity => identity(&measured.identity),
        command => measured.identity.command.as_str(),
        interrupted => measured.interrupted,
    })
}
