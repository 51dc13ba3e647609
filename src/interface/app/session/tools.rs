//! The tools of a run: where it takes place, what it may reach and run, and who starts runs for those who lead.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Working;
use crate::interface::app::failure::{Failure, FailureKind};
use crate::interface::app::nested::{Nested, Starter};
use crate::interface::app::world::World;
use crate::language::plan::Plan;
use crate::runtime::journal::{RunId, Setup};
use crate::runtime::tools::{Commands, CommandsError, ToolAccess, ToolHouse, ToolsError};

/// The folder in which a run that uses tools takes place: the one in which it began.
pub(super) fn folder_of(
    plan: &Plan,
    setup: &Setup,
    access: &ToolAccess,
) -> Result<Option<PathBuf>, Failure> {
    if setup.folder.is_some() || !has_tools(plan) {
        return Ok(setup.folder.clone());
    }
    let folder = access.folder.canonicalize().map_err(|error| {
        let message = format!("the folder {} cannot be used: {error}", access.folder.display());
        Failure::new(FailureKind::Failed, message)
    })?;
    Ok(Some(folder))
}

fn has_tools(plan: &Plan) -> bool {
    plan.toolboxes().next().is_some()
}

/// The tools of a run, if it has any. In a rehearsal nothing is touched.
pub(super) fn tools_of(
    plan: &Plan,
    world: &World,
    access: &ToolAccess,
) -> Result<Option<ToolHouse>, Failure> {
    if !has_tools(plan) && access.agreed.is_empty() {
        return Ok(None);
    }
    if world.setup.simulation.is_some() {
        return Ok(Some(ToolHouse::simulated()));
    }
    let folder = world.setup.folder.clone().unwrap_or_else(|| access.folder.clone());
    let access = ToolAccess { folder, ..access.clone() };
    ToolHouse::open(plan, &access, &world.client).map(Some).map_err(|error| match &error {
        ToolsError::NothingAgreed(_) => Failure::new(FailureKind::Usage, error.to_string())
            .hint("`--allow-tool` agrees to a tool that an agent has under `ask`"),
        ToolsError::NoVariable { .. } => Failure::new(FailureKind::Failed, error.to_string())
            .hint("set it where you start Partita; it is not written down anywhere"),
        ToolsError::NoWorkspace { .. } | ToolsError::WorkspaceOutside { .. } => {
            Failure::new(FailureKind::Failed, error.to_string()).hint(
                "it is looked for in the folder in which the run began, and must lie below it",
            )
        }
    })
}

/// The programs that a run may run. What must allow them is asked before anybody else is asked anything;
/// in a rehearsal nothing is run.
pub(super) fn commands_of(
    plan: &Plan,
    setup: &Setup,
    access: &ToolAccess,
) -> Result<Option<Commands>, Failure> {
    if setup.simulation.is_some() {
        return Ok(None);
    }
    Commands::of(plan, setup.cluster.commands.as_ref(), access).map_err(|error| {
        let failure = Failure::new(FailureKind::Usage, error.to_string());
        let in_the_file = "name the programs in the cluster file: `commands: { allow: [git] }`";
        let on_the_line = "say `--allow-commands`";
        match error {
            CommandsError::NotByCluster { .. } => failure.hint(in_the_file),
            CommandsError::NotByCommandLine { .. } => failure.hint(on_the_line),
            CommandsError::NotAtAll { .. } => failure.hint(in_the_file).hint(on_the_line),
            CommandsError::NotListed { .. } => {
                failure.hint("add it to `allow` under `commands` of the cluster file")
            }
        }
    })
}

/// The tools with somebody who starts runs for those who lead, where somebody leads a team that may. In a rehearsal nothing
/// is started.
pub(super) fn orchestrated(
    plan: &Plan,
    tools: Option<ToolHouse>,
    (journal, run, setup, working): (&Path, &RunId, &Setup, &Working<'_>),
) -> Result<Option<ToolHouse>, Failure> {
    let may_start = plan.toolboxes().any(|(_, toolbox)| toolbox.orchestration.is_some());
    let Some(tools) = tools else { return Ok(None) };
    if !may_start || setup.simulation.is_some() {
        return Ok(Some(tools));
    }
    let starter = Starter {
        run: run.to_string(),
        setup: setup.clone(),
        project: working.project.clone(),
        journal: journal.to_owned(),
        durability: working.durability,
        access: working.access.clone(),
    };
    Ok(Some(tools.with_orchestrating(Arc::new(Nested::of(starter)?))))
}
