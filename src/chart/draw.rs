//! From a [`Figure`] to SVG: the paper, the words above, and the grid of panels.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::ink::{self, Ink};
use super::paper::{Area, Drawn, FINE, bold, fonts, px, text, width};
use super::{Figure, Mark, panel};

/// The width of every picture in pixels.
const WIDTH: u32 = 960;
/// Room left and right of the words above the panels.
const MARGIN: i32 = 20;

/// Breaks words into lines that are at most so many pixels wide; not at spaces that do not break.
fn lines(words: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A character that XML does not allow, not even escaped.
fn is_no_xml(c: char) -> bool {
    (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Draws a figure as SVG, 960 pixels wide; the same figure gives the same bytes. In place of characters that XML does
/// not allow stands U+FFFD.
pub fn svg(figure: &Figure) -> String {
    fonts();
    let room = f64::from(WIDTH as i32 - 2 * MARGIN);
    let title = lines(&figure.title, 18.0, room * 0.95);
    let lead = lines(&figure.lead, 12.0, room);
    let key = if figure.key.is_empty() { 0 } else { 22 };
    let header = 14 + 24 * title.len() as u32 + 17 * lead.len() as u32 + key + 8;
    let across = figure.across.max(1);
    let rows = figure.panels.len().div_ceil(across).max(1) as u32;
    let height = header + rows * figure.height + 10;
    let mut out = String::new();
    let size = (WIDTH * FINE, height * FINE);
    let drawn = paint(&mut out, size, |paper| {
        let mut y = 14.0;
        for (words, size, step) in
            title.iter().map(|l| (l, 18.0, 24.0)).chain(lead.iter().map(|l| (l, 12.0, 17.0)))
        {
            let style = match size > 12.0 {
                true => bold(size, Ink::Text, HPos::Left, VPos::Top),
                false => text(size, Ink::Muted, HPos::Left, VPos::Top),
            };
            paper.draw(&Text::new(words.as_str(), (px(f64::from(MARGIN)), px(y)), style))?;
            y += step;
        }
        explain(paper, &figure.key, y + 10.0)?;
        let (_, below) = paper.split_vertically((header * FINE) as i32);
        let (grid, _) = below.split_vertically((rows * figure.height * FINE) as i32);
        let cells = grid.split_evenly((rows as usize, across));
        // Axes stand below each other.
        let left = figure.panels.iter().map(panel::left).fold(0.0, f64::max);
        figure.panels.iter().zip(&cells).try_for_each(|(one, cell)| panel::draw(cell, one, left))
    });
    debug_assert!(drawn.is_ok(), "writing to a string cannot fail: {drawn:?}");
    sized(&out.replace(is_no_xml, "\u{fffd}"), height)
}

fn paint(out: &mut String, size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Drawn) -> Drawn {
    let paper = SVGBackend::with_string(out, size).into_drawing_area();
    paper.fill(&Ink::Paper.rgb())?;
    draw(&paper)?;
    paper.present()
}

/// The line that says what colours and marks mean.
fn explain(paper: &Area<'_>, key: &[(Ink, Mark, String)], y: f64) -> Drawn {
    let mut x = f64::from(MARGIN);
    for (ink, mark, name) in key {
        let style = ink.rgb();
        match mark {
            Mark::Bars | Mark::Beam | Mark::Cell { .. } => {
                let corners = [(px(x), px(y - 5.0)), (px(x + 16.0), px(y + 5.0))];
                paper.draw(&Rectangle::new(corners, style.mix(0.45).filled()))?;
            }
            _ => {
                let ends = vec![(px(x), px(y)), (px(x + 16.0), px(y))];
                paper.draw(&PathElement::new(ends, style.stroke_width(2 * FINE)))?;
            }
        }
        let words = text(12.0, Ink::Text, HPos::Left, VPos::Center);
        paper.draw(&Text::new(name.as_str(), (px(x + 22.0), px(y)), words))?;
        x += 22.0 + width(name, 12.0) + 24.0;
    }
    Ok(())
}

/// The document in pixels, with its style sheet.
fn sized(svg: &str, height: u32) -> String {
    let end = svg.find(">\n").map_or(0, |i| i + 2);
    let (w, h) = (WIDTH * FINE, height * FINE);
    format!(
        "<svg width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {w} {h}\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n{}{}",
        ink::style(),
        &svg[end..]
    )
}
