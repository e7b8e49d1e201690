//! Colours by their role, each for light and for dark paper. An SVG carries both: it is drawn in the
//! light ones, and a style sheet inside exchanges them where the reader prefers dark.

use plotters::style::RGBColor;

/// The paper that a picture stands on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    /// Dark ink on white.
    Light,
    /// Light ink on near-black.
    Dark,
}

/// A colour by its role.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ink {
    /// Behind everything.
    Paper,
    /// Titles and names.
    Text,
    /// Tick labels and notes.
    Muted,
    /// Grid lines.
    Grid,
    /// Stretches with a fault.
    Shade,
    /// The n-th of several things to compare; after the seventh they repeat.
    Series(usize),
}

/// Vermillion, blue, bluish green, reddish purple, orange, sky blue, grey; with lighter ones for dark
/// paper.
const SERIES: [(u32, u32); 7] = [
    (0xD55E00, 0xFF8A3D),
    (0x0072B2, 0x4FA8F0),
    (0x009E73, 0x2FCB9F),
    (0xB8589A, 0xE59BCB),
    (0xC98500, 0xF2BC45),
    (0x3A9BD9, 0x9AD9FF),
    (0x5F6368, 0xBDC1C6),
];

const ROLES: [(Ink, (u32, u32)); 5] = [
    (Ink::Paper, (0xFFFFFF, 0x14171A)),
    (Ink::Text, (0x1B1F23, 0xEDEFF2)),
    (Ink::Muted, (0x57606A, 0xA3ABB5)),
    (Ink::Grid, (0xE3E6EA, 0x2B3036)),
    (Ink::Shade, (0xF6DFCB, 0x46331F)),
];

impl Ink {
    fn pair(self) -> (u32, u32) {
        match self {
            Ink::Series(n) => SERIES[n % SERIES.len()],
            role => ROLES.iter().find(|(r, _)| *r == role).map_or(SERIES[6], |(_, pair)| *pair),
        }
    }
    /// The colour on light paper.
    pub(super) fn rgb(self) -> RGBColor {
        let [_, r, g, b] = self.pair().0.to_be_bytes();
        RGBColor(r, g, b)
    }
}

fn pairs() -> impl Iterator<Item = (String, String)> {
    let all = ROLES.into_iter().map(|(_, pair)| pair).chain(SERIES);
    all.map(|(light, dark)| (format!("#{light:06X}"), format!("#{dark:06X}")))
}

/// The style sheet that exchanges light colours for dark ones.
pub(super) fn style() -> String {
    let rule = |(light, dark): (String, String)| {
        format!("[fill=\"{light}\"]{{fill:{dark}}}[stroke=\"{light}\"]{{stroke:{dark}}}")
    };
    let rules: String = pairs().map(rule).collect();
    format!("<style>@media (prefers-color-scheme:dark){{{rules}}}</style>\n")
}

/// The colours of things to compare as variables of a style sheet, `--s0` to `--s6`.
pub fn variables() -> String {
    let list = |pick: fn(&(u32, u32)) -> u32| -> String {
        SERIES.iter().enumerate().map(|(n, pair)| format!("--s{n}:#{:06X};", pick(pair))).collect()
    };
    let (light, dark) = (list(|pair| pair.0), list(|pair| pair.1));
    format!(":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}")
}

/// The same drawing in the colours of dark paper.
pub(super) fn darkened(svg: &str) -> String {
    pairs().fold(svg.to_owned(), |svg, (light, dark)| svg.replace(&light, &dark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_colour_has_two_roles() {
        let mut all: Vec<String> = pairs().flat_map(|(light, dark)| [light, dark]).collect();
        let number = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), number);
    }
}
