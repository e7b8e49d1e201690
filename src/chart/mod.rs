//! Floor 5: numbers become pictures. A picture is described first, as plain data ([`Figure`]), and drawn
//! afterwards, so that what a chart says can be tested without looking at pixels, and every chart
//! of retrylab looks alike. Drawing is by plotters, as SVG; resvg makes the PNG from the same SVG.
//! The colours are those of Okabe and Ito (*Color Universal Design*, 2008), which people with any
//! common colour vision tell apart.

mod axis;
mod cells;
mod draw;
mod ink;
mod labels;
mod panel;
mod paper;
mod png;

pub use axis::{Axis, Scale, shown};
pub use cells::LEVELS;
pub use draw::svg;
pub use ink::{Ink, Theme, variables};
pub use png::{PngError, png};

/// A picture: a title that states what is shown, and panels under it.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// What is shown, in one line.
    pub title: String,
    /// Where from, and how to read it.
    pub lead: String,
    /// What colours and marks mean, where lines are not named directly.
    pub key: Vec<(Ink, Mark, String)>,
    /// Left to right, then down.
    pub panels: Vec<Panel>,
    /// How many panels stand side by side, at least 1.
    pub across: usize,
    /// The height of a panel in pixels.
    pub height: u32,
}

/// One pair of axes and what is drawn between them.
#[derive(Clone, PartialEq, Debug)]
pub struct Panel {
    /// What this panel shows, with the unit of y; empty for none.
    pub title: String,
    /// To the right.
    pub x: Axis,
    /// Upwards.
    pub y: Axis,
    /// Stretches of x behind everything: faults.
    pub shades: Vec<Shade>,
    /// Horizontal lines with a name: a capacity.
    pub rules: Vec<(f64, String)>,
    /// What is drawn, the first lowest.
    pub series: Vec<Series>,
    /// Lines bear their names at their right ends.
    pub named: bool,
}

/// A stretch of x with a name.
#[derive(Clone, PartialEq, Debug)]
pub struct Shade {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// What it is; empty for none.
    pub name: String,
}

/// Points that belong together.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// Its colour.
    pub ink: Ink,
    /// Its form.
    pub mark: Mark,
    /// In rising order of x.
    pub points: Vec<Point>,
}

/// How points are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// A line through them, with its interval as a band.
    Line,
    /// The same over a filled area.
    Area,
    /// The same in dashes.
    Dashes,
    /// A line through them with a dot at each, and its interval as a whisker.
    Dots,
    /// A bar from 0 over the width of one step of x.
    Bars,
    /// A bar from the left edge to x at the height y, with the interval (of x) as a whisker.
    Beam,
    /// A square of one step of both axes with the series' name in it.
    Cell {
        /// How deep its colour is, up to [`LEVELS`]; pale without colour if there is none.
        level: Option<u8>,
        /// It has a frame and bold text.
        framed: bool,
    },
}

/// One point and its interval, if it has one.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    /// On the x axis.
    pub x: f64,
    /// On the y axis.
    pub y: f64,
    /// The ends of the 95 % interval of y (of x for [`Mark::Beam`]).
    pub interval: Option<(f64, f64)>,
}
