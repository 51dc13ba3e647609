//! `partita approve`

use clap::Args;
use serde_json::json;

use super::CommandResult;
use super::environment::Environment;
use super::resume::resume;
use super::run::WorkOptions;
use crate::engine::{PERMISSION_OPTIONS, TaskStatus};
use crate::interface::app::{Failure, FailureKind, StoredRun, check_decision, find_run};
use crate::language::plan::Gate;
use crate::runtime::journal::Note;

/// Decide a gate, or whether a tool may be used, where that waits for a person, and go on with the run
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita approve k7m2 go
  partita approve k7m2 reject --task legal_review
  partita approve k7m2 deny                  an agent asks before it uses a tool
  partita approve k7m2 go --only-record      the decision is kept, the run is resumed later

A run that is under way in another process takes the decision there.")]
pub(super) struct Approve {
    /// The run, by its id or the beginning of it
    run: String,

    /// The choice; with none, the first option. Where nothing can be chosen, the result of the task
    choice: Option<String>,

    /// The gate, where several wait
    #[arg(long, value_name = "TASK")]
    task: Option<String>,

    /// Who decides [default: your name on this machine]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,

    /// Keep the decision without going on with the run
    #[arg(long)]
    only_record: bool,

    #[command(flatten)]
    pub(super) work: WorkOptions,
}

impl Approve {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let stored = find_run(&environment.journal, Some(&self.run))?;
        let (task, choice) = self.decision(&stored)?;
        let by = self.by.clone().unwrap_or_else(|| environment.user.clone());
        let id = stored.record.id.clone();
        let note = Note::Decide { task: task.clone(), choice: choice.clone(), by };
        stored.journal.leave_note(&id, &note)?;
        let screen = &environment.screen;
        let decided = format!("`{task}` of run {id}: {choice}");
        let under_way = stored.journal.is_under_way(&id);
        if under_way || self.only_record {
            screen.note(&if under_way {
                format!("{decided}; the process that works on it takes it up")
            } else {
                format!("{decided}; go on with: partita resume {id}")
            });
            if self.work.files.folder().is_some() {
                screen.note(&format!("when it is over: partita show {id} --outputs DIR"));
            }
            if self.work.output.is_json() {
                screen.json(&json!({ "run": id.as_str(), "task": task, "choice": choice }));
            }
            return Ok(0);
        }
        screen.note(&decided);
        resume(stored, &self.work, environment)
    }

    /// Which gate, and what is chosen.
    fn decision(&self, stored: &StoredRun) -> Result<(String, String), Failure> {
        let usage = |message: String| Failure::new(FailureKind::Usage, message);
        let history = stored.history()?;
        let permissions = PERMISSION_OPTIONS.map(str::to_owned);
        let waiting: Vec<(&str, Gate<'_>)> = history
            .tasks()
            .filter(|(_, task)| task.status() == TaskStatus::Waiting)
            .filter_map(|(id, task)| {
                let path = history.plan().task(id).path.as_str();
                let gate = match task.permissions.is_empty() {
                    true => history.plan().gate(path)?,
                    false => Gate::of_options(&permissions),
                };
                Some((path, gate))
            })
            .collect();
        let names = || waiting.iter().map(|(path, _)| *path).collect::<Vec<_>>().join(", ");
        let (path, gate) = match (&self.task, waiting.as_slice()) {
            (_, []) => {
                let message = format!("no gate of run {} waits for a person", stored.record.id);
                return Err(usage(message));
            }
            (None, [only]) => only,
            (None, _) => {
                return Err(
                    usage(format!("several gates wait: {}", names())).hint("say which with --task")
                );
            }
            (Some(wanted), _) => waiting
                .iter()
                .find(|(path, _)| path == wanted)
                .ok_or_else(|| usage(format!("`{wanted}` does not wait; these do: {}", names())))?,
        };
        let choice = self.choice.as_ref().or(gate.options.first()).cloned().ok_or_else(|| {
            usage(format!("`{path}` has no options: say what its result is"))
                .hint(format!("partita approve {} 'RESULT'", stored.record.id))
        })?;
        check_decision(*gate, path, &choice)?;
        Ok(((*path).to_owned(), choice))
    }
}
