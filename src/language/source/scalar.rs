//! Scalars: what is written and what it means.

use serde_json::{Number, Value};

use super::span::Span;

/// How a scalar is written (YAML 1.2.2, sections 7.3 and 8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScalarStyle {
    /// Without quotes, or not written at all.
    Plain,
    /// `'text'`.
    SingleQuoted,
    /// `"text"`.
    DoubleQuoted,
    /// `|`, where line breaks stay.
    Literal,
    /// `>`, where lines are joined.
    Folded,
}

impl ScalarStyle {
    /// Whether it has a header (`|2-`) and indented content.
    #[must_use]
    pub fn is_block(self) -> bool {
        matches!(self, Self::Literal | Self::Folded)
    }
}

/// What a scalar is worth in the core schema.
#[derive(Debug, Clone, PartialEq)]
pub enum ScalarValue {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A finite number.
    Number(Number),
    /// The scalar's text.
    Text,
}

/// One scalar: what is written and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Scalar {
    pub(super) text: Box<str>,
    pub(super) value: ScalarValue,
    pub(super) style: ScalarStyle,
    pub(super) span: Span,
    pub(super) header: Option<Span>,
}

impl Scalar {
    /// The text after escapes, folding and chomping; empty if nothing is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value that the text stands for.
    #[must_use]
    pub fn value(&self) -> &ScalarValue {
        &self.value
    }

    /// How it is written.
    #[must_use]
    pub fn style(&self) -> ScalarStyle {
        self.style
    }

    /// The bytes as written, quotes included; of a block scalar the content from its first
    /// character to the end of its last line that is not blank (its header if there is none).
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The header of a block scalar, such as `|2-`.
    #[must_use]
    pub fn header(&self) -> Option<Span> {
        self.header
    }

    /// Whether nothing is written, as after `key:`. The span is then empty.
    #[must_use]
    pub fn is_implied(&self) -> bool {
        self.style == ScalarStyle::Plain && self.span.is_empty()
    }

    pub(super) fn to_json(&self) -> Value {
        match &self.value {
            ScalarValue::Null => Value::Null,
            ScalarValue::Bool(value) => Value::Bool(*value),
            ScalarValue::Number(number) => Value::Number(number.clone()),
            ScalarValue::Text => Value::String(self.text.to_string()),
        }
    }
}
