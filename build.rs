//! Tells retrylab which commit and by which compiler it is built, so that results can name them (outside a
//! repository, or without git, there is no commit), and makes the list of the scenarios under `scenarios/`, which are
//! compiled in: one in the folder can so not be missing from the binary.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src");
    commit();
    build();
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default());
    fs::write(out.join("shipped.rs"), shipped(&root.join("scenarios"))?)
}

fn commit() {
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

/// With what this is built: timings depend on it.
fn build() {
    let of = |name: &str| env::var(name).unwrap_or_default();
    let compiler = Command::new(of("RUSTC")).arg("-V").output().ok();
    let compiler = compiler.and_then(|output| String::from_utf8(output.stdout).ok());
    println!("cargo:rustc-env=RETRYLAB_RUSTC={}", compiler.unwrap_or_default().trim());
    println!("cargo:rustc-env=RETRYLAB_TARGET={}", of("TARGET"));
    println!("cargo:rustc-env=RETRYLAB_PROFILE={}, opt-level {}", of("PROFILE"), of("OPT_LEVEL"));
    let flags = of("CARGO_ENCODED_RUSTFLAGS").replace('\u{1f}', " ");
    println!("cargo:rustc-env=RETRYLAB_FLAGS={flags}");
}

/// Two lists as Rust: every scenario (`folder/name.toml`), and every file beside them that one can name
/// (`folder/name.csv`), each in alphabetical order.
fn shipped(scenarios: &Path) -> io::Result<String> {
    println!("cargo:rerun-if-changed={}", scenarios.display());
    let (mut list, mut files) = (String::new(), String::new());
    for folder in sorted(scenarios)?.iter().filter(|path| path.is_dir()) {
        println!("cargo:rerun-if-changed={}", folder.display());
        for file in sorted(folder)? {
            let (name, within) = (part(file.file_stem()), part(folder.file_name()));
            let text = format!("include_str!({:?})", file.display().to_string());
            let kind = file.extension().unwrap_or_default();
            if kind == "toml" {
                let entry =
                    format!("Shipped {{ folder: {within:?}, name: {name:?}, text: {text} }}");
                let _ = writeln!(list, "    {entry},");
            } else if kind == "csv" {
                let _ = writeln!(files, "    ({:?}, {text}),", format!("{within}/{name}.csv"));
            }
        }
    }
    Ok(format!(
        "static SHIPPED: &[Shipped] = &[\n{list}];\nstatic FILES: &[(&str, &str)] = &[\n{files}];\n"
    ))
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths =
        fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn part(name: Option<&std::ffi::OsStr>) -> String {
    name.unwrap_or_default().to_string_lossy().into_owned()
}
