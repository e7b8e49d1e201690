//! What the world does to retrylab: broken files, broken words, bombs, full disks and kills. It names
//! what is wrong, leaves what is not its own alone, and a report is there as a whole or not at all.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

mod bounds;
mod edges;
mod folders;
mod fuzz;
mod messages;
mod system;

/// A scenario that is done in an instant.
const SMALL: &str = "question = 'Does it end?'\nduration = '1s'\ntools = [{ name = 'a' }]\n\
    load = [{ tool = 'a', arrivals = { constant = { rate = '5/s' } } }]\n";

fn retrylab(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_retrylab"));
    command.current_dir(folder).env_remove("RETRIES");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    retrylab(folder).args(arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with files, and the small scenario among them.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ok.toml"), SMALL).unwrap();
    files.iter().for_each(|(name, bytes)| fs::write(folder.path().join(name), bytes).unwrap());
    folder
}
