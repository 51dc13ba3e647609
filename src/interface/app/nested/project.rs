//! `create_project`: an objective, and tasks for it, in the context of the folder, which is begun where there is none.

use serde_json::{Value, json};

use super::Inside;
use super::arguments::Arguments;
use super::start::in_words;
use crate::engine::Time;
use crate::insight::context::{ContextFact, Refusal, Wish};
use crate::interface::app::context::{ContextPlace, OpenedContext, begin_context};
use crate::interface::app::failure::Failure;
use crate::runtime::clock::Clock;

impl Inside {
    /// Sets an objective and tasks, those once that are there already.
    pub(super) fn create_project(&self, given: &Arguments<'_>) -> Result<Value, String> {
        let folder = self.starter.setup.folder.as_deref().unwrap_or(&self.starter.access.folder);
        let place = ContextPlace { journal: &self.starter.journal, folder, project: None };
        let now = Clock::start().now();
        let create = || -> Result<Value, Failure> {
            let is_open = place.is_open()?;
            let mut opened = match is_open {
                true => OpenedContext::find(place, now)?,
                false => {
                    let named = given.text("name");
                    begin_context(ContextPlace { project: Some(named), ..place }, now)?
                }
            };
            let description = given.text("objective").to_owned();
            let objective = wish(&mut opened, &Wish::Objective { description }, now)?;
            let mut tasks = Vec::new();
            for task in given.texts("tasks") {
                let description = task.to_owned();
                tasks.push(wish(&mut opened, &Wish::Task { description }, now)?);
            }
            Ok(json!({
                "project": opened.context.project,
                "context": if is_open { "was open" } else { "begun" },
                "objective": objective,
                "tasks": tasks,
            }))
        };
        create().map_err(|failure| in_words(&failure))
    }
}

/// Has a wish followed, and gives the id of what there is then, whether it was there before or not.
fn wish(opened: &mut OpenedContext, wish: &Wish, now: Time) -> Result<Value, Failure> {
    // A model that asks twice is given what there is.
    if let Err(Refusal::Same { id, .. }) = opened.context.follow_wish(wish, now) {
        return Ok(id.into());
    }
    let facts = opened.wish(wish, now)?;
    let id = facts.iter().find_map(|fact| match fact {
        ContextFact::ObjectiveAdded { id, .. } | ContextFact::TaskAdded { id, .. } => {
            Some(id.clone())
        }
        _ => None,
    });
    Ok(id.into())
}
