//! Where and with what a measurement is made. Linux tells by files; elsewhere less is known, and that is
//! said.

use std::time::SystemTime;

use crate::report::measured::Identity;

/// This machine, this build, now.
pub(super) fn identity() -> Identity {
    let commit = option_env!("RETRYLAB_COMMIT");
    let line = |file: &str| std::fs::read_to_string(file).ok().map(|text| text.trim().to_owned());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let unknown = || "unknown".to_owned();
    let words: Vec<String> =
        std::env::args_os().skip(1).map(|w| w.to_string_lossy().into_owned()).collect();
    Identity {
        version: env!("CARGO_PKG_VERSION"),
        commit: commit.map(|c| c.trim_end_matches('+').to_owned()),
        dirty: commit.is_some_and(|c| c.ends_with('+')),
        cpu: line("/proc/cpuinfo").as_deref().and_then(model).unwrap_or_else(unknown),
        cores,
        kernel: line("/proc/sys/kernel/osrelease").unwrap_or_else(unknown),
        toolchain: env!("RETRYLAB_RUSTC"),
        target: env!("RETRYLAB_TARGET"),
        profile: env!("RETRYLAB_PROFILE"),
        flags: env!("RETRYLAB_FLAGS"),
        date: jiff::Timestamp::try_from(SystemTime::now())
            .map_or_else(|_| unknown(), |now| now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        command: format!("retrylab {}", words.join(" ")),
    }
}

/// The processor's name in the text of /proc/cpuinfo.
fn model(text: &str) -> Option<String> {
    let named = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_once(':').map(|(_, model)| model.trim().to_owned())
    };
    named("model name").or_else(|| named("CPU part")).filter(|model| !model.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_has_the_name_that_linux_gives_it() {
        let text = "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nflags: a b\n";
        assert_eq!(model(text).as_deref(), Some("Some CPU @ 2 GHz"));
        assert_eq!(model("processor: 0\n"), None);
    }

    #[test]
    fn an_identity_is_whole() {
        let found = identity();
        assert!(found.toolchain.starts_with("rustc ") && found.cores > 0);
        assert!(found.date.starts_with("20") && found.profile.contains("opt-level"));
    }
}
