//! The files that a scenario names. Floor 5 reads none: the caller gives their texts. Each is asked
//! for once, and its text belongs to the definition of the scenario.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::Moment;

use super::trace;

/// Gives the text of a file, or says why not.
pub(super) type Read<'a> = dyn Fn(&str) -> Result<String, String> + 'a;

/// The moments of each trace that has been read, or what is wrong with it.
type Traces = BTreeMap<(String, Option<String>), Result<Arc<[Moment]>, String>>;

/// Texts and traces that have been read so far.
pub(super) struct Files<'a> {
    read: &'a Read<'a>,
    /// The environment that templates may look up.
    pub(super) env: &'a BTreeMap<String, String>,
    texts: RefCell<BTreeMap<String, Result<Arc<str>, String>>>,
    traces: RefCell<Traces>,
}

impl<'a> Files<'a> {
    /// Nothing read yet.
    pub(super) fn new(read: &'a Read<'a>, env: &'a BTreeMap<String, String>) -> Files<'a> {
        Files { read, env, texts: RefCell::default(), traces: RefCell::default() }
    }

    /// The text of a file.
    pub(super) fn text(&self, name: &str) -> Result<Arc<str>, String> {
        let mut texts = self.texts.borrow_mut();
        texts.entry(name.to_owned()).or_insert_with(|| (self.read)(name).map(Arc::from)).clone()
    }

    /// The arrivals that a file records.
    pub(super) fn trace(&self, name: &str, column: Option<&str>) -> Result<Arc<[Moment]>, String> {
        let key = (name.to_owned(), column.map(str::to_owned));
        let parse = || trace::parse(&self.text(name)?, column).map(Arc::from);
        self.traces.borrow_mut().entry(key).or_insert_with(parse).clone()
    }

    /// A scenario's text, followed by the name and text of each file that it names.
    pub(super) fn definition(&self, scenario: &str) -> String {
        let mut whole = scenario.to_owned();
        for (name, text) in self.texts.borrow().iter() {
            if let Ok(text) = text {
                whole.push_str(&format!("\n--- {name}\n{text}"));
            }
        }
        whole
    }
}
