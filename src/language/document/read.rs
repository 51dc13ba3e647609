//! From a source to a document: its tree, its kind, what its schema says of it, its typed form.

use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::conformance::{self, Anchor, Finding};
use super::kind::{KindProblem, looks_like_ours};
use super::simulation::SimulationDocument;
use super::{
    ClusterDocument, DocumentKind, ImportsDocument, LibraryIndex, LintDocument, PatternDocument,
    PipelineDocument, TeamDocument, TestsDocument, VocabularyDocument,
};
use crate::language::diagnostic::{Code, Diagnostic, Findings, Fix, sort};
use crate::language::source::{
    self, Alignment, Edit, NodeId, NodeKind, Source, SourceId, Span, SyntaxError, SyntaxErrorKind,
    Tree, child_pointer,
};

/// A document that has been read. It may be faulty: then it has no body, but its value and its
/// places serve to find what else is wrong with it.
#[derive(Debug)]
pub struct Document {
    source: SourceId,
    kind: DocumentKind,
    tree: Tree,
    value: Value,
    body: Option<Body>,
}

/// The typed form of a document that conforms to its schema.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A pattern.
    Pattern(Box<PatternDocument>),
    /// A pipeline.
    Pipeline(Box<PipelineDocument>),
    /// A cluster.
    Cluster(ClusterDocument),
    /// A simulation profile.
    Simulation(SimulationDocument),
    /// A team.
    Team(TeamDocument),
    /// A library index.
    LibraryIndex(LibraryIndex),
    /// Lint settings.
    Lint(LintDocument),
    /// Tests.
    Tests(Box<TestsDocument>),
    /// Imports.
    Imports(ImportsDocument),
    /// Of the advisor's words.
    Vocabulary(Box<VocabularyDocument>),
}

/// How a file came to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// It was named: whatever is not a document is a mistake.
    Named,
    /// It lay in a folder that was searched: YAML files of others are passed over.
    Found,
}

/// What became of a source.
#[derive(Debug)]
pub struct Outcome {
    /// The document, unless there is none to speak of.
    pub document: Option<Document>,
    /// What is wrong with it by itself.
    pub diagnostics: Vec<Diagnostic>,
}

impl Document {
    /// Reads a source.
    pub fn read(source: &Source, expectation: Expectation) -> Outcome {
        let parsed = source::parse(source);
        let mut diagnostics: Vec<Diagnostic> = parsed
            .errors
            .iter()
            .map(|error| {
                let code = Code::of_syntax(error.code());
                let mut diagnostic = Diagnostic::new(code, error.span, error.to_string());
                for (span, text) in &error.related {
                    diagnostic = diagnostic.related(*span, text.clone());
                }
                diagnostic.maybe_help(error.help()).maybe_fix(quoting(source, error))
            })
            .collect();
        let is_searched = expectation == Expectation::Found;
        if parsed.tree.is_none() && is_searched && !mentions_a_kind(source.text()) {
            diagnostics.clear();
        }
        let document = parsed.tree.and_then(|tree| {
            let value = tree.to_json();
            let of_syntax = diagnostics.len();
            let kind = kind_of(source, &tree, &value, expectation, &mut diagnostics);
            if kind.is_none() && is_searched && diagnostics.len() == of_syntax {
                // What is wrong with other people's files is not our business.
                diagnostics.clear();
            }
            let kind = kind?;
            let mut document = Document { source: source.id(), kind, tree, value, body: None };
            let (findings, more) = conformance::findings(kind, &document.value);
            // Where the parser has mended a mistake, the schema may stumble over the mending.
            let mended: Vec<Span> = diagnostics.iter().map(|found| found.primary.span).collect();
            let explained = findings.iter().map(|finding| document.explain(finding));
            let mut kept = Findings::default();
            kept.extend(explained.filter(|found| {
                let span = found.primary.span;
                !mended.iter().any(|place| span.contains(*place) || place.contains(span))
            }));
            let end = source.text().len();
            kept.count_more(more, Span::empty(source.id(), u32::try_from(end).unwrap_or(u32::MAX)));
            diagnostics.extend(kept.finish());
            if findings.is_empty() {
                match Body::of(kind, &document.value) {
                    Ok(body) => document.body = Some(body),
                    Err(error) => diagnostics.push(
                        document
                            .diagnostic(Code::INTERNAL_ERROR, "", format!("{error}"))
                            .help("please report this: the schema allows what the types do not"),
                    ),
                }
            }
            Some(document)
        });
        sort(&mut diagnostics);
        Outcome { document, diagnostics }
    }

    /// Which source it was read from.
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// Its text as a tree.
    pub(in crate::language) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// How long its text is, in bytes.
    pub(in crate::language) fn text_bytes(&self) -> usize {
        self.tree.text_bytes()
    }

    /// What kind of document it is.
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// Its content as JSON.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Its typed form, if it conforms to its schema.
    pub fn body(&self) -> Option<&Body> {
        self.body.as_ref()
    }

    /// The name it gives itself.
    pub fn name(&self) -> Option<&str> {
        let header = self.value.get(self.kind.as_str())?;
        header.get("name")?.as_str()
    }

    /// The place of the value at a JSON pointer, or of the nearest thing around it.
    pub fn span(&self, pointer: &str) -> Span {
        self.tree.locate_nearest(pointer).location.underline
    }

    /// The place of the key under which the value at a JSON pointer stands, or of the value where
    /// it has none.
    pub fn key_span(&self, pointer: &str) -> Span {
        let location = self.tree.locate_nearest(pointer).location;
        location.key.unwrap_or(location.value)
    }

    /// The place of a part of a text, given in bytes of the decoded text.
    pub fn part_span(&self, pointer: &str, range: Range<usize>) -> Span {
        let alignment = self.alignment(pointer);
        alignment.and_then(|found| found.span(range)).unwrap_or_else(|| self.span(pointer))
    }

    /// How the text at a JSON pointer lies in the source: for whoever asks for many of its parts.
    pub(in crate::language) fn alignment(&self, pointer: &str) -> Option<Alignment> {
        self.tree.alignment(self.tree.node_at(pointer)?)
    }

    /// The place of the text at a JSON pointer without the quotes around it; the place of the
    /// value where it is no text.
    pub fn text_span(&self, pointer: &str) -> Span {
        let node = self.tree.node_at(pointer);
        node.and_then(|node| self.inside(node)).unwrap_or_else(|| self.span(pointer))
    }

    /// The place of the key at a JSON pointer without the quotes around it.
    pub fn key_text_span(&self, pointer: &str) -> Span {
        let node = self.tree.key_node_at(pointer);
        node.and_then(|node| self.inside(node)).unwrap_or_else(|| self.key_span(pointer))
    }

    fn inside(&self, node: NodeId) -> Option<Span> {
        let text = self.tree.scalar(node)?.text();
        self.tree.align(node, 0..text.len())
    }

    /// A finding about the value at a JSON pointer, with the aliases that lead there.
    pub fn diagnostic(&self, code: Code, pointer: &str, message: impl Into<String>) -> Diagnostic {
        self.with_aliases(pointer, Diagnostic::new(code, self.span(pointer), message))
    }

    /// A finding about the key at a JSON pointer.
    pub fn key_diagnostic(
        &self,
        code: Code,
        pointer: &str,
        message: impl Into<String>,
    ) -> Diagnostic {
        self.with_aliases(pointer, Diagnostic::new(code, self.key_span(pointer), message))
    }

    /// A finding about a part of the text at a JSON pointer.
    pub fn part_diagnostic(
        &self,
        code: Code,
        pointer: &str,
        range: Range<usize>,
        message: impl Into<String>,
    ) -> Diagnostic {
        let span = self.part_span(pointer, range);
        self.with_aliases(pointer, Diagnostic::new(code, span, message))
    }

    /// Writes another scalar in the place of the one at a JSON pointer; `text` is YAML. As of the
    /// other edits, there is none where other parts of the document would change with it.
    pub fn replace_value(&self, pointer: &str, text: &str) -> Option<Edit> {
        self.tree.replace_value(pointer, text)
    }

    /// Writes another key in front of the value at a JSON pointer; `text` is YAML.
    pub fn rename_key(&self, pointer: &str, text: &str) -> Option<Edit> {
        self.tree.rename_key(pointer, text)
    }

    /// Removes the entry or item at a JSON pointer, and the collection around it where nothing else
    /// is in there.
    pub fn remove_entry(&self, pointer: &str) -> Option<Edit> {
        self.tree.remove(pointer)
    }

    /// Adds an entry to the mapping at a JSON pointer; `key` and `value` are YAML on a line.
    pub fn insert_entry(&self, pointer: &str, key: &str, value: &str) -> Option<Edit> {
        self.tree.insert_entry(pointer, key, value)
    }

    fn with_aliases(&self, pointer: &str, diagnostic: Diagnostic) -> Diagnostic {
        let aliases = self.tree.locate_nearest(pointer).location.aliases;
        aliases.into_iter().fold(diagnostic, |diagnostic, alias| {
            diagnostic.related(alias, "it comes in through this alias")
        })
    }

    /// The key under which the value at a JSON pointer stands. What has none, the document itself
    /// and the items of lists, begins with a key of its own: better than all of it.
    fn own_key_span(&self, pointer: &str) -> Span {
        let location = self.tree.locate_nearest(pointer).location;
        let of_document = || {
            let kind = self
                .tree
                .locate(&child_pointer("", self.kind.as_str()))
                .filter(|_| pointer.is_empty());
            kind.and_then(|kind| kind.key)
        };
        let first = || match self.tree.node(self.tree.node_at(pointer)?).kind() {
            NodeKind::Mapping(mapping) => {
                mapping.pairs().first().map(|pair| self.tree.node(pair.key).span())
            }
            _ => None,
        };
        location.key.or_else(of_document).or_else(first).unwrap_or(location.value)
    }

    fn explain(&self, finding: &Finding) -> Diagnostic {
        let Finding { pointer, anchor, code, message, help, repair } = finding;
        let diagnostic = match anchor {
            Anchor::Value => self.diagnostic(*code, pointer, message),
            Anchor::OwnKey => self
                .with_aliases(pointer, Diagnostic::new(*code, self.own_key_span(pointer), message)),
            Anchor::Key(key) => self.key_diagnostic(*code, &child_pointer(pointer, key), message),
        };
        let mended = match anchor {
            Anchor::Value | Anchor::OwnKey => pointer.clone(),
            Anchor::Key(key) => child_pointer(pointer, key),
        };
        let fix = repair.as_ref().and_then(|repair| self.fix_of(repair, &mended));
        diagnostic.maybe_help(help.clone()).maybe_fix(fix)
    }
}

/// The quotes that a template lacks.
fn quoting(source: &Source, error: &SyntaxError) -> Option<Fix> {
    let span = error.span;
    let text = source.text().get(span.start as usize..span.end as usize)?;
    let is_template = error.kind == SyntaxErrorKind::UnquotedTemplate && !text.contains('\n');
    let mark = ['"', '\''].into_iter().find(|mark| !text.contains([*mark, '\\']))?;
    is_template.then(|| {
        let marks = |place: fn(Span, String) -> Edit| place(span, mark.to_string());
        let edits = vec![marks(Edit::insert_before), marks(Edit::insert_after)];
        Fix::safe("put quotes around it", edits)
    })
}

impl Body {
    fn of(kind: DocumentKind, value: &Value) -> Result<Body, serde_json::Error> {
        fn read<T: DeserializeOwned>(value: &Value) -> Result<T, serde_json::Error> {
            // Keys that begin with `x-` hold anchors and mean nothing by themselves.
            let anchors = |key: &String| key.starts_with("x-");
            match value {
                Value::Object(map) if map.keys().any(anchors) => {
                    let kept: Map<String, Value> = map
                        .iter()
                        .filter(|(key, _)| !anchors(key))
                        .map(|(key, value)| (key.clone(), value.clone()))
                        .collect();
                    T::deserialize(Value::Object(kept))
                }
                other => T::deserialize(other),
            }
        }
        Ok(match kind {
            DocumentKind::Pattern => Body::Pattern(read(value)?),
            DocumentKind::Pipeline => Body::Pipeline(read(value)?),
            DocumentKind::Cluster => Body::Cluster(read(value)?),
            DocumentKind::Simulation => Body::Simulation(read(value)?),
            DocumentKind::Team => Body::Team(read(value)?),
            DocumentKind::LibraryIndex => Body::LibraryIndex(read(value)?),
            DocumentKind::Lint => Body::Lint(read(value)?),
            DocumentKind::Tests => Body::Tests(Box::new(read(value)?)),
            DocumentKind::Imports => Body::Imports(read(value)?),
            DocumentKind::Vocabulary => Body::Vocabulary(Box::new(read(value)?)),
        })
    }
}

fn kind_of(
    source: &Source,
    tree: &Tree,
    value: &Value,
    expectation: Expectation,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<DocumentKind> {
    let start = beginning(source, tree);
    let keys = "one of `pattern`, `pipeline`, `team`, `cluster`, `simulation`, `lint`, `tests`, \
        `imports`, `vocabulary`, or a library index whose keys end in `_patterns`";
    let Value::Object(map) = value else {
        if expectation == Expectation::Named {
            let message = "a document is a mapping, this is not";
            let help = format!("the top-level key says what it is: {keys}");
            diagnostics.push(Diagnostic::new(Code::UNKNOWN_KIND, start, message).help(help));
        }
        return None;
    };
    match DocumentKind::detect(map) {
        Ok(kind) => Some(kind),
        Err(KindProblem::Several(first, second)) => {
            let place = tree.locate_nearest(&child_pointer("", second)).location;
            let other = tree.locate_nearest(&child_pointer("", first)).location;
            let message = format!("`{first}` and `{second}` in one document");
            diagnostics.push(
                Diagnostic::new(Code::SEVERAL_KINDS, place.key.unwrap_or(place.value), message)
                    .related(other.key.unwrap_or(other.value), "the first is here")
                    .help("make a file of each"),
            );
            None
        }
        Err(KindProblem::Unknown(meant)) => {
            if expectation == Expectation::Found && !looks_like_ours(map) {
                return None;
            }
            let diagnostic = match meant {
                Some((key, near)) => {
                    let place = tree.locate_nearest(&child_pointer("", &key)).location;
                    let span = place.key.unwrap_or(place.value);
                    Diagnostic::new(Code::UNKNOWN_KIND, span, format!("unknown kind `{key}`"))
                        .help(format!("did you mean `{near}`?"))
                }
                None => Diagnostic::new(
                    Code::UNKNOWN_KIND,
                    start,
                    "no top-level key says what kind of document this is",
                )
                .help(format!("it needs {keys}")),
            };
            diagnostics.push(diagnostic);
            None
        }
    }
}

/// Whether a text that cannot be read as YAML was probably meant to be a document of ours.
fn mentions_a_kind(text: &str) -> bool {
    let is_kind = |key: &str| {
        key.ends_with("_patterns") || DocumentKind::ALL.iter().any(|kind| kind.as_str() == key)
    };
    text.lines().filter_map(|line| line.split_once(':')).any(|(key, _)| is_kind(key))
}

/// The first key of a mapping; of anything else the first line.
fn beginning(source: &Source, tree: &Tree) -> Span {
    let root = tree.node(tree.root());
    if let NodeKind::Mapping(mapping) = root.kind()
        && let Some(first) = mapping.pairs().first()
    {
        return tree.node(first.key).span();
    }
    let span = root.span();
    let line = source.line_span(source.position(span.start).line);
    Span { end: span.end.min(line.end), ..span }
}
