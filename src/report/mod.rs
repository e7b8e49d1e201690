//! Floor 7: documents as strings. Everything is made from a [`Saved`] result, so a document can be made
//! again from `result.json` at any time.

pub mod against;
pub mod checked;
mod csv;
pub mod decision;
pub mod derived;
mod figures;
pub mod gate;
mod html;
mod live;
mod made;
mod markdown;
pub mod measured;
mod save;
pub mod saved;
pub mod tuned;
mod words;

pub use csv::csv;
pub use figures::{Picture, pictures};
pub use html::html;
pub use markdown::markdown;
pub use saved::Saved;
pub use words::table;

use crate::chart::{PngError, Theme, png, svg};

/// `result.json`: the same result gives the same bytes.
///
/// # Errors
/// None for results of this version; serde's, should a number not be finite.
pub fn json(saved: &Saved) -> serde_json::Result<String> {
    serde_json::to_string_pretty(saved).map(|text| text + "\n")
}

/// Every file of a report folder, `result.json` included: its name and its bytes.
///
/// # Errors
/// When a picture cannot be made.
pub fn folder(saved: &Saved) -> Result<Vec<File>, FolderError> {
    with_pictures(pictures(saved), |pictures| {
        Ok(vec![
            ("result.json".to_owned(), json(saved)?.into_bytes()),
            ("result.csv".to_owned(), csv(saved).into_bytes()),
            ("report.md".to_owned(), markdown(saved, pictures).into_bytes()),
            ("report.html".to_owned(), html(saved, pictures)?.into_bytes()),
        ])
    })
}

/// A file's name and its bytes.
pub type File = (String, Vec<u8>);

/// Documents that show pictures, and the pictures as SVG and PNG. The latter take long, so each is made on a thread of
/// its own while the documents are written.
fn with_pictures(
    pictures: Vec<Picture>,
    documents: impl FnOnce(&[(Picture, String)]) -> Result<Vec<File>, FolderError>,
) -> Result<Vec<File>, FolderError> {
    let drawn: Vec<(Picture, String)> =
        pictures.into_iter().map(|p| (svg(&p.figure), p)).map(|(s, p)| (p, s)).collect();
    std::thread::scope(|scope| {
        let pixels = |drawing| scope.spawn(move || png(drawing, Theme::Light));
        let threads: Vec<_> = drawn.iter().map(|(_, drawing)| pixels(drawing)).collect();
        let mut files = documents(&drawn)?;
        for ((picture, drawing), thread) in drawn.iter().zip(threads) {
            let pixels = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            files.push((format!("{}.png", picture.name), pixels?));
            files.push((format!("{}.svg", picture.name), drawing.clone().into_bytes()));
        }
        Ok(files)
    })
}

/// Why the files of a report could not be made: a bug of retrylab, never the user's fault.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A number is not finite.
    #[error("the result is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A picture cannot be made.
    #[error("{0}")]
    Png(#[from] PngError),
    /// The page cannot be made.
    #[error("the page cannot be made: {0}")]
    Html(#[from] minijinja::Error),
}
