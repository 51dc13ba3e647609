//! `partita resume`

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use super::options::Servers;
use super::run::{WorkOptions, runtime};
use super::watch::conduct;
use crate::interface::app::{Choice, Failure, Intent, Session, StoredRun, choose_world, find_run};
use crate::runtime::journal::Setup;

/// Go on with a run that was cut off, interrupted, or waits
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita resume                       the newest run that is not over
  partita resume k7m2                  the run whose id begins so
  partita resume --server http://gpu2:11434
  partita resume k7m2 --budget calls=200    with more to spend, after a budget is used up

No task that has finished is asked again.")]
pub(super) struct Resume {
    /// The run [default: the newest that is not over]
    run: Option<String>,

    #[command(flatten)]
    pub(super) work: WorkOptions,
}

impl Resume {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let stored = find_run(&environment.journal, self.run.as_deref())?;
        resume(stored, &self.work, environment)
    }
}

/// Takes a stored run up on the servers that it had, unless others are named.
pub(super) fn resume(
    stored: StoredRun,
    work: &WorkOptions,
    environment: &Environment,
) -> CommandResult {
    let watch = work.watch(environment);
    let mut choice = choice(&stored, &work.servers, environment)?;
    choice.budgets = work.budgets()?;
    watch.prepare_folder(&stored.plan, &choice.setup)?;
    let runtime = runtime()?;
    let session = Session::resume(stored, choice, &work.working(environment, &runtime)?)?;
    let decisions = watch.decisions(session.plan())?;
    conduct(session, decisions, &watch, &runtime)
}

/// The servers that a run had, unless others are named.
pub(super) fn choice(
    stored: &StoredRun,
    servers: &Servers,
    environment: &Environment,
) -> Result<Choice, Failure> {
    let mut setup = stored.record.setup.clone();
    let request = servers.request(environment);
    if servers.says_where() {
        let intent = Intent { plan: Some(&stored.plan), ..Intent::default() };
        let chosen = choose_world(&request, &environment.project, intent)?;
        let model = chosen.setup.model.clone().or(setup.model);
        let Setup { seed, cache, budgets, folder, parent, .. } = setup;
        setup = Setup { model, seed, cache, budgets, folder, parent, ..chosen.setup.clone() };
        return Ok(Choice { setup, ..chosen });
    }
    setup.model = request.model.or(setup.model);
    setup.seed = request.seed.or(setup.seed);
    Ok(Choice { setup, by: "the run itself".to_owned(), budgets: Vec::new() })
}
