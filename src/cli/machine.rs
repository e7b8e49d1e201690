//! Where and with what a result is made. Linux tells by files; elsewhere less is known, and that is
//! said. A worker that is timed can be kept on one core, so that two of them do not compare cores.

use std::time::SystemTime;

use super::read;
use crate::bench::worker::Build;
use crate::report::{gate, measured};

/// This machine, this build, now.
pub(super) fn identity() -> measured::Identity {
    let commit = option_env!("RETRYLAB_COMMIT");
    let unknown = || "unknown".to_owned();
    let words: Vec<String> =
        std::env::args_os().skip(1).map(|w| w.to_string_lossy().into_owned()).collect();
    measured::Identity {
        version: env!("CARGO_PKG_VERSION"),
        commit: commit.map(|c| c.trim_end_matches('+').to_owned()),
        dirty: commit.is_some_and(|c| c.ends_with('+')),
        cpu: cpu().unwrap_or_else(unknown),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
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

/// This build and this machine, as a baseline names them.
pub(super) fn maker() -> gate::Identity {
    gate::Identity {
        version: env!("CARGO_PKG_VERSION").into(),
        commit: option_env!("RETRYLAB_COMMIT").map(str::to_owned),
        toolchain: Some(env!("RETRYLAB_RUSTC").to_owned()),
        host: gate::Host {
            os: std::env::consts::OS.into(),
            architecture: std::env::consts::ARCH.into(),
            cpu: cpu(),
            cores: std::thread::available_parallelism().ok().map(usize::from),
        },
    }
}

/// This build, as a worker names it.
pub(super) fn build() -> Build {
    Build {
        version: env!("CARGO_PKG_VERSION").into(),
        commit: option_env!("RETRYLAB_COMMIT").map(str::to_owned),
        toolchain: env!("RETRYLAB_RUSTC").into(),
        profile: env!("RETRYLAB_PROFILE").into(),
        target: env!("RETRYLAB_TARGET").into(),
    }
}

fn line(file: &str) -> Option<String> {
    read::text(file.as_ref(), 16 << 20).ok().map(|text| text.trim().to_owned())
}

fn cpu() -> Option<String> {
    line("/proc/cpuinfo").as_deref().and_then(model)
}

/// The processor's name in the text of /proc/cpuinfo.
fn model(text: &str) -> Option<String> {
    let named = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_once(':').map(|(_, model)| model.trim().to_owned())
    };
    named("model name").or_else(|| named("CPU part")).filter(|model| !model.is_empty())
}

/// The cores that this process may run on; none where the system does not tell.
#[cfg(target_os = "linux")]
pub(super) fn cores() -> Vec<usize> {
    use rustix::thread::{CpuSet, sched_getaffinity};
    let set = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
    (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn cores() -> Vec<usize> {
    Vec::new()
}

/// Keeps this process on one core, where the system lets it.
#[cfg(target_os = "linux")]
pub(super) fn stay_on(core: usize) {
    use rustix::thread::{CpuSet, sched_setaffinity};
    if core < CpuSet::MAX_CPU {
        let mut set = CpuSet::new();
        set.set(core);
        let _ = sched_setaffinity(None, &set);
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn stay_on(_: usize) {}

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
        let (build, maker) = (build(), maker());
        assert_eq!((build.version.as_str(), build.commit), (found.version, maker.commit));
        assert!(cfg!(not(target_os = "linux")) || !cores().is_empty());
    }
}
