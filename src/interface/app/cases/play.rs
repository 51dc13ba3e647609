//! Cases played one beside the other, each in a world of its own.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::coverage::Coverage;
use super::find::find;
use super::judge::{Unmet, judge};
use super::script::Script;
use super::world::world;
use crate::engine::Recorded;
use crate::engine::content::MemoryContents;
use crate::engine::simulation::Asked;
use crate::insight::History;
use crate::interface::app::failure::{Failure, FailureKind};
use crate::interface::app::given::Given;
use crate::interface::app::project::Project;
use crate::interface::app::rehearsed::rehearsed;
use crate::interface::app::samples::Sampled;
use crate::language::diagnostic::{Diagnostic, Severity, sort};
use crate::language::document::suggest::nearest;
use crate::language::document::{Body, Case, Document, Library, TestsDocument};
use crate::language::plan::{Compiled, Outlines, analyse, compile};
use crate::language::source::{SourceId, Span, child_pointer};
use crate::language::workers::in_parallel;

/// What testing came to.
#[derive(Debug)]
pub struct Tested {
    /// The documents.
    pub library: Library,
    /// The files of tests, by their names.
    pub files: Vec<TestedFile>,
}

/// What came of the cases of a file.
#[derive(Debug)]
pub struct TestedFile {
    /// The file's name.
    pub file: String,
    /// The name of what it tests.
    pub pattern: String,
    /// Why its cases could not be run; nothing was then.
    pub faults: Vec<Diagnostic>,
    /// Its cases in the author's order.
    pub cases: Vec<TestedCase>,
    /// What of the pattern its cases have met.
    pub coverage: Coverage,
}

/// What came of a case.
#[derive(Debug)]
pub struct TestedCase {
    /// Its name.
    pub name: String,
    /// What it shows.
    pub summary: Option<String>,
    /// Where it is written.
    pub span: Span,
    /// What is not as expected.
    pub unmet: Vec<Unmet>,
    /// The run.
    pub played: Played,
}

/// A run in virtual time that is over.
#[derive(Debug)]
pub struct Played {
    /// What happened.
    pub history: History,
    /// Its contents.
    pub contents: MemoryContents,
    /// The requests that servers got.
    pub asked: Vec<Asked>,
    /// The facts of it.
    pub facts: Vec<Recorded>,
    /// Whether something would still happen: it was left where it was.
    pub is_endless: bool,
}

impl Tested {
    /// All cases.
    pub fn cases(&self) -> impl Iterator<Item = &TestedCase> {
        self.files.iter().flat_map(|file| &file.cases)
    }

    /// Whether everything has come out as expected.
    pub fn has_passed(&self) -> bool {
        self.files.iter().all(|file| file.faults.is_empty())
            && self.cases().all(TestedCase::has_passed)
    }
}

impl TestedCase {
    /// Whether everything has come out as expected.
    pub fn has_passed(&self) -> bool {
        self.unmet.is_empty()
    }
}

/// Plays the cases of patterns, files or folders, or all of the project; of these only the ones with
/// a name, where some are given.
///
/// # Errors
/// When there are no such tests or cases, or the engine contradicts itself.
pub fn run_tests(project: &Project, wanted: &[String], only: &[String]) -> Result<Tested, Failure> {
    let (library, meant) = find(project, wanted)?;
    let documents: Vec<&Document> =
        meant.iter().filter_map(|source| library.document_of(*source)).collect();
    check_names(&documents, only)?;
    let mut files = Vec::new();
    let mut jobs = Vec::new();
    let prepared = in_parallel(&documents, |document| prepare(&library, document));
    for (document, prepared) in documents.iter().zip(prepared) {
        let file = TestedFile {
            file: file_name(&library, document.source()),
            pattern: pattern_of(document),
            faults: Vec::new(),
            cases: Vec::new(),
            coverage: Coverage::default(),
        };
        match prepared {
            Ok((tests, compiled)) => {
                let place = files.len();
                let plan = Arc::new(compiled.plan.clone());
                let compiled = Arc::new(compiled);
                let coverage = Coverage::of(&plan);
                files.push(TestedFile { coverage, ..file });
                let chosen = tests.cases.iter();
                let chosen = chosen.filter(|(name, _)| only.is_empty() || only.contains(name));
                jobs.extend(chosen.map(|(name, case)| Job {
                    place,
                    document,
                    tests,
                    name,
                    case,
                    compiled: Arc::clone(&compiled),
                }));
            }
            Err(faults) => files.push(TestedFile { faults, ..file }),
        }
    }
    let played = in_parallel(&jobs, |job| (job.place, job.play()));
    for (place, tested) in played {
        let tested = tested?;
        files[place].coverage.add(&tested.played);
        files[place].cases.push(tested);
    }
    files.retain(|file| !file.cases.is_empty() || !file.faults.is_empty());
    Ok(Tested { files, library })
}

/// That every name is that of a case.
fn check_names(documents: &[&Document], only: &[String]) -> Result<(), Failure> {
    let cases = documents.iter().filter_map(|document| document.value().get("cases")?.as_object());
    let names: Vec<&str> = cases.flat_map(Map::keys).map(String::as_str).collect();
    match only.iter().find(|name| !names.contains(&name.as_str())) {
        None => Ok(()),
        Some(unknown) => {
            let failure = Failure::new(FailureKind::Usage, format!("there is no case `{unknown}`"));
            Err(match nearest(unknown, names.iter().copied()) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint(format!("the cases are {}", names.join(", "))),
            })
        }
    }
}

/// The tests of a document and what they test, or everything that is wrong with either.
fn prepare<'l>(
    library: &'l Library,
    document: &'l Document,
) -> Result<(&'l TestsDocument, Compiled), Vec<Diagnostic>> {
    let outlines = Outlines::of(library);
    let mut found = analyse(&outlines, document).diagnostics;
    let of_document = |found: &&Diagnostic| found.primary.span.source == document.source();
    found.extend(library.diagnostics().iter().filter(of_document).cloned());
    found.retain(|found| found.severity == Severity::Error);
    sort(&mut found);
    let (true, Some(Body::Tests(tests))) = (found.is_empty(), document.body()) else {
        return Err(found);
    };
    let tested = library.orchestration(&tests.tests.pattern);
    let compiled = tested.map(|tested| compile(library, tested));
    match compiled {
        Some(Ok(compiled)) => Ok((tests, compiled)),
        Some(Err(mut found)) => {
            found.retain(|found| found.severity == Severity::Error);
            Err(found)
        }
        // A document without a pattern has been complained of.
        None => Err(found),
    }
}

/// A case that is to be played.
struct Job<'l> {
    place: usize,
    document: &'l Document,
    tests: &'l TestsDocument,
    name: &'l String,
    case: &'l Case,
    compiled: Arc<Compiled>,
}

impl Job<'_> {
    fn play(&self) -> Result<TestedCase, Failure> {
        let Job { document, tests, name, case, .. } = *self;
        let pointer = child_pointer("/cases", name);
        let plan = Arc::new(self.compiled.plan.clone());
        let inputs = self.inputs()?;
        let contents = MemoryContents::default();
        let script = Script::of(tests, case, &plan);
        let world = world(tests, case, &self.compiled, None);
        let (rehearsal, status) = rehearsed(&plan, world, &inputs, &contents, &script)?;
        let history = History::of_facts(plan, rehearsal.facts());
        // A run that waits for a person has no next event either.
        let is_endless = status.is_none() && rehearsal.is_going_on();
        let asked = rehearsal.asked().to_vec();
        let facts = rehearsal.facts().to_vec();
        drop(rehearsal);
        let played = Played { history, contents, asked, facts, is_endless };
        Ok(TestedCase {
            name: name.clone(),
            summary: case.summary.clone(),
            span: document.key_span(&pointer),
            unmet: judge(document, &pointer, &case.expect, &played),
            played,
        })
    }

    /// The inputs: the case's own, else those of all cases, else defaults and samples.
    fn inputs(&self) -> Result<Map<String, Value>, Failure> {
        let all: IndexMap<&String, &Value> =
            self.tests.inputs.iter().chain(&self.case.inputs).collect();
        let file = all.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let given = Given { file, single: Vec::new() };
        let sampled = Sampled::of(&given, self.compiled.plan.root());
        sampled.map(|sampled| sampled.inputs).map_err(|failure| {
            let message = format!("case `{}`: {}", self.name, failure.message);
            Failure { message, ..failure }
        })
    }
}

fn file_name(library: &Library, source: SourceId) -> String {
    library.sources().get(source).map(|source| source.name().to_owned()).unwrap_or_default()
}

fn pattern_of(document: &Document) -> String {
    let name = document.value().pointer("/tests/pattern").and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}
