//! What a pattern or pipeline offers to be named in it, faulty or not: for completion and hover.

use std::collections::BTreeSet;

use serde_json::Value;

use super::check::messages::topic;
use super::check::templates::properties;
use super::outline::{Outline, TaskOutline};
use super::outlines::Outlines;
use super::team_outline::{Member, TeamOutline};
use crate::language::document::{Document, VerbKind};
use crate::organization::Agent;

/// What can be named in a document.
#[derive(Debug)]
pub struct Sketch<'d> {
    /// The tasks in the order of the text.
    pub tasks: Vec<TaskSketch<'d>>,
    /// The declared inputs with their declarations.
    pub inputs: Vec<(&'d str, &'d Value)>,
    /// The members of the team.
    pub agents: Vec<Agent>,
    /// The posts in their order, as agents of whom nothing is known but how they are called.
    pub posts: Vec<Agent>,
    has_waves: bool,
    /// By task, those that it needs, as places in `tasks`.
    needs: Vec<BTreeSet<usize>>,
}

/// One task.
#[derive(Debug, Clone)]
pub struct TaskSketch<'d> {
    /// Its name.
    pub name: &'d str,
    /// JSON pointer of its value.
    pub pointer: String,
    /// What kind of work it is, if that is clear.
    pub verb: Option<VerbKind>,
    /// What is written of it.
    pub value: &'d Value,
    /// Its wave, counted from 0; 0 for all where the author wrote no waves.
    pub wave: usize,
    /// What templates can read of it: `tasks.NAME.PROPERTY`.
    pub properties: &'static [&'static str],
}

impl<'d> Sketch<'d> {
    /// Reads a document, with what it names looked up in the library.
    pub fn of(outlines: &Outlines<'d>, document: &'d Document) -> Sketch<'d> {
        let outline = outlines.get(document);
        let team = TeamOutline::of(outlines.library(), outline);
        let (posts, members) =
            team.map_or_else(Default::default, |team| (team.posts, team.members));
        let tasks = outline.tasks.iter().map(|task| TaskSketch {
            name: task.name,
            pointer: task.pointer.clone(),
            verb: task.verb,
            value: task.value,
            wave: task.wave,
            properties: properties(task),
        });
        Sketch {
            tasks: tasks.collect(),
            inputs: outline.inputs.clone(),
            agents: agents_of(members),
            posts: agents_of(posts),
            has_waves: outline.has_waves,
            needs: outline.tasks.iter().map(|task| needs(outline, task)).collect(),
        }
    }

    /// The task of this name.
    pub fn task(&self, name: &str) -> Option<&TaskSketch<'d>> {
        self.tasks.iter().find(|task| task.name == name)
    }

    /// The tasks that a task may need without a circle and without reaching forward: those of
    /// earlier waves, or, without waves, those that do not need it themselves. Outputs, and tasks
    /// that nobody knows yet, may read every task.
    pub fn may_be_needed_by(&self, reader: Option<&str>) -> Vec<&TaskSketch<'d>> {
        let reader = reader.and_then(|name| self.tasks.iter().position(|task| task.name == name));
        let Some(reader) = reader else {
            return self.tasks.iter().collect();
        };
        let wave = self.tasks[reader].wave;
        let tasks = self.tasks.iter().enumerate().filter(|(place, task)| {
            if self.has_waves { task.wave < wave } else { !self.leads_to(*place, reader) }
        });
        tasks.map(|(_, task)| task).collect()
    }

    /// By task, how many tasks stand one behind the other before it: what starts at once is on
    /// level 0. `None` for tasks in a circle and behind one.
    pub fn levels(&self) -> Vec<Option<usize>> {
        let mut levels: Vec<Option<usize>> = vec![None; self.tasks.len()];
        loop {
            let mut is_done = true;
            for (place, needs) in self.needs.iter().enumerate() {
                let before = needs.iter().map(|need| levels.get(*need).copied().flatten());
                let level = before
                    .map(|level| level.map(|level| level + 1))
                    .try_fold(0, |a, b| b.map(|b| a.max(b)));
                if levels[place].is_none() && level.is_some() {
                    levels[place] = level;
                    is_done = false;
                }
            }
            if is_done {
                return levels;
            }
        }
    }

    /// Whether a task is another one, or needs it, directly or not.
    fn leads_to(&self, from: usize, to: usize) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut pending = vec![from];
        while let Some(place) = pending.pop() {
            if place == to {
                return true;
            }
            let needs = self.needs.get(place).into_iter().flatten();
            pending.extend(needs.copied().filter(|need| seen.insert(*need)));
        }
        false
    }
}

fn agents_of(members: Vec<Member<'_>>) -> Vec<Agent> {
    members.into_iter().map(|member| member.agent).collect()
}

/// The tasks that a task names, in lists and in templates.
fn needs(outline: &Outline<'_>, task: &TaskOutline<'_>) -> BTreeSet<usize> {
    let listed = task.needs.iter().chain(&task.sources).map(|named| named.name);
    let templates = task.templates.iter().filter_map(|site| match &site.template {
        Ok(template) => Some(template),
        Err(salvage) => salvage.rest.as_ref(),
    });
    let references = templates.flat_map(|template| &template.references);
    let read = references
        .filter(|reference| reference.name(0) == Some("tasks"))
        .filter_map(|reference| reference.name(1));
    let is_awaited = |topic: &str| task.topics.iter().any(|named| named.name == topic);
    let senders = outline.tasks.iter().enumerate().filter(|_| !task.topics.is_empty());
    let senders = senders.filter(|(_, sender)| topic(sender).is_some_and(is_awaited));
    let named = listed.chain(read).filter_map(|name| outline.task(name));
    named.chain(senders.map(|(place, _)| place)).collect()
}
