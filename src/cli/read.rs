//! Files of users become texts. A file may be a folder, a device without an end, or hold gigabytes or
//! bytes that are no text: each is said in a word, and no more is read than is allowed.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Bytes of a recorded trace of arrivals at most.
pub(super) const MAX_TRACE: usize = 128 << 20;
/// Bytes of a file of vectors at most.
pub(super) const MAX_VECTORS: usize = 64 << 20;
/// Bytes of a saved result at most.
pub(super) const MAX_RESULT: usize = 256 << 20;

/// The text of a file of at most so many bytes, without a byte order mark; or what is wrong with it, with
/// the file's name.
pub(super) fn text(path: &Path, most: usize) -> Result<String, String> {
    let name = path.display();
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        return Err(match error.kind() {
            std::io::ErrorKind::IsADirectory => {
                format!("cannot read {name}: it is a folder: name a file in it")
            }
            _ => format!("cannot read {name}: {error}"),
        });
    }
    if bytes.len() > most {
        let most = most >> 20;
        return Err(format!(
            "cannot read {name}: found more than {most} MiB: it must be at most {most} MiB; is it the right file?"
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.split(|b| *b == b'\n').count();
        let byte = error.as_bytes().get(valid.len()).copied().unwrap_or_default();
        format!(
            "{name}:{line}: found bytes that are no UTF-8 (0x{byte:02x}): the file must be text: save it as UTF-8"
        )
    })?;
    match text.strip_prefix('\u{feff}') {
        Some(rest) => Ok(rest.to_owned()),
        None => Ok(text),
    }
}
