//! What all drawing shares: the paper, its units, and text in the embedded fonts.

use std::sync::Once;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, register_font};

use super::ink::Ink;

/// A part of the paper.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// plotters places things on whole units of its canvas: with so many to a pixel, lines are smooth.
pub(super) const FINE: u32 = 8;
/// Drawing fails only where writing does.
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// The name under which both fonts are known.
pub(super) const FAMILY: &str = "sans-serif";
pub(super) const REGULAR: &[u8] = include_bytes!("fonts/DejaVuSans.ttf");
pub(super) const BOLD: &[u8] = include_bytes!("fonts/DejaVuSans-Bold.ttf");

/// plotters measures text with fonts that it must be given.
pub(super) fn fonts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for (style, bytes) in [(FontStyle::Normal, REGULAR), (FontStyle::Bold, BOLD)] {
            let known = register_font(FAMILY, style, bytes);
            debug_assert!(known.is_ok(), "the embedded font is one");
        }
    });
}

/// Pixels as canvas units.
pub(super) fn px(pixels: f64) -> i32 {
    (pixels * f64::from(FINE)).round() as i32
}

/// How text looks: its size in pixels, its colour, and which point of it is placed.
pub(super) fn text(size: f64, ink: Ink, h: HPos, v: VPos) -> TextStyle<'static> {
    (FAMILY, size * f64::from(FINE)).into_font().color(&ink.rgb()).pos(Pos::new(h, v))
}

/// The same in bold.
pub(super) fn bold(size: f64, ink: Ink, h: HPos, v: VPos) -> TextStyle<'static> {
    let font = (FAMILY, size * f64::from(FINE)).into_font().style(FontStyle::Bold);
    font.color(&ink.rgb()).pos(Pos::new(h, v))
}

/// The width of text of a size, in pixels.
pub(super) fn width(words: &str, size: f64) -> f64 {
    fonts();
    let font = (FAMILY, size * f64::from(FINE)).into_font();
    let (w, _) = font.box_size(words).unwrap_or((0, 0));
    f64::from(w) / f64::from(FINE)
}
