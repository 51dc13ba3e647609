//! What is written and never used: outputs of tasks, inputs, agents, posts.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Edge;
use super::agents::asks_the_lead;
use super::team::Called;
use super::templates::Readings;
use crate::language::diagnostic::{Code, Findings};
use crate::language::document::{VerbKind, only_reads};
use crate::language::plan::failure_outline::may_ask_the_lead;
use crate::language::plan::levels::levels;
use crate::language::plan::outline::{Outline, TaskOutline};
use crate::language::plan::team_outline::TeamOutline;
use crate::language::source::child_pointer;
use crate::organization::AgentId;

pub(super) fn check(
    outline: &Outline<'_>,
    edges: &[Edge],
    readings: &Readings,
    team: Option<&TeamOutline<'_>>,
    found: &mut Findings,
) {
    outputs(outline, edges, readings, found);
    if !readings.reads_inputs_unnamed {
        inputs(outline, readings, found);
    }
    if let Some(team) = team.filter(|team| team.is_inline()) {
        agents(outline, team, found);
    }
    posts(outline, found);
}

/// A post is there for the tasks that ask it, and for other posts that go by who has it.
fn posts(outline: &Outline<'_>, found: &mut Findings) {
    let by_tasks = outline.tasks.iter().flat_map(|task| &task.agents);
    let by_posts = outline.posts.iter().flat_map(|post| &post.agents);
    let named: BTreeSet<&str> = by_tasks.chain(by_posts).map(|named| named.name).collect();
    for post in outline.posts.iter().filter(|post| !named.contains(post.name)) {
        let message = format!("no task asks who has the post `{}`", post.name);
        found.push(
            outline
                .document
                .key_diagnostic(Code::UNUSED_AGENT, &post.pointer, message)
                .help("give it a task, or remove it from `staff`"),
        );
    }
}

fn outputs(outline: &Outline<'_>, edges: &[Edge], readings: &Readings, found: &mut Findings) {
    let mut read: BTreeSet<usize> = edges.iter().map(|edge| edge.needs).collect();
    read.extend(readings.outputs.iter().map(|reading| reading.task));
    let declared = outline.document.value().get("outputs").and_then(Value::as_object);
    let has_outputs = declared.is_some_and(|outputs| !outputs.is_empty());
    if !has_outputs {
        read.extend(last_tasks(outline, edges));
    }
    for (place, task) in outline.tasks.iter().enumerate() {
        let is_gate =
            matches!(task.verb, Some(VerbKind::Check | VerbKind::Review | VerbKind::Approval));
        // Tools of servers and commands may be called for what they do, and not for what they give.
        let tool = task.get("tool").and_then(Value::as_str);
        let may_do_something = tool.is_some_and(|tool| !only_reads(tool));
        // A message is for those whom it is to, and for whoever follows the run.
        let is_message = task.verb == Some(VerbKind::Send);
        if is_gate || may_do_something || is_message || read.contains(&place) {
            continue;
        }
        let message = format!("nobody reads what `{}` gives", task.name);
        let help = if has_outputs {
            format!(
                "read it in a template or under `outputs` as `tasks.{}.output`, or remove the task",
                task.name
            )
        } else {
            format!(
                "without `outputs` only the last tasks come out: add `outputs: {{ {}: \"{{{{ tasks.{}.output }}}}\" }}`, or remove the task",
                task.name, task.name
            )
        };
        found.push(
            outline.document.key_diagnostic(Code::UNREAD_OUTPUT, &task.pointer, message).help(help),
        );
    }
}

/// The tasks of the last wave, or of the last level where none are written: what a document
/// without outputs gives.
fn last_tasks(outline: &Outline<'_>, edges: &[Edge]) -> Vec<usize> {
    if outline.has_waves {
        let last = outline.waves.len().saturating_sub(1);
        let tasks = outline.tasks.iter().enumerate();
        return tasks.filter(|(_, task)| task.wave == last).map(|(place, _)| place).collect();
    }
    levels(outline.tasks.len(), edges).pop().unwrap_or_default()
}

fn inputs(outline: &Outline<'_>, readings: &Readings, found: &mut Findings) {
    for (name, _) in &outline.inputs {
        if readings.inputs.contains(*name) {
            continue;
        }
        let pointer = child_pointer("/inputs", name);
        let message = format!("nothing reads the input `{name}`");
        found.push(
            outline
                .document
                .key_diagnostic(Code::UNUSED_INPUT, &pointer, message)
                .help(format!("read it as `inputs.{name}`, or remove it")),
        );
    }
}

fn agents(outline: &Outline<'_>, team: &TeamOutline<'_>, found: &mut Findings) {
    let named = outline.tasks.iter().flat_map(|task| &task.agents).map(|agent| agent.name);
    let asked = Called::by(named);
    // Whoever others report to says something about the team without doing anything.
    let managers = team.members.iter().filter_map(|member| member.agent.reports_to.as_ref());
    let managers = Called::by(managers.map(AgentId::as_str));
    let may_lead = |task: &TaskOutline<'_>| asks_the_lead(task) || may_ask_the_lead(task.value);
    let lead = team.lead().filter(|_| outline.tasks.iter().any(may_lead));
    for member in &team.members {
        let is_lead = lead.is_some_and(|lead| lead.agent.id == member.agent.id);
        if is_lead
            || managers.means(member)
            || asked.means(member)
            || team.may_get_a_post(&member.agent)
        {
            continue;
        }
        let message = format!("no task asks `{}`", member.agent.id);
        found.push(
            outline
                .document
                .diagnostic(Code::UNUSED_AGENT, &member.role_pointer(), message)
                .help("give the agent a task, or remove it from the team"),
        );
    }
}
