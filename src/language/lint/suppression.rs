//! Comments that allow what would be a finding:
//!
//! ```yaml
//! # partita: allow-file(missing-summary) a draft
//! waves:
//!   # partita: allow-block(sequential-waves) the second wave has to be paid first
//!   - name: second
//!     tasks:
//!       # partita: allow(gate-without-deadline) nobody is in a hurry here
//!       approve:
//!         gate: approval
//!         ask: Well?  # partita: allow(vague-question) the task's name says it
//! ```

use std::ops::Range;

use super::judgement::trouble_with;
use crate::language::diagnostic::{Code, Diagnostic, Fix};
use crate::language::document::{Document, LintSettings, Reasons};
use crate::language::source::{Edit, NodeKind, Source, Span};

/// A comment that allows findings in a part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The comment, `#` included.
    pub comment: Span,
    /// What it allows, each with its place.
    pub codes: Vec<(String, Span)>,
    /// The part of the text in which it holds.
    pub holds_in: Span,
    /// Why; empty where it does not say.
    pub reason: String,
}

/// How much of the text a comment speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Line,
    Block,
    File,
}

/// The words in front of the parentheses.
const REACHES: [(&str, Reach); 3] =
    [("allow", Reach::Line), ("allow-block", Reach::Block), ("allow-file", Reach::File)];

impl Suppression {
    /// The comments of a document that allow something. What is wrong with them is added to
    /// `found`.
    pub(super) fn all(
        document: &Document,
        source: &Source,
        settings: &LintSettings,
        found: &mut Vec<Diagnostic>,
    ) -> Vec<Suppression> {
        let comments = document.tree().comments();
        comments
            .iter()
            .filter_map(|comment| read(document, source, *comment, settings, found))
            .collect()
    }

    /// Which of its codes allows a finding.
    pub(super) fn allows(&self, finding: &Diagnostic) -> Option<usize> {
        let (place, holds_in) = (finding.primary.span, self.holds_in);
        let is_inside = place.source == holds_in.source
            && (holds_in.start..=holds_in.end).contains(&place.start);
        let named = || self.codes.iter().position(|(code, _)| code == finding.code.as_str());
        is_inside.then(named).flatten()
    }

    /// That some of what it allows does not occur.
    pub(super) fn unused(&self, source: &Source, unused: &[usize]) -> Diagnostic {
        let names: Vec<&str> = unused.iter().map(|place| self.codes[*place].0.as_str()).collect();
        let span = unused.first().map_or(self.comment, |place| self.codes[*place].1);
        let message = format!("`{}` does not occur here", names.join("`, `"));
        let fix = if unused.len() == self.codes.len() {
            Fix::safe("remove the comment", vec![Edit::remove(with_blanks(source, self.comment))])
        } else {
            let kept = self.codes.iter().enumerate();
            let kept = kept
                .filter(|(place, _)| !unused.contains(place))
                .map(|(_, (name, _))| name.as_str());
            let list = Span::new(
                self.comment.source,
                self.codes.first().map_or(self.comment.start, |(_, span)| span.start),
                self.codes.last().map_or(self.comment.end, |(_, span)| span.end),
            );
            let kept = kept.collect::<Vec<_>>().join(", ");
            Fix::safe(
                format!("leave `{}` out", names.join("`, `")),
                vec![Edit::replace(list, kept)],
            )
        };
        Diagnostic::new(Code::UNUSED_SUPPRESSION, span, message).help("remove it").fix(fix)
    }
}

/// A comment with the blanks before it, and with its line where nothing else is on it.
fn with_blanks(source: &Source, comment: Span) -> Span {
    let text = source.text();
    let before = &text[..comment.start as usize];
    let start = before.trim_end_matches([' ', '\t']).len();
    let is_alone = start == 0 || before[..start].ends_with('\n');
    let after = &text[comment.end as usize..];
    let line_break = if after.starts_with("\r\n") { 2 } else { u32::from(after.starts_with('\n')) };
    let end = if is_alone { comment.end + line_break } else { comment.end };
    Span::new(comment.source, u32::try_from(start).unwrap_or(comment.start), end)
}

fn read(
    document: &Document,
    source: &Source,
    comment: Span,
    settings: &LintSettings,
    found: &mut Vec<Diagnostic>,
) -> Option<Suppression> {
    let text = source.text().get(comment.start as usize..comment.end as usize)?;
    let words = text.trim_start_matches('#').trim_start();
    let rest = words.strip_prefix("partita:")?;
    let at = |part: &str| {
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        let start = comment.start + u32::try_from(start).unwrap_or(0);
        Span::new(comment.source, start, start + u32::try_from(part.len()).unwrap_or(0))
    };
    let mut invalid = |message: String| {
        let help = "write `# partita: allow(CODE) reason`; `allow-block` holds for all of the \
            next entry, `allow-file` for the file";
        found.push(Diagnostic::new(Code::INVALID_SUPPRESSION, comment, message).help(help));
        None
    };
    let Some((word, list)) = rest.trim_start().split_once('(') else {
        return invalid("the comment names no finding in parentheses".to_owned());
    };
    let word = word.trim();
    let Some((_, reach)) = REACHES.iter().find(|(known, _)| *known == word) else {
        let known = REACHES.map(|(known, _)| known).join("`, `");
        return invalid(format!("`{word}` is none of `{known}`"));
    };
    let Some((list, reason)) = list.split_once(')') else {
        return invalid("the parenthesis is not closed".to_owned());
    };
    let codes: Vec<(String, Span)> = list
        .split(',')
        .map(str::trim)
        .filter(|code| !code.is_empty())
        .map(|code| (code.to_owned(), at(code)))
        .collect();
    if codes.is_empty() {
        return invalid("the comment names no finding in its parentheses".to_owned());
    }
    for (name, span) in &codes {
        found.extend(trouble_with(name).map(|trouble| trouble.at(*span)));
    }
    let reason =
        reason.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—'));
    if reason.is_empty() && settings.reasons == Reasons::Required {
        let message = "the comment does not say why".to_owned();
        found.push(
            Diagnostic::new(Code::SUPPRESSION_WITHOUT_REASON, comment, message)
                .help("write the reason behind the parenthesis, for whoever reads this next"),
        );
    }
    let line = source.position(comment.start).line;
    let is_alone = source.line_text(line).trim_start().starts_with('#');
    let target = if is_alone { next_content(source, line) } else { source.line_span(line) };
    let holds_in = match reach {
        Reach::File => {
            Span::new(comment.source, 0, u32::try_from(source.text().len()).unwrap_or(u32::MAX))
        }
        Reach::Line => target,
        Reach::Block => block_at(document, source, target),
    };
    Some(Suppression { comment, codes, holds_in, reason: reason.to_owned() })
}

/// The next line below that has more than a comment.
fn next_content(source: &Source, line: u32) -> Span {
    let below = line + 1..=source.line_count();
    let mut lines = below.filter(|line| {
        let text = source.line_text(*line).trim_start();
        !text.is_empty() && !text.starts_with('#')
    });
    lines.next().map_or_else(|| source.line_span(line), |line| source.line_span(line))
}

/// The largest entry or item that begins on a line.
fn block_at(document: &Document, source: &Source, line: Span) -> Span {
    let text = &source.text()[line.start as usize..line.end as usize];
    let blanks = text.len() - text.trim_start().len();
    let begins = first_of(text, blanks, line.start);
    let tree = document.tree();
    let mut end = line.end;
    for (_, node) in tree.nodes() {
        match node.kind() {
            NodeKind::Mapping(mapping) => {
                for pair in mapping.pairs() {
                    if begins.contains(&tree.node(pair.key).span().start) {
                        end = end.max(tree.node(pair.value).span().end);
                    }
                }
            }
            NodeKind::Sequence(items) => {
                for item in items {
                    let span = tree.node(*item).span();
                    if begins.contains(&span.start) && text[blanks..].starts_with('-') {
                        end = end.max(span.end);
                    }
                }
            }
            NodeKind::Scalar(_) | NodeKind::Alias(_) => {}
        }
    }
    Span::new(line.source, line.start, end)
}

/// Where the first entry of a line may begin: at its first character, or behind its dashes.
fn first_of(text: &str, blanks: usize, line_start: u32) -> Range<u32> {
    let behind_dashes = text.len() - text.trim_start_matches([' ', '-']).len();
    let offset = |bytes: usize| line_start + u32::try_from(bytes).unwrap_or(0);
    offset(blanks)..offset(behind_dashes) + 1
}
