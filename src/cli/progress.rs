//! Long work at a terminal: a bar for whoever waits, and a way to stop it.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};

use super::tell;

/// A bar of a form and a length; none where nobody looks.
pub(super) fn bar(quiet: bool, length: u64, form: &str) -> ProgressBar {
    let bar = match quiet || !std::io::stderr().is_terminal() {
        true => ProgressBar::hidden(),
        false => ProgressBar::new(length),
    };
    if let Ok(style) = ProgressStyle::with_template(form) {
        bar.set_style(style);
    }
    bar
}

/// Who is asked to stop by a SIGINT, and the word that answers it.
static ASKED: Mutex<Option<(Arc<AtomicBool>, &str)>> = Mutex::new(None);

/// From now on a SIGINT ends with exit code 130: at once, unless somebody [`interrupts`].
pub(super) fn heed_interrupts() -> anyhow::Result<()> {
    let handler = || match &*ASKED.lock().unwrap_or_else(PoisonError::into_inner) {
        Some((stop, word)) if !stop.swap(true, Ordering::Relaxed) => tell(word),
        _ => std::process::exit(130),
    };
    Ok(ctrlc::set_handler(handler)?)
}

/// The first SIGINT asks to stop, and is answered with a word; the second ends at once.
pub(super) fn interrupts(word: &'static str) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    *ASKED.lock().unwrap_or_else(PoisonError::into_inner) = Some((Arc::clone(&stop), word));
    stop
}

/// A bar for work whose end is known by share only.
pub(super) const PLAIN: &str = "{msg} {wide_bar} {percent} %";
/// The word where what is finished is kept.
pub(super) const SAVED: &str = "interrupted: what is finished is saved; once more ends at once";
