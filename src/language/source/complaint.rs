//! The YAML parser's errors in the words of this product, and the place to underline.

use granit_parser::{ErrorKind, ScanError};

use super::blame::{Surroundings, behind_tab, faulty_escape, is_left_behind, is_line_above};
use super::error::{SyntaxError, SyntaxErrorKind};
use super::lines::floor_boundary;
use super::span::Span;
use super::text::{Source, to_offset};

const QUOTE_TEMPLATE: &str =
    "put quotes around the text with the template: YAML takes its braces for mappings";
const QUOTE_TEXT: &str = "put quotes around the text";
const SAME_COLUMN: &str = "check the indentation: what belongs together starts in one column";
const USE_SPACES: &str = "indent with spaces";

/// What the parser found, as an error of ours.
pub(super) fn syntax_error(
    source: &Source,
    error: &ScanError,
    surroundings: Surroundings,
) -> SyntaxError {
    let marker = error.marker();
    // Only markers that the scanner made up itself have no byte offset.
    let offset = marker.byte_offset().unwrap_or_else(|| {
        let mut characters = source.text().char_indices();
        characters.nth(marker.index()).map_or(source.text().len(), |(at, _)| at)
    });
    let span = word_at(source, offset);
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        return SyntaxError::new(SyntaxErrorKind::NestingTooDeep, span);
    }
    if let Some(error) = noticed_late(source, error.kind(), span, surroundings) {
        return error;
    }
    let opening = word_at(source, surroundings.next_node);
    if *error.kind() == ErrorKind::InvalidQuotedScalarIndent
        && matches!(source.span_text(opening), "'" | "\"")
    {
        // Far more often than a badly indented line it is a quote that nobody closed.
        let error = yaml(&ErrorKind::UnclosedQuotedScalar, opening);
        return error.with(span, "the text goes on here");
    }
    let (message, help) = words(error.kind());
    let message = match error.kind() {
        ErrorKind::UnclosedFlowCollection { open } => unclosed(*open),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            format!("`{open}` is closed by `{close}`")
        }
        ErrorKind::UnexpectedCharacter { character } if character.is_ascii_graphic() => {
            format!("a value cannot start with `{character}`")
        }
        ErrorKind::UnexpectedCharacter { character } => {
            let number = u32::from(*character);
            format!("the character U+{number:04X} is not allowed")
        }
        kind => message.map_or_else(|| kind.to_string(), str::to_owned),
    };
    let help = match error.kind() {
        ErrorKind::UnclosedFlowCollection { .. } => Some(unclosed_help(source, span)),
        _ => help,
    };
    let line = source.line_text(source.position(span.start).line);
    let help = if has_bare_template(line) { Some(QUOTE_TEMPLATE) } else { help };
    SyntaxError::new(SyntaxErrorKind::Yaml { message, help }, span)
}

/// The error at the place where it was made, if that is before the place where the parser noticed.
fn noticed_late(
    source: &Source,
    kind: &ErrorKind,
    noticed: Span,
    surroundings: Surroundings,
) -> Option<SyntaxError> {
    let word_at = |offset: usize| word_at(source, offset);
    if let Some(error) = left_over(source, noticed) {
        return Some(error);
    }
    match kind {
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::MismatchedFlowCollectionEnd { .. }
        | ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent => return None,
        ErrorKind::TabInPlainScalar => {
            let place = behind_tab(source, noticed.start as usize)?;
            return Some(yaml(kind, word_at(place)));
        }
        ErrorKind::UnknownQuotedScalarEscape | ErrorKind::InvalidQuotedScalarHexEscape => {
            return Some(yaml(kind, faulty_escape(source, noticed.start as usize)?));
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            return Some(no_colon(source, noticed));
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            let read = surroundings.text.map(|text| text.start as usize);
            let mut starts = read.into_iter().chain([surroundings.next_node]).map(word_at);
            if let Some(key) = starts.find(|key| is_line_above(source, *key, noticed)) {
                return Some(no_colon(source, key));
            }
        }
        ErrorKind::ExpectedBlockMappingKey => {
            if let Some(comment) =
                surroundings.comment.filter(|comment| comment.end < noticed.start)
            {
                return Some(interrupted(comment).with(noticed, "the text goes on here"));
            }
        }
        _ => {}
    }
    if let Some(text) = surroundings.begun_text(source, noticed) {
        return Some(bad_beginning(source, text));
    }
    let bracket = surroundings.bracket.filter(|open| is_left_behind(source, *open, noticed))?;
    let open = source.span_text(bracket).chars().next()?;
    let help = Some(unclosed_help(source, bracket));
    let kind = SyntaxErrorKind::Yaml { message: unclosed(open), help };
    Some(SyntaxError::new(kind, bracket).with(noticed, "this belongs to what is around it"))
}

/// A key without a colon, or with one that has no blank behind it.
fn no_colon(source: &Source, key: Span) -> SyntaxError {
    let written = source.span_text(key).trim_end_matches(':');
    let kind = if written.contains(':') {
        ErrorKind::FlowMappingValueAdjacentCollection
    } else {
        ErrorKind::SimpleKeyExpected
    };
    yaml(&kind, key)
}

/// A text without quotes that begins with an alias or a template.
fn bad_beginning(source: &Source, text: Span) -> SyntaxError {
    let written = source.span_text(text);
    let alias = written.split_whitespace().next().unwrap_or_default();
    let (message, help, length) = if written.starts_with("{{") {
        ("a template needs quotes here".to_owned(), QUOTE_TEMPLATE, written.len())
    } else if alias.ends_with(':') {
        let help = "put a blank before the colon, which counts to the name of the alias";
        (format!("`{alias}` is taken for an alias"), help, alias.len())
    } else {
        ("a text cannot start with `*`".to_owned(), QUOTE_TEXT, written.len())
    };
    let kind = SyntaxErrorKind::Yaml { message, help: Some(help) };
    let end = text.start + to_offset(length);
    SyntaxError::new(kind, Span { end, ..text })
}

/// What was left over from tools around the document: not YAML, and not the author's words.
fn left_over(source: &Source, noticed: Span) -> Option<SyntaxError> {
    let word = source.span_text(noticed);
    let (message, help) = if ["<<<<<<<", "=======", ">>>>>>>"].contains(&word) {
        (
            "a merge was not finished here",
            "keep one of the two sides and remove the marks around it",
        )
    } else if word.starts_with("```") {
        ("a fence of Markdown is no YAML", "remove the lines that begin with it")
    } else {
        return None;
    };
    let kind = SyntaxErrorKind::Yaml { message: message.to_owned(), help: Some(help) };
    Some(SyntaxError::new(kind, noticed))
}

/// What to do about a bracket that is not closed: perhaps it is, in what became a comment.
fn unclosed_help(source: &Source, bracket: Span) -> &'static str {
    let close = if source.span_text(bracket) == "[" { ']' } else { '}' };
    let line = source.line_span(source.position(bracket.start).line);
    let rest = source.span_text(Span { start: bracket.end, ..line });
    match rest.split_once(" #") {
        Some((before, comment)) if !before.contains(close) && comment.contains(close) => {
            "put quotes around the text: a blank and `#` begin a comment"
        }
        _ => "close each bracket with its own kind",
    }
}

fn unclosed(open: char) -> String {
    format!("`{open}` is opened but not closed")
}

/// A comment inside a plain scalar that the parser did not complain of.
pub(super) fn interrupted(comment: Span) -> SyntaxError {
    yaml(&ErrorKind::CommentInterceptedScalar, comment)
}

/// An error that has only its fixed words.
fn yaml(kind: &ErrorKind, span: Span) -> SyntaxError {
    let (message, help) = words(kind);
    let kind = SyntaxErrorKind::Yaml {
        message: message.map_or_else(|| kind.to_string(), str::to_owned),
        help,
    };
    SyntaxError::new(kind, span)
}

/// The word at a byte, or the bracket or quote there; nothing at the end of a line.
pub(super) fn word_at(source: &Source, offset: usize) -> Span {
    let start = floor_boundary(source.text(), offset);
    let rest = source.text().get(start..).unwrap_or_default();
    let word = rest
        .find(|character: char| character.is_whitespace() || ",[]{}'\"".contains(character))
        .unwrap_or(rest.len());
    let length = match rest.chars().next() {
        Some(first) if word == 0 && !first.is_whitespace() => first.len_utf8(),
        _ => word,
    };
    Span::new(source.id(), to_offset(start), to_offset(start + length))
}

/// Whether the line has a template where a value begins, which YAML takes for a flow mapping.
fn has_bare_template(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("{{") || line.contains(": {{") || line.contains("- {{")
}

/// What is wrong, if the parser's own words are not good enough, and what to do.
fn words(kind: &ErrorKind) -> (Option<&'static str>, Option<&'static str>) {
    let (message, help) = match kind {
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::MismatchedFlowCollectionEnd { .. } => {
            return (None, Some("close each bracket with its own kind"));
        }
        ErrorKind::UnexpectedCharacter { character } if character.is_ascii_graphic() => {
            return (None, Some(QUOTE_TEXT));
        }
        ErrorKind::UnexpectedCharacter { .. } => {
            return (None, Some("remove it, or write it as an escape in double quotes"));
        }
        ErrorKind::MisplacedFlowCollectionEnd => ("this bracket closes nothing", QUOTE_TEXT),
        ErrorKind::ExpectedFlowMappingSeparator => {
            ("`,` or `}` was expected here", "separate the entries with commas")
        }
        ErrorKind::ExpectedFlowSequenceSeparator => {
            ("`,` or `]` was expected here", "separate the items with commas")
        }
        ErrorKind::BlockEntryInFlowCollection => {
            ("`-` cannot start an item between brackets", "separate the items with commas")
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => (
            "a colon cannot stand here",
            "put quotes around the text if the colon belongs to it, or check the indentation",
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            "a colon is missing after this key",
            "write `key: value`, or indent the line if it continues the text above it",
        ),
        ErrorKind::ExpectedBlockMappingKey => ("a key was expected here", SAME_COLUMN),
        ErrorKind::ExpectedBlockSequenceEntry => ("`-` was expected here", SAME_COLUMN),
        ErrorKind::InvalidIndentation => ("this indentation fits nothing above it", SAME_COLUMN),
        ErrorKind::BlockSequenceEntryNotAllowed => {
            ("a list item cannot start here", "start the list on a line of its own, below its key")
        }
        ErrorKind::MappingKeyNotAllowed => ("a text cannot start with `?`", QUOTE_TEXT),
        ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::UnexpectedEofBlockSequence
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEndOfPlainScalar
        | ErrorKind::PlainScalarStartsWithDashFlowIndicator
        | ErrorKind::ExpectedNodeContent => ("a value was expected here", QUOTE_TEXT),
        ErrorKind::ExpectedDocumentStart => ("this belongs to nothing above it", SAME_COLUMN),
        ErrorKind::FlowMappingValueAdjacentCollection => {
            ("a blank is missing after this colon", "write `key: value`")
        }
        ErrorKind::MissingAnchorOrAliasName => {
            ("a name is missing after `&` or `*`", "put quotes around text that starts with it")
        }
        other => return scalar_words(other),
    };
    (Some(message), Some(help))
}

/// The same for what goes wrong within one scalar, and for tabs.
fn scalar_words(kind: &ErrorKind) -> (Option<&'static str>, Option<&'static str>) {
    let (message, help) = match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::InvalidBlockEntryWhitespace
        | ErrorKind::InvalidMappingValueWhitespace => ("a tab cannot indent", USE_SPACES),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => (
            "a quote is opened but not closed",
            "close it, or put the text into quotes of the other kind",
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            ("text cannot follow the closing quote", "put all of the text into the quotes")
        }
        ErrorKind::UnknownQuotedScalarEscape => (
            "an escape in these quotes is not known",
            "write `\\\\` for a backslash, or use single quotes",
        ),
        ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => (
            "an escape in these quotes is not a character",
            "write `\\xhh`, `\\uhhhh` or `\\Uhhhhhhhh` with hexadecimal digits",
        ),
        ErrorKind::InvalidQuotedScalarIndent | ErrorKind::InvalidFlowScalarIndent => {
            ("this line continues a text but is not indented", "indent it further than its key")
        }
        ErrorKind::InvalidBlockScalarHeader => {
            ("text cannot follow `|` or `>`", "start the text on the next line")
        }
        ErrorKind::InvalidBlockScalarIndent => (
            "this line is indented less than the first line of its text",
            "indent all lines of the text alike, or give the indentation, as in `|2`",
        ),
        ErrorKind::ZeroBlockScalarIndent => {
            ("the indentation of a text cannot be 0", "write 1 to 9 after `|` or `>`")
        }
        ErrorKind::CommentInterceptedScalar => (
            "a comment interrupts a text of several lines",
            "put quotes around the text, or the comment before it",
        ),
        ErrorKind::CommentNotSeparated => (
            "a comment needs a blank before `#`",
            "put a blank before `#`, or quotes around the text",
        ),
        ErrorKind::BomInsideDocument => (
            "a byte-order mark stands inside the document",
            "remove it; files that were put together often have one",
        ),
        ErrorKind::UndeclaredTagHandle => ("the tag has an unknown prefix", "remove the tag"),
        ErrorKind::TooManyComments => {
            ("too many comments follow each other here", "move them to another place")
        }
        _ => return (None, None),
    };
    (Some(message), Some(help))
}
