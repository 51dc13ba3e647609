//! What is wrong with an expression, as data.

use std::ops::Range;

use serde_json::Value;

use crate::language::template::value_type::{Declaration, Missing, Type};

/// Something wrong with an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Remark {
    /// What is wrong.
    pub kind: RemarkKind,
    /// The expression, in bytes of the decoded text.
    pub range: Range<usize>,
}

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum RemarkKind {
    /// A part is read that the value never has.
    UnknownField {
        /// What is read from, as it is written.
        of: String,
        /// The part.
        name: String,
        /// Why it is not there.
        missing: Missing,
    },
    /// An operation cannot take this value: a run would fail.
    WrongOperand {
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// A text stands where a list is meant; a run would take its characters.
    TextAsList {
        /// The text, as it is written.
        subject: String,
    },
    /// Two values are compared that are never of one kind.
    UnlikeComparison {
        /// What is compared, as it is written, and what it is.
        left: (String, Type),
        /// With what.
        right: (String, Type),
    },
    /// A value is compared with one that it never has.
    ImpossibleComparison {
        /// What is compared, as it is written.
        subject: String,
        /// What it never is.
        value: Value,
        /// What it can be.
        known: Vec<Value>,
        /// Where the author says so.
        declared: Option<Declaration>,
    },
    /// A condition is always true, or never.
    ConstantCondition {
        /// Which of the two.
        truth: bool,
    },
    /// A field is read that may be left out; then a run would fail.
    MayBeAbsent {
        /// The field, as it is written.
        subject: String,
        /// Where the author makes it optional.
        declared: Option<Declaration>,
    },
}
