//! SVG to PNG at double size, with the embedded fonts only: the same pixels on every machine.

use std::io::Write;
use std::sync::Arc;

use png::{ColorType, DeflateCompression, Encoder, EncodingError, Filter};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::ink::{Theme, darkened};
use super::paper::{BOLD, REGULAR};

/// How many pixels of the PNG for one of the SVG.
const SCALE: f32 = 2.0;

/// Why an SVG could not become a PNG.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The SVG cannot be read.
    #[error("the drawing is no SVG: {0}")]
    Svg(#[from] resvg::usvg::Error),
    /// It has no area, or too large a one.
    #[error("a picture of {0} x {1} pixels cannot be made")]
    Size(f32, f32),
    /// The PNG cannot be written to memory.
    #[error("the PNG cannot be encoded: {0}")]
    Encode(#[from] EncodingError),
}

/// The PNG of an SVG that [`super::svg`] drew.
///
/// # Errors
/// For text that is no SVG, or one without an area.
pub fn png(svg: &str, theme: Theme) -> Result<Vec<u8>, PngError> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(BOLD.to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    let options = Options {
        font_family: "DejaVu Sans".into(),
        fontdb: Arc::new(fonts),
        ..Options::default()
    };
    let svg = layerless(svg);
    let tree = match theme {
        Theme::Light => Tree::from_str(&svg, &options)?,
        Theme::Dark => Tree::from_str(&darkened(&svg), &options)?,
    };
    let (w, h) = (tree.size().width() * SCALE, tree.size().height() * SCALE);
    let mut picture = Pixmap::new(w as u32, h as u32).ok_or(PngError::Size(w, h))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
    Ok(encoded(&picture)?)
}

/// The drawing with the opacity of elements as that of their paint. Elements are filled or stroked, none is both, so it is
/// the same picture; but a see-through element is drawn on a layer of its own, which is as large as all of it.
fn layerless(svg: &str) -> String {
    let mut parts = svg.split(" opacity=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |svg, part| {
        let (opacity, rest) = part.split_once('"').unwrap_or((part, ""));
        match opacity {
            "1" => svg + rest,
            _ => svg + &format!(" fill-opacity=\"{opacity}\" stroke-opacity=\"{opacity}\"{rest}"),
        }
    })
}

/// The file of a picture without holes. Rows are kept as they are: of areas in one colour that is smaller than their
/// differences. The lowest level takes a fifth of the time of the next ones, which make files smaller by two fifths:
/// whoever runs a scenario waits for the pictures, and nobody for their size.
fn encoded(picture: &Pixmap) -> Result<Vec<u8>, EncodingError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, picture.width(), picture.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_filter(Filter::NoFilter);
    encoder.set_deflate_compression(DeflateCompression::Level(1));
    let mut writer = encoder.write_header()?;
    let mut rows = writer.stream_writer()?;
    let mut row = vec![[0; 3]; picture.width() as usize];
    let (pixels, _) = picture.data().as_chunks::<4>();
    for pixels in pixels.chunks_exact(row.len()) {
        row.iter_mut().zip(pixels).for_each(|(rgb, [r, g, b, _])| *rgb = [*r, *g, *b]);
        rows.write_all(row.as_flattened())?;
    }
    rows.finish()?;
    writer.finish()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_see_through_is_filled_or_stroked_and_not_both() {
        let drawings = [
            include_str!("../../reports/outage/amplification.svg"),
            include_str!("../../reports/outage/herd.svg"),
            include_str!("../../reports/outage/latency.svg"),
            include_str!("../../reports/outage/recovery.svg"),
            include_str!("../../reports/outage/waits.svg"),
        ];
        let elements = drawings.iter().flat_map(|svg| svg.split('<'));
        let see_through = elements.filter(|element| element.contains(" opacity=\"0"));
        let painted = |element: &str, by: &str| element.contains(&format!(" {by}=\"#"));
        let both = |element: &&str| painted(element, "fill") && painted(element, "stroke");
        let (twice, once): (Vec<&str>, Vec<&str>) = see_through.partition(both);
        assert_eq!((twice, once.is_empty()), (vec![], false));
    }

    #[test]
    fn opacity_becomes_that_of_the_paint() {
        let drawn = layerless("<a opacity=\"1\" fill=\"x\"/><b opacity=\"0.5\" fill=\"x\"/>");
        let expected = "<a fill=\"x\"/><b fill-opacity=\"0.5\" stroke-opacity=\"0.5\" fill=\"x\"/>";
        assert_eq!(drawn, expected);
    }
}
