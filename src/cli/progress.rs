//! Long work at a terminal: a bar for whoever waits, and a way to stop it.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// The first SIGINT asks to stop, and is answered with a word; the second ends at once.
pub(super) fn interrupts(word: &'static str) -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        tell(word);
    })?;
    Ok(stop)
}

/// A bar for work whose end is known by share only.
pub(super) const PLAIN: &str = "{msg} {wide_bar} {percent} %";
/// The word where what is finished is kept.
pub(super) const SAVED: &str = "interrupted: what is finished is saved; once more ends at once";
