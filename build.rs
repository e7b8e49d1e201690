//! Tells retrylab which commit it is built from, so that results can name it. Outside a repository, or
//! without git, there is none.

use std::process::Command;

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src");
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    let ours = git(&["ls-files", "--error-unmatch", "build.rs"]).is_some();
    if let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]).filter(|_| ours) {
        let changed = git(&["status", "--porcelain", "--untracked-files=no", "src"]);
        let mark = if changed.is_none_or(|c| c.is_empty()) { "" } else { "+" };
        println!("cargo:rustc-env=RETRYLAB_COMMIT={commit}{mark}");
    }
}
