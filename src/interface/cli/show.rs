//! `partita show`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::Value;

use super::CommandResult;
use super::environment::Environment;
use super::options::{Output, OutputOptions};
use super::outputs::{add_files, note_files};
use crate::insight::History;
use crate::interface::app::{Failure, FailureKind, Moment, StoredRun, find_run, write_page};
use crate::interface::report::{
    At, Detail, Outcome, PAGE_MARK, TimelineLook, facts_json, facts_text, run_json, run_page,
    run_text, state_json, state_text, timeline_text, value_text,
};
use crate::runtime::journal::JournalContents;

/// Show what came of a run, or one of its outputs in full
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita show k7m2                    results, times, servers
  partita show k7m2 launch_plan        one output, or the output of one task, in full
  partita show k7m2 --timeline         when each task waited and worked, as bars
  partita show k7m2 --html run.html    the same as a page with pictures
  partita show k7m2 --outputs launch   its outputs as files in the folder launch
  partita show k7m2 --at 90s           how it stood 90 s after its start: also behind a fact (120), at a
                                       time (2027-03-01T09:00:00Z), or when a task had ended (draft)
  partita show k7m2 draft --at 90s     what had come out of a task by then
  partita show k7m2 --facts            everything that happened, with its numbers
  partita show k7m2 --json")]
pub(super) struct Show {
    /// The run, by its id or the beginning of it
    run: String,

    /// An output or a task
    item: Option<String>,

    /// When each task waited and worked, as bars
    #[arg(long, conflicts_with_all = ["item", "json", "format"])]
    timeline: bool,

    /// How it stood at a moment: a fact's number, a time since the start, a time, or a task that had ended
    #[arg(long, value_name = "WHEN", conflicts_with_all = ["timeline", "html", "outputs"])]
    at: Option<Moment>,

    /// The facts that it is made of, in their order; with `--at` as far as that
    #[arg(long, conflicts_with_all = ["item", "timeline", "html", "outputs"])]
    facts: bool,

    /// Write a page with pictures and tables, which needs nothing else; `-` is standard output
    #[arg(long, value_name = "FILE", conflicts_with_all = ["item", "timeline", "json", "format"])]
    html: Option<PathBuf>,

    #[command(flatten)]
    files: OutputOptions,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Show {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let stored = find_run(&environment.journal, Some(&self.run))?;
        if self.at.is_some() || self.facts {
            return self.look_back(&stored, environment);
        }
        let history = stored.history()?;
        let contents = stored.contents()?;
        let outcome = outcome(&stored, &history, &contents);
        let screen = &environment.screen;
        if let Some(folder) = self.files.folder() {
            if self.item.is_some() || self.timeline || self.html.is_some() {
                let message = "--outputs writes all outputs of a run, without anything else";
                return Err(Failure::new(FailureKind::Usage, message));
            }
            let written = folder.write(&history, &contents)?;
            note_files(&written, screen);
            if self.output.is_json() {
                let mut object = run_json(&outcome);
                add_files(&mut object, Some(&Ok(written)));
                screen.json(&object);
            }
            return Ok(0);
        }
        if self.timeline {
            let look = TimelineLook { paint: screen.out, width: screen.width };
            screen.print(&timeline_text(&history, look));
            return Ok(0);
        }
        if let Some(file) = &self.html {
            return write_html(file, &run_page(stored.record.id.as_str(), &history), environment);
        }
        let Some(item) = &self.item else {
            if self.output.is_json() {
                screen.json(&run_json(&outcome));
            } else {
                screen.print(&run_text(&outcome, Detail::Everything, screen.out));
            }
            return Ok(0);
        };
        self.one(item, &outcome, environment)
    }

    /// The run at a moment, or the facts up to then.
    fn look_back(&self, stored: &StoredRun, environment: &Environment) -> CommandResult {
        let screen = &environment.screen;
        let facts = stored.facts()?;
        let count = match &self.at {
            Some(moment) => moment.facts(&stored.plan, &facts)?,
            None => facts.len(),
        };
        let until = &facts[..count];
        if self.facts {
            let history = History::new(Arc::clone(&stored.plan));
            match self.output.is_json() {
                true => screen.json(&facts_json(history, until)),
                false => screen.print(&facts_text(history, until, screen.out)),
            }
            return Ok(0);
        }
        let history = History::of_facts(Arc::clone(&stored.plan), until);
        let contents = stored.contents()?;
        let outcome = outcome(stored, &history, &contents);
        match (&self.item, until.last()) {
            (Some(item), _) => return self.one(item, &outcome, environment),
            (None, Some(fact)) => {
                let at = At { fact, of: facts.len() };
                match self.output.is_json() {
                    true => screen.json(&state_json(&outcome, at)),
                    false => screen.print(&state_text(&outcome, at, screen.out)),
                }
            }
            (None, None) => screen.line("nothing had happened yet"),
        }
        Ok(0)
    }

    /// An output, or what came out of a task.
    fn one(&self, item: &str, outcome: &Outcome<'_>, environment: &Environment) -> CommandResult {
        let (screen, history) = (&environment.screen, outcome.history);
        let outputs =
            history.outputs.as_ref().and_then(|address| outcome.contents.read(address).ok());
        let output = outputs.as_ref().and_then(|outputs| outputs.get(item)).cloned();
        let task = history.plan().find(item).map(|id| outcome.output_of(history.task(id)));
        let Some(value) = output.or(task) else {
            let message = format!("run {} has no output and no task `{item}`", outcome.run);
            return Err(Failure::new(FailureKind::Usage, message));
        };
        if self.output.is_json() {
            screen.json(&value);
        } else if value == Value::Null {
            screen.line("nothing came out of it");
        } else {
            screen.line(&value_text(&value));
        }
        Ok(0)
    }
}

/// What is reported of a run, with what is known of it up to a moment.
fn outcome<'a>(
    stored: &'a StoredRun,
    history: &'a History,
    contents: &'a JournalContents,
) -> Outcome<'a> {
    Outcome { run: stored.record.id.as_str(), history, contents, setup: &stored.record.setup }
}

fn write_html(file: &Path, page: &str, environment: &Environment) -> CommandResult {
    let screen = &environment.screen;
    if file == Path::new("-") {
        screen.print(page);
        return Ok(0);
    }
    write_page(file, page, PAGE_MARK)?;
    screen.note(&format!("written to {}", file.display()));
    Ok(0)
}
