//! Which build, on which machine: what results are identified by.

use super::read;
use crate::report::gate::{Host, Identity};

/// This build and this machine.
pub(super) fn identity() -> Identity {
    Identity {
        version: env!("CARGO_PKG_VERSION").into(),
        commit: option_env!("RETRYLAB_COMMIT").map(str::to_owned),
        toolchain: Some(env!("RETRYLAB_RUSTC").to_owned()),
        host: Host {
            os: std::env::consts::OS.into(),
            architecture: std::env::consts::ARCH.into(),
            cpu: cpu(),
            cores: std::thread::available_parallelism().ok().map(usize::from),
        },
    }
}

/// The processor's model, as Linux tells it.
fn cpu() -> Option<String> {
    let text = read::text("/proc/cpuinfo".as_ref(), 16 << 20).ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, model)| model.trim().to_owned())
}
