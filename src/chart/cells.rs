//! Cells of a map: squares of one step of both axes, the deeper their colour the higher their level, with their
//! text in the middle.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::ink::Ink;
use super::panel::{Frame, SMALL};
use super::paper::{Drawn, FINE, bold, text};
use super::{Mark, Series};

/// The highest level of a cell.
pub const LEVELS: u8 = 9;

pub(super) fn draw(frame: &mut Frame<'_, '_>, series: &Series) -> Drawn {
    let Mark::Cell { level, framed } = series.mark else { return Ok(()) };
    let depth = 0.08 + 0.72 * f64::from(level.unwrap_or(0).min(LEVELS)) / f64::from(LEVELS);
    for point in &series.points {
        let corners =
            |half: f64| [(point.x - half, point.y - half), (point.x + half, point.y + half)];
        if level.is_some() {
            let fill = series.ink.rgb().mix(depth).filled();
            frame.draw_series([Rectangle::new(corners(0.48), fill)])?;
        }
        if framed {
            let [(left, low), (right, high)] = corners(0.47);
            let round = [(left, low), (left, high), (right, high), (right, low), (left, low)];
            let line = Ink::Text.rgb().stroke_width(2 * FINE);
            frame.draw_series([PathElement::new(round, line)])?;
        }
        let words = match (level, framed) {
            (_, true) => bold(SMALL, Ink::Text, HPos::Center, VPos::Center),
            (Some(_), false) => text(SMALL, Ink::Text, HPos::Center, VPos::Center),
            (None, false) => text(SMALL, Ink::Muted, HPos::Center, VPos::Center),
        };
        let name = Text::new(series.name.clone(), (0, 0), words);
        frame.draw_series([EmptyElement::at((point.x, point.y)) + name])?;
    }
    Ok(())
}
