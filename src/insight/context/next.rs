//! What is to be done next in a context, what is most urgent first.

use super::state::{Context, ContextRun};

/// Something that is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    /// What, in a sentence.
    pub what: String,
    /// The command that does it, where one does.
    pub command: Option<String>,
}

/// A run that is not over, as the journal lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRun {
    /// Its id.
    pub run: String,
    /// `running`, `waiting`, `paused` or `interrupted`.
    pub status: String,
}

impl Context {
    /// What is to be done next. `open` says how the runs stand that are not over.
    pub fn next_steps(&self, open: &[OpenRun]) -> Vec<NextStep> {
        let step = |what: String, command: Option<String>| NextStep { what, command };
        let mut steps = Vec::new();
        for run in open.iter().filter(|run| run.status != "running") {
            let name = self.run(&run.run).map_or("", |known| known.name.as_str());
            let (what, command) = match run.status.as_str() {
                "waiting" => {
                    (format!("decide what run {} of {name} waits for", run.run), "approve")
                }
                _ => (format!("go on with run {} of {name}, which was cut off", run.run), "resume"),
            };
            let command = match command {
                "approve" => format!("partita show {}", run.run),
                _ => format!("partita resume {}", run.run),
            };
            steps.push(step(what, Some(command)));
        }
        for decision in self.pending_decisions() {
            let command = format!(
                "partita context decide {} --choose … --because …",
                in_quotes(&decision.id)
            );
            steps.push(step(format!("decide: {}", decision.question), Some(command)));
        }
        for task in self.active_tasks() {
            let last = task.runs.last().and_then(|run| self.run(run));
            steps.push(match last {
                Some(ContextRun { run, end: Some(end), .. }) if !end.succeeded() => step(
                    format!("try {} again, which ended so: {}", task.id, end.outcome),
                    Some(format!("partita retry {run}")),
                ),
                Some(ContextRun { end: None, .. }) => continue,
                _ => step(
                    format!("have {} done: {}", task.id, task.description),
                    Some(format!("partita run … --task {}", task.id)),
                ),
            });
        }
        let is_idle =
            self.active_tasks().next().is_none() && self.pending_decisions().next().is_none();
        if is_idle {
            for objective in self.active_objectives() {
                let what = format!("plan tasks for {}: {}", objective.id, objective.description);
                steps.push(step(what, Some("partita context task \"…\"".to_owned())));
            }
        }
        if self.active_objectives().next().is_none() {
            let command = Some("partita context objective \"…\"".to_owned());
            steps.push(step("say what is to be reached".to_owned(), command));
        }
        steps
    }
}

/// An id as a shell takes it: those of imported files may be whole questions.
fn in_quotes(id: &str) -> String {
    let is_plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if is_plain { id.to_owned() } else { format!("\"{}\"", id.replace('"', "\\\"")) }
}
