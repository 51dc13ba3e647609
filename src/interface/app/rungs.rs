//! What those would be asked who take failed tasks up: a rehearsal in which everything fails that they
//! stand in for.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::failure::Failure;
use super::rehearsed::rehearsed;
use crate::engine::content::{Contents, MemoryContents, Request};
use crate::engine::simulation::{Answers, Asked, Placeholders, Script, Scripted, placeholder_of};
use crate::engine::{Fact, Settings};
use crate::language::document::simulation::Fault;
use crate::language::plan::{FIRST_RUNG, Ladder, Plan, RungKind, TaskId, Work, of_any_item};

/// What those are asked who take failed tasks up.
#[derive(Debug)]
pub(super) struct Rungs {
    /// The plan, as far as it has grown.
    pub(super) plan: Arc<Plan>,
    /// What agents are asked for the first time, in the order of the rehearsal.
    pub(super) asked: Vec<Asked>,
    /// The rungs on which people are asked, with the question.
    pub(super) people: Vec<(String, String)>,
    /// The rungs behind a person, who has decided.
    pub(super) behind: Vec<String>,
}

/// Rehearses what follows where all fails that can be taken up, as far as somebody stands in for it; `None`
/// where nobody takes anything up.
///
/// # Errors
/// When the engine contradicts itself.
pub(super) fn rehearse_rungs(
    plan: &Arc<Plan>,
    (settings, mut script): (Settings, Script),
    inputs: &Map<String, Value>,
) -> Result<Option<Rungs>, Failure> {
    let mut failing = Failing(Vec::new());
    for (task, ladder) in plan.ladders() {
        failing.0.push((task.path.clone(), last_rung(ladder)));
        for rung in &ladder.rungs {
            let RungKind::Person { output: Some(schema) } = &rung.kind else { continue };
            let Some(gate) = rung.body.tasks.first() else { continue };
            if let Work::Approve { options, .. } = &gate.work
                && options.is_empty()
            {
                let said = placeholder_of(schema, &gate.path).to_string();
                script.decisions.insert(gate.path.clone(), (Duration::ZERO, said));
            }
        }
    }
    if failing.0.is_empty() {
        return Ok(None);
    }
    let contents = MemoryContents::default();
    let (rehearsal, _) = rehearsed(plan, (settings, script), inputs, &contents, &failing)?;
    let grown = Arc::clone(rehearsal.engine().state().plan());
    let is_rung = |task: &str| failing.number(task).is_some_and(|(number, _)| number >= FIRST_RUNG);
    let asked = rehearsal.asked().iter().filter(|asked| asked.attempt == 1 && is_rung(&asked.task));
    let asked = asked.cloned().collect();
    let question = |task: TaskId, question| {
        let path = &grown.task(task).path;
        let content = contents.read(question).ok()?;
        let asked = content["ask"].as_str()?;
        is_rung(path).then(|| (path.clone(), asked.trim().to_owned()))
    };
    let people = rehearsal.facts().iter().filter_map(|recorded| match &recorded.fact {
        Fact::GateOpened { task, question: about, .. } => question(*task, about),
        _ => None,
    });
    let people = people.collect();
    let behind =
        grown.ladders().filter(|(task, _)| grown.find(&format!("{}[1]", task.path)).is_some());
    let behind = behind.flat_map(|(task, ladder)| {
        (FIRST_RUNG..=last_rung(ladder)).map(move |number| format!("{}[{number}]", task.path))
    });
    let behind = behind.filter(|path| grown.find(path).is_none()).collect();
    Ok(Some(Rungs { asked, people, behind, plan: grown }))
}

/// The address of the task that somebody takes up on the rung at an address: what is before the last number.
pub(super) fn taken_up(path: &str) -> &str {
    let rung = path.split_once("]/").map_or(path, |(rung, _)| rung);
    rung.rsplit_once('[').map_or(path, |(task, _)| task)
}

/// The number of the last rung in addresses.
fn last_rung(ladder: &Ladder) -> u32 {
    FIRST_RUNG + u32::try_from(ladder.rungs.len()).unwrap_or(u32::MAX - FIRST_RUNG) - 1
}

/// Refuses everything below the last rungs of ladders: their tasks' addresses in the plan, and the numbers of their
/// last rungs.
struct Failing(Vec<(String, u32)>);

impl Failing {
    /// The number at which an address stands on a ladder, and that of the last rung.
    fn number(&self, task: &str) -> Option<(u32, u32)> {
        task.match_indices('[').find_map(|(place, _)| {
            let (before, behind) = (of_any_item(&task[..place]), &task[place + 1..]);
            let (_, last) = self.0.iter().find(|(ladder, _)| *ladder == before)?;
            Some((behind.split(']').next()?.parse().ok()?, *last))
        })
    }
}

impl Answers for Failing {
    fn scripted(&self, task: &str, _: u32) -> Option<Scripted> {
        let (number, last) = self.number(task)?;
        (number < last).then_some(Scripted::Fault(Fault::Refused))
    }

    fn answer(&self, task: &str, request: &Request) -> String {
        Placeholders.answer(task, request)
    }
}
