//! Findings: for people as annotated sources (miette's only home, with `snippet`), for machines as
//! JSON.

use std::collections::BTreeMap;
use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity as MietteSeverity, SourceSpan,
    ThemeCharacters, ThemeStyles,
};
use serde_json::{Value, json};

use super::snippet::Snippet;
use crate::language::diagnostic::{Diagnostic, Fix, Label, Safety, Severity};
use crate::language::source::{Position, SourceId, SourceMap, Span};

/// How findings are shown.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Whether text is coloured.
    pub colour: bool,
    /// How many columns there are.
    pub width: usize,
}

/// Findings with the parts of their sources that they are about.
pub fn diagnostics_text(sources: &SourceMap, found: &[Diagnostic], look: Look) -> String {
    let styles = if look.colour { ThemeStyles::ansi() } else { ThemeStyles::none() };
    let theme = GraphicalTheme { characters: ThemeCharacters::unicode(), styles };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_context_lines(1)
        .with_width(look.width.clamp(40, 160));
    let mut text = String::new();
    let mut snippets = Snippets { sources, made: BTreeMap::new() };
    for diagnostic in found {
        let shown = Shown::of(&mut snippets, diagnostic);
        // Writing into a string does not fail, and a place that miette cannot show is said below.
        if handler.render_report(&mut text, &shown).is_err() {
            text.push_str(&format!("{}: {}\n", place(sources, diagnostic.primary.span), shown));
        }
        text.push('\n');
    }
    text
}

/// Findings as the array of machine output.
pub fn diagnostics_json(sources: &SourceMap, found: &[Diagnostic]) -> Value {
    found.iter().map(|diagnostic| diagnostic_json(sources, diagnostic)).collect()
}

fn diagnostic_json(sources: &SourceMap, diagnostic: &Diagnostic) -> Value {
    let mut object = place_json(sources, diagnostic.primary.span);
    let related: Vec<Value> = diagnostic
        .related
        .iter()
        .map(|label| {
            let mut place = place_json(sources, label.span);
            place["message"] = label.text.clone().into();
            place
        })
        .collect();
    object["code"] = diagnostic.code.as_str().into();
    object["severity"] = diagnostic.severity.as_str().into();
    object["message"] = diagnostic.message.clone().into();
    object["help"] = diagnostic.help.clone().into();
    object["related"] = related.into();
    object["confidence"] = diagnostic.confidence.as_str().into();
    object["fixable"] = diagnostic.fix.is_some().into();
    object["fix"] = diagnostic.fix.as_ref().map(|fix| fix_json(sources, fix)).into();
    object
}

fn fix_json(sources: &SourceMap, fix: &Fix) -> Value {
    let edits = fix.edits.iter().map(|edit| {
        let mut place = place_json(sources, edit.span);
        place["replacement"] = edit.replacement.clone().into();
        place
    });
    json!({
        "title": fix.title,
        "safety": fix.safety.as_str(),
        "edits": edits.collect::<Vec<_>>(),
    })
}

/// Where something stands: lines and columns count from 1, columns in characters.
pub(super) struct Place<'s> {
    pub(super) file: &'s str,
    pub(super) start: Position,
    pub(super) end: Position,
}

impl Place<'_> {
    pub(super) fn of(sources: &SourceMap, span: Span) -> Option<Place<'_>> {
        let source = sources.get(span.source)?;
        let (start, end) = (source.position(span.start), source.position(span.end));
        Some(Place { file: source.name(), start, end })
    }
}

fn place_json(sources: &SourceMap, span: Span) -> Value {
    let Some(Place { file, start, end }) = Place::of(sources, span) else {
        return json!({});
    };
    json!({
        "file": file,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    })
}

fn place(sources: &SourceMap, span: Span) -> String {
    Place::of(sources, span).map_or_else(String::new, |Place { file, start, .. }| {
        format!("{file}:{}:{}", start.line, start.column)
    })
}

/// A finding as miette takes it.
#[derive(Debug)]
struct Shown {
    code: &'static str,
    severity: MietteSeverity,
    message: String,
    help: Option<String>,
    labels: Vec<LabeledSpan>,
    source: Option<Snippet>,
    /// Places in other files, each a finding of its own below this one.
    elsewhere: Vec<Shown>,
}

/// The snippets of the sources that have been shown.
struct Snippets<'s> {
    sources: &'s SourceMap,
    made: BTreeMap<SourceId, Snippet>,
}

impl Snippets<'_> {
    fn of(&mut self, source: SourceId) -> Option<Snippet> {
        if !self.made.contains_key(&source) {
            self.made.insert(source, Snippet::of(self.sources.get(source)?));
        }
        self.made.get(&source).cloned()
    }

    fn underlined(&mut self, span: Span) -> SourceSpan {
        self.of(span.source).map_or((0, 0).into(), |snippet| snippet.underlined(span))
    }
}

impl Shown {
    fn of(snippets: &mut Snippets<'_>, diagnostic: &Diagnostic) -> Shown {
        let home = diagnostic.primary.span.source;
        let (here, elsewhere): (Vec<&Label>, Vec<&Label>) =
            diagnostic.related.iter().partition(|label| label.span.source == home);
        let primary = &diagnostic.primary;
        let mut labels = vec![LabeledSpan::new_primary_with_span(
            Some(primary.text.clone()).filter(|text| !text.is_empty()),
            snippets.underlined(primary.span),
        )];
        labels.extend(here.iter().map(|label| {
            LabeledSpan::new_with_span(Some(label.text.clone()), snippets.underlined(label.span))
        }));
        let elsewhere = elsewhere.into_iter().map(|label| Shown {
            code: "",
            severity: MietteSeverity::Advice,
            message: label.text.clone(),
            help: None,
            labels: vec![LabeledSpan::new_primary_with_span(None, snippets.underlined(label.span))],
            source: snippets.of(label.span.source),
            elsewhere: Vec::new(),
        });
        let elsewhere = elsewhere.collect();
        Shown {
            code: diagnostic.code.as_str(),
            severity: match diagnostic.severity {
                Severity::Error => MietteSeverity::Error,
                Severity::Warning => MietteSeverity::Warning,
                Severity::Info => MietteSeverity::Advice,
            },
            message: diagnostic.message.clone(),
            help: help_with_fix(diagnostic),
            labels,
            source: snippets.of(home),
            elsewhere,
        }
    }
}

/// What to do, and whether a flag does it.
fn help_with_fix(diagnostic: &Diagnostic) -> Option<String> {
    let fix = diagnostic.fix.as_ref().map(|fix| match fix.safety {
        Safety::Safe => format!("--fix: {}", fix.title),
        Safety::Unsafe => format!("--fix=all: {}", fix.title),
    });
    match (&diagnostic.help, fix) {
        (Some(help), Some(fix)) => Some(format!("{help}\n{fix}")),
        (help, fix) => help.clone().or(fix),
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.code.is_empty()).then(|| Box::new(self.code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<MietteSeverity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        if self.elsewhere.is_empty() {
            return None;
        }
        Some(Box::new(self.elsewhere.iter().map(|shown| shown as &dyn miette::Diagnostic)))
    }
}

/// What a finding says in one line, with its place: for logs and for places without sources.
pub fn diagnostic_line(sources: &SourceMap, diagnostic: &Diagnostic) -> String {
    let Diagnostic { code, severity, message, .. } = diagnostic;
    let place = place(sources, diagnostic.primary.span);
    format!("{place}: {}: {message} [{code}]", severity.as_str())
}
