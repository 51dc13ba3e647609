//! Cases played one beside the other, each in a world of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::cassette::{Cassette, CassetteFile, Recordings};
use super::coverage::Coverage;
use super::find::find;
use super::judge::{Unmet, judge};
use super::script::{Others, Script};
use super::servers::{RealServers, Recorder};
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
use crate::language::diagnostic::{Code, Diagnostic, Severity, sort};
use crate::language::document::suggest::nearest;
use crate::language::document::{Body, Case, Document, Library, TestsDocument};
use crate::language::plan::{Compiled, Outlines, Plan, analyse, compile};
use crate::language::source::{SourceId, Span, child_pointer};
use crate::language::workers::{on_cores, on_threads};

/// What testing came to.
#[derive(Debug)]
pub struct Tested {
    /// The documents.
    pub library: Library,
    /// The files of tests, by their names.
    pub files: Vec<TestedFile>,
    /// Whether real servers were asked.
    pub is_recording: bool,
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
    /// The file in which answers were recorded, if any were.
    pub recorded: Option<String>,
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
    /// Whether what is not scripted was recorded before.
    pub is_recorded: bool,
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
/// a name, where some are given. With a recorder, real servers answer what is not scripted, and their
/// answers are kept beside the cases.
///
/// # Errors
/// When there are no such tests or cases, no server can be asked, recordings cannot be written, or the
/// engine contradicts itself.
pub fn run_tests(
    project: &Project,
    wanted: &[String],
    only: &[String],
    recorder: Option<Recorder<'_>>,
) -> Result<Tested, Failure> {
    let (library, meant) = find(project, wanted)?;
    let documents: Vec<&Document> =
        meant.iter().filter_map(|source| library.document_of(*source)).collect();
    check_names(&documents, only)?;
    let prepared =
        on_cores(&documents, |document| Prepared::of(&library, document, recorder.is_some()));
    let mut files: Vec<TestedFile> = Vec::new();
    let mut sound = Vec::new();
    for (document, prepared) in documents.iter().zip(prepared) {
        let mut file = TestedFile {
            file: file_name(&library, document.source()),
            pattern: pattern_of(document),
            faults: Vec::new(),
            cases: Vec::new(),
            coverage: Coverage::default(),
            recorded: None,
        };
        match prepared {
            Ok(prepared) => {
                file.coverage = Coverage::of(&prepared.compiled.plan);
                sound.push((files.len(), prepared));
            }
            Err(faults) => file.faults = faults,
        }
        files.push(file);
    }
    let mut servers = Vec::new();
    for (_, prepared) in &sound {
        servers.push(match recorder {
            Some(recorder) => Some(RealServers::open(recorder, project, &prepared.compiled)?),
            None => None,
        });
    }
    let jobs: Vec<Job<'_>> = sound
        .iter()
        .zip(&servers)
        .flat_map(|((place, prepared), servers)| prepared.jobs(*place, only, servers.as_ref()))
        .collect();
    let slots = servers.iter().flatten().map(|servers| servers.slots).max();
    let played = match slots {
        // Servers are waited for, not this machine.
        Some(slots) => on_threads(&jobs, slots.min(MOST_THREADS), Job::play),
        None => on_cores(&jobs, Job::play),
    };
    let mut new: Vec<BTreeMap<String, Recordings>> = vec![BTreeMap::new(); files.len()];
    for (job, played) in jobs.iter().zip(played) {
        let (tested, recordings) = played?;
        let has_all =
            tested.unmet.iter().all(|unmet| unmet.diagnostic.code != Code::OUTDATED_RECORDING);
        if has_all && !recordings.is_empty() {
            new[job.place].insert(tested.name.clone(), recordings);
        }
        files[job.place].coverage.add(&tested.played);
        files[job.place].cases.push(tested);
    }
    for ((place, prepared), servers) in sound.iter().zip(&servers) {
        if let Some(servers) = servers {
            let recordings = std::mem::take(&mut new[*place]);
            files[*place].recorded = prepared.keep(servers, recordings)?;
        }
    }
    files.retain(|file| !file.cases.is_empty() || !file.faults.is_empty());
    Ok(Tested { files, is_recording: recorder.is_some(), library })
}

/// So many threads wait for servers at most.
const MOST_THREADS: usize = 64;

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

/// The tests of a document, what they test, and what was recorded of them.
struct Prepared<'l> {
    document: &'l Document,
    tests: &'l TestsDocument,
    compiled: Compiled,
    plan: Arc<Plan>,
    file: CassetteFile,
    cassette: Option<Cassette>,
}

impl<'l> Prepared<'l> {
    /// Reads what belongs to a document of tests.
    ///
    /// # Errors
    /// Everything that is wrong with it, or with what it tests.
    fn of(
        library: &'l Library,
        document: &'l Document,
        is_recording: bool,
    ) -> Result<Prepared<'l>, Vec<Diagnostic>> {
        let outlines = Outlines::of(library);
        let mut found = analyse(&outlines, document).diagnostics;
        let of_document = |found: &&Diagnostic| found.primary.span.source == document.source();
        found.extend(library.diagnostics().iter().filter(of_document).cloned());
        found.retain(|found| found.severity == Severity::Error);
        sort(&mut found);
        let (true, Some(Body::Tests(tests))) = (found.is_empty(), document.body()) else {
            return Err(found);
        };
        // A document without a pattern has been complained of.
        let Some(tested) = library.orchestration(&tests.tests.pattern) else { return Err(found) };
        let compiled = compile(library, tested).map_err(|mut found| {
            found.retain(|found| found.severity == Severity::Error);
            found
        })?;
        let unreadable = |name: &str, reason: String| {
            let message = format!("{name} cannot be read: {reason}");
            let found = document.diagnostic(Code::UNREADABLE_FILE, "/tests", message);
            vec![found.help("`partita test --record` writes it anew")]
        };
        let name = file_name(library, document.source());
        let file = CassetteFile::beside(Path::new(&name))
            .map_err(|reason| unreadable("the file of recorded answers", reason))?;
        let cassette = match file.read() {
            Ok(cassette) => cassette,
            Err(_) if is_recording => None,
            Err(reason) => return Err(unreadable(&file.name(), reason)),
        };
        if is_recording && library.is_builtin(document) {
            let message = "answers of built-in cases cannot be recorded";
            let found = document.diagnostic(Code::UNREADABLE_FILE, "/tests", message);
            return Err(vec![found.help("copy the file into patterns/ of your project")]);
        }
        let plan = Arc::new(compiled.plan.clone());
        Ok(Prepared { document, tests, compiled, plan, file, cassette })
    }

    fn jobs<'j>(
        &'j self,
        place: usize,
        only: &[String],
        servers: Option<&'j RealServers<'j>>,
    ) -> Vec<Job<'j>> {
        let chosen = self.tests.cases.iter();
        let chosen = chosen.filter(|(name, _)| only.is_empty() || only.contains(name));
        chosen.map(|(name, case)| Job { place, prepared: self, name, case, servers }).collect()
    }

    /// Writes new recordings in the place of the old ones of these cases; those of cases that are no
    /// more are left out. The file's name, where there was something to write.
    fn keep(
        &self,
        servers: &RealServers<'_>,
        new: BTreeMap<String, Recordings>,
    ) -> Result<Option<String>, Failure> {
        if new.is_empty() {
            return Ok(None);
        }
        let mut kept = self
            .cassette
            .clone()
            .unwrap_or_else(|| Cassette::new(servers.model.clone(), servers.simulated));
        kept.model.clone_from(&servers.model);
        kept.simulated = servers.simulated;
        kept.cases.extend(new);
        kept.cases.retain(|name, _| self.tests.cases.contains_key(name));
        self.file.write(&kept)?;
        Ok(Some(self.file.name()))
    }
}

/// A case that is to be played.
struct Job<'j> {
    place: usize,
    prepared: &'j Prepared<'j>,
    name: &'j String,
    case: &'j Case,
    servers: Option<&'j RealServers<'j>>,
}

impl Job<'_> {
    /// Plays it; with what was recorded.
    fn play(&self) -> Result<(TestedCase, Recordings), Failure> {
        let Prepared { document, tests, compiled, plan, cassette, .. } = self.prepared;
        let Job { name, case, .. } = *self;
        let pointer = child_pointer("/cases", name);
        let inputs = self.inputs()?;
        let recorded = cassette
            .as_ref()
            .and_then(|cassette| Some((cassette.cases.get(name)?, cassette.model.as_str())));
        let (others, model) = match (self.servers, recorded) {
            (Some(servers), _) => (Others::Asked(servers), Some(servers.model.as_str())),
            (None, Some((recordings, model))) => (Others::Recorded(recordings, model), Some(model)),
            (None, None) => (Others::Invented, None),
        };
        let is_recorded = matches!(others, Others::Recorded(..));
        let script = Script::of(tests, case, plan, others);
        let world = world(tests, case, compiled, model);
        let contents = MemoryContents::default();
        let (rehearsal, status) = rehearsed(plan, world, &inputs, &contents, &script)?;
        let history = History::of_facts(Arc::clone(plan), rehearsal.facts());
        // A run that waits for a person has no next event either.
        let is_endless = status.is_none() && rehearsal.is_going_on();
        let asked = rehearsal.asked().to_vec();
        let facts = rehearsal.facts().to_vec();
        drop(rehearsal);
        let (unanswered, recordings) = script.into_parts();
        let played = Played { history, contents, asked, facts, is_endless };
        // What follows from answers that are not there says nothing.
        let unmet = match unanswered.first() {
            Some(first) => vec![first.unmet(document, &pointer, self.name, &tests.tests.pattern)],
            None => judge(document, &pointer, &case.expect, &played),
        };
        let tested = TestedCase {
            name: name.clone(),
            summary: case.summary.clone(),
            span: document.key_span(&pointer),
            unmet,
            played,
            is_recorded,
        };
        Ok((tested, recordings))
    }

    /// The inputs: the case's own, else those of all cases, else defaults and samples.
    fn inputs(&self) -> Result<Map<String, Value>, Failure> {
        let all: IndexMap<&String, &Value> =
            self.prepared.tests.inputs.iter().chain(&self.case.inputs).collect();
        let file = all.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let given = Given { file, single: Vec::new() };
        let sampled = Sampled::of(&given, self.prepared.plan.root());
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
