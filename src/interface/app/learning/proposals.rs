//! Patterns that are proposed of repeated runs of a user's own documents.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::block_yaml::document_text;
use super::stored::{change, folded};
use crate::engine::Time;
use crate::insight::learning::{Common, Experiences, LearningFact, common, prompts, shape};
use crate::interface::app::failure::{Failure, FailureKind};
use crate::interface::app::project::Project;
use crate::interface::app::starting::{Draft, Fate, check_draft, place_at};
use crate::language::document::{Document, DocumentKind, Library};
use crate::language::plan::{Plan, compile};
use crate::runtime::journal::{Journal, JournalError, RunRecord};

/// From fewer runs nothing is proposed.
const FEWEST_RUNS: usize = 3;

/// So many runs are looked at, the newest.
const MOST_RUNS: usize = 300;

/// So many texts of one shape are compared.
const MOST_TEXTS: usize = 12;

/// So many requests are handed to a pattern that it would be right for.
const MOST_REQUESTS: usize = 12;

/// A pattern that is proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The document, which is without fault.
    pub draft: Draft,
    /// The runs of which it was made, the newest first.
    pub runs: Vec<String>,
    /// Their names.
    pub names: Vec<String>,
    /// Its new inputs, with the value of each run.
    pub inputs: Vec<(String, Vec<(String, String)>)>,
}

/// What was found in a journal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Proposals {
    /// Patterns that are proposed.
    pub proposals: Vec<Proposal>,
    /// Groups of runs of which none is, with the reason.
    pub left_out: Vec<(Vec<String>, String)>,
}

/// Runs of one plan.
struct Version {
    plan: Arc<Plan>,
    runs: Vec<String>,
}

/// Runs of one shape.
struct Group {
    shape: Value,
    versions: Vec<Version>,
}

/// The patterns that repeated runs of a user's own documents would be. `path` is where one would be written, if that
/// is known; nothing is written.
///
/// # Errors
/// When the journal cannot be read.
pub fn propose_patterns(
    project: &Project,
    journal: &Path,
    (name, path): (Option<&str>, Option<&Path>),
) -> Result<Proposals, Failure> {
    let mut found = Proposals::default();
    let Some(journal) = Journal::open_existing(journal)? else { return Ok(found) };
    let known = folded(&journal)?;
    let library = project.library_with_imports().with_builtins();
    let own = own_plans(&library);
    for group in groups(&journal, &library)? {
        let runs: Vec<String> =
            group.versions.iter().flat_map(|version| version.runs.iter().cloned()).collect();
        let is_accepted =
            |(_, accepted): &(String, Vec<String>)| runs.iter().all(|run| accepted.contains(run));
        if runs.len() < FEWEST_RUNS || known.accepted.iter().any(is_accepted) {
            continue;
        }
        let wanted = Wanted { project, library: &library, name, path, known: &known };
        match wanted.proposal(&group, &own, runs.clone()) {
            Ok(Some(proposal)) => found.proposals.push(proposal),
            Ok(None) => {}
            Err(reason) => found.left_out.push((runs, reason)),
        }
    }
    Ok(found)
}

/// Writes a proposed pattern, and remembers that somebody wanted it.
///
/// # Errors
/// When something is there already, or it cannot be written.
pub fn accept_proposal(
    journal: &Path,
    proposal: &Proposal,
    by: &str,
    now: Time,
) -> Result<(), Failure> {
    let path = &proposal.draft.path;
    if place_at(path, &proposal.draft.text)? == Fate::Kept {
        let message = format!("{} is there already", path.display());
        return Err(
            Failure::new(FailureKind::Usage, message).hint("name another file with --write")
        );
    }
    let fact = LearningFact::ProposalAccepted {
        pattern: proposal.draft.name.clone(),
        file: path.display().to_string(),
        runs: proposal.runs.clone(),
        by: by.to_owned(),
    };
    let mut journal = Journal::open(journal)?;
    let stored = journal.change_learning(now, |_| Ok::<_, JournalError>(change(&[fact])))?;
    stored?;
    Ok(())
}

/// The documents of a project with their plans, as far as they have one.
fn own_plans(library: &Library) -> Vec<(&Document, Plan)> {
    let documents = library.project_documents().filter(|document| {
        library.is_own(document)
            && matches!(document.kind(), DocumentKind::Pattern | DocumentKind::Pipeline)
    });
    documents
        .filter_map(|document| Some((document, compile(library, document).ok()?.plan)))
        .collect()
}

/// Runs of documents that are neither built in nor imported, by their shape. Rehearsals are no work that is repeated.
fn groups(journal: &Journal, library: &Library) -> Result<Vec<Group>, Failure> {
    let others: BTreeSet<&str> = library
        .documents()
        .filter(|document| library.is_builtin(document) || library.is_imported(document))
        .filter_map(|document| {
            document.value().get(document.kind().as_str())?.get("name")?.as_str()
        })
        .collect();
    let is_ad_hoc =
        |run: &RunRecord| !run.simulated && run.is_over() && !others.contains(run.name.as_str());
    let mut groups: Vec<Group> = Vec::new();
    for run in journal.runs()?.into_iter().filter(is_ad_hoc).take(MOST_RUNS) {
        // What cannot be read is no repeated work that anybody could learn of.
        let Ok(plan) = journal.plan(&run) else { continue };
        let id = run.id.to_string();
        let shape = shape(&plan, &[]);
        let Some(group) = groups.iter_mut().find(|group| group.shape == shape) else {
            groups.push(Group { shape, versions: vec![Version { plan, runs: vec![id] }] });
            continue;
        };
        let same = |version: &&mut Version| prompts(&version.plan) == prompts(&plan);
        match group.versions.iter_mut().find(same) {
            Some(version) => version.runs.push(id),
            None => group.versions.push(Version { plan, runs: vec![id] }),
        }
    }
    Ok(groups)
}

/// What a proposal is to be like.
struct Wanted<'a> {
    project: &'a Project,
    library: &'a Library,
    name: Option<&'a str>,
    path: Option<&'a Path>,
    known: &'a Experiences,
}

impl Wanted<'_> {
    /// The pattern of a group; nothing where there is only one text of it, and the reason where none can be made.
    fn proposal(
        &self,
        group: &Group,
        own: &[(&Document, Plan)],
        runs: Vec<String>,
    ) -> Result<Option<Proposal>, String> {
        let versions: Vec<&Version> = group.versions.iter().take(MOST_TEXTS).collect();
        if versions.len() < 2 {
            return Ok(None);
        }
        let plans: Vec<&Plan> = versions.iter().map(|version| version.plan.as_ref()).collect();
        let base = plans.iter().find_map(|plan| own.iter().find(|(_, own)| own == *plan));
        let (document, _) =
            base.ok_or("none of their documents is as it was when they were run")?;
        let inputs: Vec<&str> = plans[0].scopes[0].inputs.keys().map(String::as_str).collect();
        let common = common(&plans, &inputs).map_err(|error| error.to_string())?;
        let place = plans.iter().position(|plan| own.iter().any(|(_, own)| own == *plan));
        let name = self.free_name(document, &common);
        let value = self.document(document, &name, &common, place.unwrap_or(0), &runs)?;
        let path = self.path.map_or_else(
            || self.project.shown(&PathBuf::from("patterns").join(format!("{name}.yaml"))),
            Path::to_path_buf,
        );
        let about = format!(
            "Proposed by `partita patterns discover` of {} runs. Read it, and give its inputs better names.",
            runs.len()
        );
        let text = document_text(&about, &value);
        let draft = Draft { kind: document.kind(), name, path, text };
        check_draft(self.project, &draft).map_err(|failure| {
            let found = failure.diagnostics.iter().flat_map(|found| &found.1);
            let found: Vec<&str> = found.map(|found| found.message.as_str()).collect();
            format!("{}: {}", failure.message, found.join("; "))
        })?;
        self.check_shape(&draft, group, &common)?;
        let values = |values: Vec<String>| {
            let of_version = |(version, value): (&&Version, String)| {
                version.runs.iter().map(move |run| (run.clone(), value.clone())).collect::<Vec<_>>()
            };
            versions.iter().zip(values).flat_map(of_version).collect::<Vec<_>>()
        };
        let mut names: Vec<String> = plans.iter().map(|plan| plan.name.clone()).collect();
        names.sort();
        names.dedup();
        let inputs = common.inputs.into_iter().map(|(name, all)| (name, values(all))).collect();
        Ok(Some(Proposal { draft, runs, names, inputs }))
    }

    /// A name that no document has yet.
    fn free_name(&self, document: &Document, common: &Common) -> String {
        if let Some(name) = self.name {
            return name.to_owned();
        }
        let header = document.value().get(document.kind().as_str());
        let own = header.and_then(|header| header.get("name")).and_then(Value::as_str);
        let own = own.unwrap_or("work").trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
        let by = common.inputs.first().map_or("input", |(name, _)| name.as_str());
        let wanted = format!("{own}_by_{by}");
        std::iter::once(wanted.clone())
            .chain((2..).map(|number| format!("{wanted}_{number}")))
            .find(|name| self.library.orchestration(name).is_none())
            .unwrap_or(wanted)
    }

    /// The document of one of the runs, with places for what differs.
    fn document(
        &self,
        document: &Document,
        name: &str,
        common: &Common,
        base: usize,
        runs: &[String],
    ) -> Result<Value, String> {
        let mut value = document.value().clone();
        let header = &mut value[document.kind().as_str()];
        header["name"] = name.into();
        let requests: BTreeSet<&str> = runs
            .iter()
            .filter_map(|run| self.known.of_run(run)?.request.as_deref())
            .map(|request| request.lines().next().unwrap_or_default().trim())
            .filter(|request| !request.is_empty())
            .take(MOST_REQUESTS)
            .collect();
        if !requests.is_empty() && document.kind() == DocumentKind::Pattern {
            header["requests"] = json!(requests);
        }
        // Inputs come before the tasks that read them.
        if value.get("inputs").is_none() {
            value = with_inputs(value);
        }
        for (input, values) in &common.inputs {
            value["inputs"][input] = json!({
                "type": "string",
                "description": format!("What differed between runs, such as: {}", one_line(&values[base])),
                "default": values[base],
            });
        }
        for (task, prompt) in &common.prompts {
            let place = value.pointer_mut(&format!("/tasks/{task}/prompt"));
            let place = place.filter(|place| place.is_string());
            *place.ok_or_else(|| {
                format!("the prompt of `{task}` is not where it could be changed")
            })? = prompt.as_str().into();
        }
        Ok(value)
    }

    /// That what is proposed does what the runs did, but for what became inputs.
    fn check_shape(&self, draft: &Draft, group: &Group, common: &Common) -> Result<(), String> {
        let mut project = self.project.clone();
        project.unsaved.insert(draft.path.clone(), draft.text.clone());
        let library = project.library_with_imports().with_builtins();
        let compiled = library
            .orchestration(&draft.name)
            .and_then(|document| compile(&library, document).ok())
            .ok_or("what would be proposed cannot be compiled")?;
        let added: Vec<&str> = common.inputs.iter().map(|(name, _)| name.as_str()).collect();
        match shape(&compiled.plan, &added) == group.shape {
            true => Ok(()),
            false => Err("what would be proposed would do something else".to_owned()),
        }
    }
}

/// The document with inputs, of which there are none yet, before its tasks.
fn with_inputs(value: Value) -> Value {
    let Value::Object(entries) = value else { return value };
    let mut found = serde_json::Map::new();
    for (key, value) in entries {
        if key == "tasks" || key == "waves" {
            found.entry("inputs").or_insert_with(|| json!({}));
        }
        found.insert(key, value);
    }
    Value::Object(found)
}

fn one_line(text: &str) -> String {
    const LETTERS: usize = 60;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}
