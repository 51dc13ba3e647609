//! What can be wrong with a YAML text, as data with a final wording.

use std::fmt;

use super::limits::{
    MAX_DEPTH, MAX_EXPANSION, MAX_KEY_BYTES, MAX_MERGE_DEPTH, MAX_NODES, MAX_SOURCE_BYTES,
};
use super::span::Span;

/// How many characters of the user's text a message repeats.
const SHOWN_CHARACTERS: usize = 60;

/// One mistake in a YAML text. `Display` is the message, final and in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// Where it is wrong.
    pub span: Span,
    /// Other places that belong to it, each with what is there.
    pub related: Vec<(Span, String)>,
}

/// The kinds of mistakes. All are the user's fault. The texts they hold are the user's, on one
/// line, without control characters, and shortened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxErrorKind {
    /// The text is longer than [`MAX_SOURCE_BYTES`].
    #[error("the file has {bytes} bytes, more than the limit of {MAX_SOURCE_BYTES}")]
    SourceTooLarge {
        /// The size that was found.
        bytes: usize,
    },
    /// The text is not YAML.
    #[error("{message}")]
    Yaml {
        /// What the parser expected or cannot read.
        message: String,
        /// What to do, where it can be guessed.
        help: Option<&'static str>,
    },
    /// There is nothing but blanks and comments.
    #[error("the file has no content")]
    EmptyDocument,
    /// There is a second document.
    #[error("the file holds more than one document")]
    SeveralDocuments,
    /// There are more than [`MAX_NODES`] nodes.
    #[error("the document has more than {MAX_NODES} nodes")]
    TooManyNodes,
    /// Collections lie more than [`MAX_DEPTH`] deep in each other.
    #[error("collections are nested more than {MAX_DEPTH} levels deep")]
    NestingTooDeep,
    /// A mapping has a key twice.
    #[error("duplicate key `{key}`")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// There is a `:` without a key before it.
    #[error("a key is missing")]
    MissingKey,
    /// A key is a sequence or a mapping.
    #[error("a {found} cannot be a key")]
    ComplexKey {
        /// `sequence` or `mapping`.
        found: &'static str,
    },
    /// A value is a template, `{{ … }}`, without quotes.
    #[error("a template needs quotes here")]
    UnquotedTemplate,
    /// A key is longer than [`MAX_KEY_BYTES`].
    #[error("the key has {bytes} bytes, more than the limit of {MAX_KEY_BYTES}")]
    KeyTooLong {
        /// The length that was found.
        bytes: usize,
    },
    /// An alias names an anchor that is not defined before it.
    #[error("unknown anchor `{name}`")]
    UnknownAnchor {
        /// The name without `*`.
        name: String,
        /// The anchors that could have been meant.
        known: Vec<String>,
    },
    /// An alias stands inside the node that its anchor marks.
    #[error("the alias `*{name}` contains itself")]
    AliasCycle {
        /// The name without `*`.
        name: String,
    },
    /// Aliases and merge keys add more than [`MAX_EXPANSION`] nodes, or text of more than
    /// [`MAX_EXPANSION_BYTES`](super::MAX_EXPANSION_BYTES).
    #[error("aliases expand to too much: more than {MAX_EXPANSION} nodes, or 16 MiB of text")]
    AliasExpansionTooLarge,
    /// A mapping takes itself in through `<<`.
    #[error("the mapping `&{name}` merges itself")]
    MergeCycle {
        /// The name of its anchor.
        name: String,
    },
    /// Mappings take each other in through `<<` too many times over.
    #[error("mappings are merged more than {MAX_MERGE_DEPTH} levels deep")]
    MergeTooDeep,
    /// The value of `<<` is neither a mapping nor a list of them.
    #[error("only mappings can be merged, and this is {found}")]
    MergeNotAMapping {
        /// `text`, `null`, `a sequence` and so on.
        found: &'static str,
    },
    /// A tag that is not of the core schema.
    #[error("unknown tag `{tag}`")]
    UnknownTag {
        /// The tag as written.
        tag: String,
    },
    /// A tag of the core schema on something of another type.
    #[error("the tag `{tag}` does not fit its value")]
    WrongTag {
        /// The tag as written.
        tag: String,
    },
    /// `.inf` or `.nan`.
    #[error("`{text}` is not a finite number")]
    NotANumber {
        /// The text.
        text: String,
    },
    /// A number that neither `i64` nor `u64` nor `f64` holds.
    #[error("the number `{text}` is too large")]
    NumberTooLarge {
        /// The text.
        text: String,
    },
    /// There are more than [`MAX_ERRORS`](super::MAX_ERRORS) errors.
    #[error("there are {more} more errors in this file")]
    TooManyErrors {
        /// How many were left out.
        more: usize,
    },
}

impl SyntaxErrorKind {
    /// Every code that [`code`](Self::code) can give.
    pub const CODES: &[&'static str] = &[
        "file-too-large",
        "yaml-syntax",
        "empty-document",
        "several-documents",
        "too-many-nodes",
        "nesting-too-deep",
        "duplicate-key",
        "no-key",
        "complex-key",
        "unquoted-template",
        "key-too-long",
        "unknown-anchor",
        "alias-cycle",
        "alias-expansion-too-large",
        "merge-cycle",
        "merge-too-deep",
        "merge-not-a-mapping",
        "unknown-tag",
        "wrong-tag",
        "not-a-number",
        "number-too-large",
        "too-many-errors",
    ];

    /// The stable name of the kind.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SourceTooLarge { .. } => "file-too-large",
            Self::Yaml { .. } => "yaml-syntax",
            Self::EmptyDocument => "empty-document",
            Self::SeveralDocuments => "several-documents",
            Self::TooManyNodes => "too-many-nodes",
            Self::NestingTooDeep => "nesting-too-deep",
            Self::DuplicateKey { .. } => "duplicate-key",
            Self::MissingKey => "no-key",
            Self::ComplexKey { .. } => "complex-key",
            Self::UnquotedTemplate => "unquoted-template",
            Self::KeyTooLong { .. } => "key-too-long",
            Self::UnknownAnchor { .. } => "unknown-anchor",
            Self::AliasCycle { .. } => "alias-cycle",
            Self::AliasExpansionTooLarge => "alias-expansion-too-large",
            Self::MergeCycle { .. } => "merge-cycle",
            Self::MergeTooDeep => "merge-too-deep",
            Self::MergeNotAMapping { .. } => "merge-not-a-mapping",
            Self::UnknownTag { .. } => "unknown-tag",
            Self::WrongTag { .. } => "wrong-tag",
            Self::NotANumber { .. } => "not-a-number",
            Self::NumberTooLarge { .. } => "number-too-large",
            Self::TooManyErrors { .. } => "too-many-errors",
        }
    }

    /// Whether the document can still be looked at: the mistake concerns one place and the rest
    /// of the tree is what is written.
    #[must_use]
    pub fn is_mended(&self) -> bool {
        !matches!(
            self,
            Self::SourceTooLarge { .. }
                | Self::Yaml { .. }
                | Self::EmptyDocument
                | Self::TooManyNodes
                | Self::NestingTooDeep
                | Self::AliasExpansionTooLarge
        )
    }
}

impl SyntaxError {
    pub(super) fn new(kind: SyntaxErrorKind, span: Span) -> Self {
        Self { kind, span, related: Vec::new() }
    }

    pub(super) fn with(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    /// The stable name of its kind.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        self.kind.help()
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for SyntaxError {}

/// The user's text for a message. Shortened, so that a thousand errors about one long text stay
/// small.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == SHOWN_CHARACTERS {
            shown.push('…');
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}
