//! What an attempt brought back: the MCP result, reduced to what the detectors look at. Tools on the
//! wire send anything, so every field keeps the difference between absent, wrong and right.

/// A reply in the form that detectors read. [`Reply::default`] is an empty success.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Reply {
    /// `isError` is JSON `true`, nothing else.
    pub is_error: bool,
    /// `structuredContent`.
    pub structured: Structured,
    /// `content`.
    pub content: Content,
}

/// `structuredContent`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Structured {
    /// Absent or null.
    #[default]
    Absent,
    /// Neither an object nor null: a number, text or a list.
    Opaque,
    /// An object.
    Object {
        /// Its `isError` is JSON `true`.
        is_error: bool,
        /// Its `status_code`.
        status: Status,
    },
}

/// A `status_code` as written.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Status {
    /// No such key.
    #[default]
    Absent,
    /// A JSON integer within 64 bits.
    Integer(i64),
    /// A JSON integer beyond 64 bits.
    Wide,
    /// true or false.
    Bool(bool),
    /// Text, a fraction, null, a list, an object.
    Other,
}

/// `content`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Content {
    /// No such key, or neither a list nor null.
    #[default]
    Absent,
    /// null.
    Null,
    /// A list.
    Items(Vec<Item>),
}

/// One item of `content`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item {
    /// `type` is "text" and `text` is text: its bytes (UTF-8, but lone surrogates may stand in it).
    Text(Box<[u8]>),
    /// Anything else.
    Other,
}
