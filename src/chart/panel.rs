//! One panel: its frame and grid, faults behind, data, and names beside the lines.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::ink::Ink;
use super::labels::spread;
use super::paper::{Area, Drawn, FINE, bold, px, text, width};
use super::{Axis, Mark, Panel, Point, Series, cells};

type Coord = Cartesian2d<Axis, Axis>;
pub(super) type Frame<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Coord>;

/// The size of tick labels and names, in pixels.
pub(super) const SMALL: f64 = 11.0;
/// Between two names at the ends of lines.
const APART: f64 = 14.0;

/// One panel, with so much room left of its axes.
pub(super) fn draw(area: &Area<'_>, panel: &Panel, left: f64) -> Drawn {
    let mut frame = frame(area, panel, left)?;
    for shade in &panel.shades {
        let (from, to) = (inside(&panel.x, shade.from), inside(&panel.x, shade.to));
        let (bottom, top) = ends(&panel.y);
        let colour = Ink::Shade.rgb().filled();
        frame.draw_series([Rectangle::new([(from, bottom), (to, top)], colour)])?;
    }
    mesh(&mut frame, panel)?;
    for (value, _) in &panel.rules {
        rule(&mut frame, panel, *value)?;
    }
    panel.series.iter().try_for_each(|series| one(&mut frame, panel, series))?;
    words(area, &frame, panel)
}

fn ends(axis: &Axis) -> (f64, f64) {
    (axis.low, axis.high)
}

fn inside(axis: &Axis, value: f64) -> f64 {
    value.clamp(axis.low, axis.high)
}

/// The room right of the axes: for names, where lines bear them.
fn right(panel: &Panel) -> f64 {
    let names = panel.series.iter().map(|s| width(&s.name, SMALL)).fold(0.0, f64::max);
    if panel.named { names + 30.0 } else { 24.0 }
}

/// The room left of the axes: for the tick labels of y.
pub(super) fn left(panel: &Panel) -> f64 {
    let marks = panel.y.marks();
    let ticks = marks.iter().map(|(_, t)| width(t, SMALL)).fold(0.0, f64::max);
    ticks + 28.0
}

fn frame<'a, 'b>(
    area: &'a Area<'b>,
    panel: &Panel,
    left: f64,
) -> Result<Frame<'a, 'b>, DrawingAreaErrorKind<std::io::Error>> {
    let top = if panel.title.is_empty() { 10.0 } else { 26.0 };
    let bottom = if panel.x.label.is_empty() { 24.0 } else { 42.0 };
    ChartBuilder::on(area)
        .margin_top(px(top))
        .margin_right(px(right(panel)))
        .set_label_area_size(LabelAreaPosition::Left, px(left))
        .set_label_area_size(LabelAreaPosition::Bottom, px(bottom))
        .build_cartesian_2d(panel.x.clone(), panel.y.clone())
}

fn mesh(frame: &mut Frame<'_, '_>, panel: &Panel) -> Drawn {
    // Lines would run through the text of cells.
    let cells = panel.series.iter().any(|series| matches!(series.mark, Mark::Cell { .. }));
    let grid = Ink::Grid.rgb().mix(if cells { 0.0 } else { 1.0 }).stroke_width(FINE);
    frame
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(grid)
        .axis_style(Ink::Muted.rgb().stroke_width(FINE))
        .set_all_tick_mark_size(px(4.0))
        .label_style(text(SMALL, Ink::Muted, HPos::Left, VPos::Center))
        .axis_desc_style(text(SMALL, Ink::Muted, HPos::Center, VPos::Center))
        .x_labels(32)
        .y_labels(32)
        .x_desc(panel.x.label.as_str())
        .draw()
}

/// A horizontal line in dashes; its name stands above the frame, where no data is.
fn rule(frame: &mut Frame<'_, '_>, panel: &Panel, value: f64) -> Drawn {
    let y = inside(&panel.y, value);
    let (x0, x1) = ends(&panel.x);
    let style = Ink::Text.rgb().stroke_width(FINE);
    let (dash, gap) = (px(6.0), px(4.0));
    frame.draw_series(DashedLineSeries::new([(x0, y), (x1, y)], dash, gap, style)).map(|_| ())
}

fn one(frame: &mut Frame<'_, '_>, panel: &Panel, series: &Series) -> Drawn {
    match series.mark {
        Mark::Bars => bars(frame, panel, series),
        Mark::Beam => beams(frame, panel, series),
        Mark::Cell { .. } => cells::draw(frame, series),
        Mark::Line | Mark::Area | Mark::Dashes | Mark::Dots => line(frame, panel, series),
    }
}

fn place(panel: &Panel, point: &Point) -> (f64, f64) {
    (inside(&panel.x, point.x), inside(&panel.y, point.y))
}

fn line(frame: &mut Frame<'_, '_>, panel: &Panel, series: &Series) -> Drawn {
    let colour = series.ink.rgb();
    let stroke = colour.stroke_width(FINE * 7 / 4);
    let path = || series.points.iter().map(|p| place(panel, p));
    if series.mark == Mark::Dots {
        whiskers(frame, panel, series)?;
        let dot = |at| Circle::new(at, px(3.0), colour.filled());
        frame.draw_series(path().map(dot))?;
    } else {
        band(frame, panel, series)?;
    }
    if series.mark == Mark::Area {
        let fill = colour.mix(0.35);
        frame.draw_series([AreaSeries::new(path(), panel.y.low, fill)].into_iter().flatten())?;
    }
    match series.mark {
        Mark::Dashes => {
            let dashes = DashedLineSeries::new(path(), px(7.0), px(4.0), stroke);
            frame.draw_series(dashes).map(|_| ())
        }
        _ => frame.draw_series(LineSeries::new(path(), stroke)).map(|_| ()),
    }
}

/// The 95 % interval of a line.
fn band(frame: &mut Frame<'_, '_>, panel: &Panel, series: &Series) -> Drawn {
    let ends: Vec<(f64, f64, f64)> = series
        .points
        .iter()
        .filter_map(|p| p.interval.map(|(l, h)| (inside(&panel.x, p.x), l, h)))
        .collect();
    let there = ends.iter().map(|(x, _, high)| (*x, inside(&panel.y, *high)));
    let back = ends.iter().rev().map(|(x, low, _)| (*x, inside(&panel.y, *low)));
    let outline: Vec<(f64, f64)> = there.chain(back).collect();
    if outline.is_empty() {
        return Ok(());
    }
    frame.draw_series([Polygon::new(outline, series.ink.rgb().mix(0.2))]).map(|_| ())
}

fn whiskers(frame: &mut Frame<'_, '_>, panel: &Panel, series: &Series) -> Drawn {
    let style = series.ink.rgb().stroke_width(FINE);
    let whisker = |p: &Point| {
        let (low, high) = p.interval?;
        let x = inside(&panel.x, p.x);
        let ends = vec![(x, inside(&panel.y, low)), (x, inside(&panel.y, high))];
        Some(PathElement::new(ends, style))
    };
    frame.draw_series(series.points.iter().filter_map(whisker)).map(|_| ())
}

/// Bars from the bottom; each reaches to the next point's x.
fn bars(frame: &mut Frame<'_, '_>, panel: &Panel, series: &Series) -> Drawn {
    let step = match series.points.as_slice() {
        [a, b, ..] => b.x - a.x,
        _ => panel.x.high - panel.x.low,
    };
    let (bottom, _) = ends(&panel.y);
    let style = series.ink.rgb().mix(0.45).filled();
    let bar = |p: &Point| {
        let (from, top) = place(panel, p);
        Rectangle::new([(from, bottom), (inside(&panel.x, p.x + step), top)], style)
    };
    frame.draw_series(series.points.iter().filter(|p| p.y > 0.0).map(bar)).map(|_| ())
}

/// Horizontal bars from the left edge, with the value written behind.
fn beams(frame: &mut Frame<'_, '_>, panel: &Panel, series: &Series) -> Drawn {
    let (left, _) = ends(&panel.x);
    let style = series.ink.rgb();
    for p in &series.points {
        let (x, y) = (inside(&panel.x, p.x), p.y);
        let body = Rectangle::new([(left, y - 0.28), (x, y + 0.28)], style.mix(0.75).filled());
        frame.draw_series([body])?;
        let (low, high) = p.interval.unwrap_or((p.x, p.x));
        let ends = vec![(inside(&panel.x, low), y), (inside(&panel.x, high), y)];
        frame.draw_series([PathElement::new(ends, Ink::Text.rgb().stroke_width(FINE * 3 / 2))])?;
        let words = text(SMALL, Ink::Text, HPos::Left, VPos::Center);
        let at = (inside(&panel.x, high), y);
        let name = Text::new(series.name.clone(), (px(6.0), 0), words);
        frame.draw_series([EmptyElement::at(at) + name])?;
    }
    Ok(())
}

/// The panel's title, and at the right end of its line the names of rules; the names of faults and of lines.
fn words(area: &Area<'_>, frame: &Frame<'_, '_>, panel: &Panel) -> Drawn {
    let (low, high) = (ends(&panel.x), ends(&panel.y));
    let (x0, top) = frame.backend_coord(&(low.0, high.1));
    let (ox, oy) = area.get_base_pixel();
    let at = |x: i32, y: i32| (x - ox, y - oy);
    let title = bold(12.0, Ink::Text, HPos::Left, VPos::Bottom);
    area.draw(&Text::new(panel.title.as_str(), at(x0, top - px(4.0)), title))?;
    let rules: Vec<&str> = panel.rules.iter().map(|(_, name)| name.as_str()).collect();
    let (right, _) = frame.backend_coord(&(low.1, high.1));
    let style = text(SMALL, Ink::Text, HPos::Right, VPos::Bottom);
    area.draw(&Text::new(rules.join(", "), at(right, top - px(4.0)), style))?;
    for shade in &panel.shades {
        let (x, y) = frame.backend_coord(&(inside(&panel.x, shade.from), high.1));
        let style = text(SMALL, Ink::Muted, HPos::Left, VPos::Top);
        area.draw(&Text::new(shade.name.as_str(), at(x + px(4.0), y + px(4.0)), style))?;
    }
    if panel.named { names(area, frame, panel) } else { Ok(()) }
}

fn names(area: &Area<'_>, frame: &Frame<'_, '_>, panel: &Panel) -> Drawn {
    let ((x0, x1), (y0, y1)) = (ends(&panel.x), ends(&panel.y));
    let (right, top) = frame.backend_coord(&(x1, y1));
    let (_, bottom) = frame.backend_coord(&(x0, y0));
    let (ox, oy) = area.get_base_pixel();
    let lines: Vec<(&Series, (i32, i32))> = panel
        .series
        .iter()
        .filter_map(|s| Some((s, frame.backend_coord(&place(panel, s.points.last()?)))))
        .collect();
    let heights: Vec<f64> = lines.iter().map(|(_, (_, y))| f64::from(*y)).collect();
    let room = f64::from(px(APART));
    let placed = spread(&heights, room, f64::from(top), f64::from(bottom));
    for ((series, (x, y)), height) in lines.into_iter().zip(placed) {
        let height = height.round() as i32;
        let ink = series.ink.rgb();
        let lead = vec![
            (x - ox, y - oy),
            (right + px(4.0) - ox, y - oy),
            (right + px(12.0) - ox, height - oy),
        ];
        area.draw(&PathElement::new(lead, ink.stroke_width(FINE * 3 / 4)))?;
        let style = text(SMALL, series.ink, HPos::Left, VPos::Center);
        area.draw(&Text::new(series.name.as_str(), (right + px(15.0) - ox, height - oy), style))?;
    }
    Ok(())
}
