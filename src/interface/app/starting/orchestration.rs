//! The text of a new pattern or pipeline.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::inputs::Inputs;
use super::sheet::Sheet;
use super::steps::{Step, Worker, lay_out, unread};
use super::wish::{AgentWish, DocumentName, InputWish};
use crate::interface::app::failure::Failure;

/// What a new pattern or pipeline is to be like.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OrchestrationWish {
    /// Whether it is a pattern or a pipeline.
    pub(super) kind: OrchestrationKind,
    /// Its name.
    pub(super) name: DocumentName,
    /// What it does, in a sentence.
    pub(super) summary: Option<String>,
    /// What a caller gives.
    pub(super) inputs: Vec<InputWish>,
    /// Who works on it.
    pub(super) people: People,
    /// The patterns that it uses.
    pub(super) uses: Vec<UsedPattern>,
    /// The names of its waves; none where needs alone order the tasks.
    pub(super) waves: Vec<String>,
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrchestrationKind {
    /// A pattern.
    Pattern,
    /// A pipeline.
    Pipeline,
}

/// Who works on a new pattern or pipeline.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum People {
    /// A team of its own; without agents there is none.
    Own(Vec<AgentWish>),
    /// A team of the library, and the agents of it that work here.
    Team {
        /// Its name.
        name: String,
        /// The ids of the agents, whoever makes one result of theirs last.
        agents: Vec<String>,
    },
}

/// A pattern to use.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct UsedPattern {
    /// Its name.
    pub(super) name: String,
    /// Its inputs as they are declared.
    pub(super) inputs: Map<String, Value>,
}

impl OrchestrationKind {
    /// The word for it, which is also the document's key.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            OrchestrationKind::Pattern => "pattern",
            OrchestrationKind::Pipeline => "pipeline",
        }
    }
}

/// The text of a new pattern or pipeline.
///
/// # Errors
/// When an input is declared that nobody would read.
pub(super) fn orchestration_text(wish: &OrchestrationWish) -> Result<String, Failure> {
    let mut inputs = Inputs::of(&wish.inputs);
    let calls: Vec<BTreeMap<String, String>> =
        wish.uses.iter().map(|used| inputs.pass_to(used)).collect();
    let agents: Vec<String> = match &wish.people {
        People::Own(agents) => agents.iter().map(|agent| agent.id.clone()).collect(),
        People::Team { agents, .. } => agents.clone(),
    };
    if agents.is_empty() {
        inputs.all_are_read(&wish.uses)?;
    }
    let patterns = wish.uses.iter().enumerate();
    let workers: Vec<(String, Worker)> = patterns
        .map(|(place, used)| (used.name.clone(), Worker::Pattern(place)))
        .chain(agents.into_iter().map(|id| (id.clone(), Worker::Agent(id))))
        .collect();
    let steps = lay_out(&workers, wish.waves.len());
    let mut sheet = Sheet::default();
    header(wish, &mut sheet);
    people(wish, &mut sheet);
    inputs.write(&mut sheet);
    Tasks { wish, calls: &calls, steps: &steps }.write(&mut sheet);
    outputs(&steps, &mut sheet);
    if wish.kind == OrchestrationKind::Pipeline {
        sheet.blank();
        sheet.comment(0, "Where it runs, unless a flag says otherwise:");
        sheet.comment(0, "cluster: cluster.yaml");
    }
    Ok(sheet.into_text())
}

fn header(wish: &OrchestrationWish, sheet: &mut Sheet) {
    let kind = wish.kind.as_str();
    let page = format!("`partita patterns show {}`", wish.name.as_str());
    sheet.comment(0, &format!("{page} shows it on a page, with a command that runs it."));
    sheet.key(0, kind);
    sheet.text(1, "name", wish.name.as_str());
    let summary = wish.summary.as_deref().map(str::trim).filter(|summary| !summary.is_empty());
    sheet.text(1, "summary", summary.unwrap_or("Say here in a sentence what comes out."));
    sheet.comment(1, "By these it is found: `partita patterns WORD`.");
    sheet.comment(1, "tags: [first, draft]");
}

fn people(wish: &OrchestrationWish, sheet: &mut Sheet) {
    match &wish.people {
        People::Own(agents) if agents.is_empty() => {}
        People::Own(agents) => {
            sheet.blank();
            sheet.key(0, "team");
            sheet.text(1, "name", &format!("{}_team", wish.name.as_str()));
            sheet.key(1, "agents");
            agents.iter().for_each(|agent| sheet.agent(2, agent, None));
        }
        People::Team { name, .. } => {
            sheet.blank();
            sheet.comment(0, &format!("`partita teams show {name}` lists its agents."));
            sheet.text(0, "team", name);
        }
    }
}

/// The tasks of the new document.
struct Tasks<'w> {
    wish: &'w OrchestrationWish,
    /// For each used pattern what it is given.
    calls: &'w [BTreeMap<String, String>],
    steps: &'w [Step],
}

impl Tasks<'_> {
    fn write(&self, sheet: &mut Sheet) {
        sheet.blank();
        if self.wish.waves.is_empty() {
            sheet.comment(
                0,
                "What refers to what decides the order; all else runs at the same time.",
            );
            sheet.key(0, "tasks");
            self.steps.iter().for_each(|step| self.step(step, 1, sheet));
            return;
        }
        sheet.comment(
            0,
            "A wave starts when the one before has ended; its tasks run at the same time.",
        );
        sheet.key(0, "waves");
        for (wave, name) in self.wish.waves.iter().enumerate() {
            sheet.item(1, "name", name);
            sheet.key(2, "tasks");
            let inside = self.steps.iter().filter(|step| step.wave == wave);
            inside.for_each(|step| self.step(step, 3, sheet));
        }
    }

    fn step(&self, step: &Step, depth: usize, sheet: &mut Sheet) {
        sheet.key(depth, &step.name);
        match &step.worker {
            Worker::Agent(id) => {
                sheet.text(depth + 1, "agent", id);
                sheet.block(depth + 1, "prompt", &self.prompt(step));
                if step.name == self.steps.last().map_or("", |last| &last.name) {
                    sheet.comment(depth + 1, "An answer with fields instead of free text:");
                    sheet.comment(depth + 1, "output: { text: string, open_questions: [string] }");
                }
            }
            Worker::Pattern(place) => self.call(*place, step, depth + 1, sheet),
        }
    }

    fn call(&self, place: usize, step: &Step, depth: usize, sheet: &mut Sheet) {
        sheet.text(depth, "uses", &self.wish.uses[place].name);
        let given = &self.calls[place];
        if !given.is_empty() {
            sheet.key(depth, "with");
            for (name, source) in given {
                sheet.text(depth + 1, name, &format!("{{{{ inputs.{source} }}}}"));
            }
        }
        if !step.reads.is_empty() {
            let first = &step.reads[0];
            sheet.comment(depth, "To hand over a result, put it into `with`:");
            sheet.comment(depth, &format!("NAME: \"{{{{ tasks.{first}.output.NAME }}}}\""));
            let reads = step.reads.iter().cloned().map(Value::from).collect();
            sheet.value(depth, "needs", &Value::Array(reads));
        }
    }

    /// What an agent is asked: the inputs, and the results it reads.
    fn prompt(&self, step: &Step) -> String {
        let mut text = String::from(if step.reads.is_empty() {
            "Do your part of the work on what follows. Say what you rely on, and what is not known.\n"
        } else {
            "Make one result of what the others have found. Keep what holds, and name what does not\n\
             fit together.\n"
        });
        for input in &self.wish.inputs {
            let name = &input.name;
            let _ = write!(text, "\n<{name}>\n{{{{ inputs.{name} }}}}\n</{name}>\n");
        }
        for name in &step.reads {
            let _ = write!(text, "\n<{name}>\n{{{{ tasks.{name}.output }}}}\n</{name}>\n");
        }
        text
    }
}

fn outputs(steps: &[Step], sheet: &mut Sheet) {
    sheet.blank();
    sheet.key(0, "outputs");
    for name in unread(steps) {
        sheet.text(1, name, &format!("{{{{ tasks.{name}.output }}}}"));
    }
}
