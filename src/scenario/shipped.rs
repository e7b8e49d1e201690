//! The scenarios that are compiled into the binary, so that an installed `retrylab run outage` works
//! anywhere, and the files that they name. The build makes the lists from the folders under `scenarios/`.

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// A scenario that is compiled in.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// The folder that it lies in: `herd`.
    pub folder: &'static str,
    /// Its name, which no other folder has: `outage`.
    pub name: &'static str,
    /// What it says.
    pub text: &'static str,
}

impl Shipped {
    /// Folder and name: `herd/outage`.
    pub fn path(&self) -> String {
        format!("{}/{}", self.folder, self.name)
    }

    /// The text of a file beside it.
    ///
    /// # Errors
    /// None of that name is compiled in.
    pub fn read(&self, file: &str) -> Result<String, String> {
        let path = format!("{}/{file}", self.folder);
        let found = FILES.iter().find(|(name, _)| *name == path);
        let missing = || format!("{file}: is not compiled in with the scenario {}", self.name);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(missing)
    }
}

/// All of them, folder by folder, in alphabetical order.
pub fn shipped() -> &'static [Shipped] {
    SHIPPED
}

/// The one of a name, with its folder or without.
pub fn find(name: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|shipped| shipped.name == name || shipped.path() == name)
}
