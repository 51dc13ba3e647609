//! `partita new`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::CommandResult;
use super::environment::Environment;
use super::list::library;
use super::new_questions::complete;
use super::options::Output;
use super::question::Questions;
use crate::interface::app::{
    Draft, DraftRequest, Failure, FailureKind, Fate, draft, example_of, load, place_at,
};
use crate::interface::report::example_command;
use crate::language::document::DocumentKind;

/// Write a new pattern, pipeline, team or cluster that is without fault from the start
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita new pattern                      asks what it is to be like
  partita new pattern review --input text --agent \"Critic: Find what is wrong\" --agent Editor
  partita new pipeline nightly --uses parallel_research --uses consensus_building
  partita new team desk --agent \"Lead: Decide\" --agent \"Analyst: Find the figures\"
  partita new cluster lab --server http://gpu1:11434 --server http://gpu2:11434")]
pub(super) struct New {
    #[command(subcommand)]
    command: NewCommand,
}

#[derive(Debug, Subcommand)]
enum NewCommand {
    Pattern(NewPattern),
    Pipeline(NewPipeline),
    Team(NewTeam),
    Cluster(NewCluster),
}

/// A pattern: a reusable orchestration with inputs and outputs
#[derive(Debug, Args)]
struct NewPattern {
    #[command(flatten)]
    orchestration: Orchestration,
}

/// A pipeline: chains patterns, and is run
#[derive(Debug, Args)]
struct NewPipeline {
    #[command(flatten)]
    orchestration: Orchestration,
}

#[derive(Debug, Args)]
struct Orchestration {
    #[command(flatten)]
    common: Common,

    /// An input; may be given several times. Without a type it is text
    #[arg(short, long = "input", value_name = "NAME[:TYPE][=DEFAULT]")]
    inputs: Vec<String>,

    /// An agent of its own team; may be given several times. The last one makes one result of all
    #[arg(long = "agent", value_name = "ROLE: PURPOSE", conflicts_with = "team")]
    agents: Vec<String>,

    /// A team of the library that does it
    #[arg(long, value_name = "NAME")]
    team: Option<String>,

    /// A pattern that it uses; may be given several times
    #[arg(long, value_name = "NAME")]
    uses: Vec<String>,

    /// A wave; may be given several times. The work is spread over them in order
    #[arg(long = "wave", value_name = "NAME")]
    waves: Vec<String>,
}

/// A team, to be named by patterns
#[derive(Debug, Args)]
struct NewTeam {
    #[command(flatten)]
    common: Common,

    /// An agent; may be given several times. The first one leads
    #[arg(long = "agent", value_name = "ROLE: PURPOSE")]
    agents: Vec<String>,
}

/// A cluster: the servers of a run, to be named with --cluster
#[derive(Debug, Args)]
struct NewCluster {
    #[command(flatten)]
    common: Common,

    /// A server; may be given several times [default: the local one]
    #[arg(long = "server", value_name = "URL")]
    servers: Vec<String>,
}

#[derive(Debug, Args)]
struct Common {
    /// Its name: small letters, digits and `_`
    name: Option<String>,

    /// What it does, or is there for, in a sentence
    #[arg(long, value_name = "TEXT")]
    summary: Option<String>,

    /// Where it is written; `-` is standard output [default: NAME.yaml in the folder of its kind]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Ask nothing
    #[arg(long)]
    no_input: bool,

    #[command(flatten)]
    format: Output,
}

impl New {
    pub(super) fn is_json(&self) -> bool {
        self.command.common().format.is_json()
    }

    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let (kind, mut request) = self.command.request();
        let common = self.command.common();
        if common.name.is_none() {
            let questions = Questions::at_terminal(environment, common.no_input.into());
            let mut questions =
                questions.filter(|_| !common.format.is_json()).ok_or_else(|| {
                    let message = format!("a {} needs a name", kind.as_str());
                    let example =
                        format!("for example `partita new {} first_draft`", kind.as_str());
                    Failure::new(FailureKind::Usage, message).hint(example)
                })?;
            complete(&mut questions, kind, &library(environment), &mut request);
        }
        let draft = draft(&environment.project, kind, &request)?;
        if draft.path == Path::new("-") {
            environment.screen.print(&draft.text);
            return Ok(0);
        }
        if place_at(&draft.path, &draft.text)? == Fate::Kept {
            let message = format!("there is a file {} already", draft.path.display());
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("it stays as it is; name another with --output FILE"));
        }
        self.report(environment, &draft)?;
        Ok(0)
    }

    fn report(&self, environment: &Environment, draft: &Draft) -> Result<(), Failure> {
        let screen = &environment.screen;
        let file = draft.path.display().to_string();
        let next = next(environment, draft)?;
        if self.is_json() {
            let (kind, name) = (draft.kind.as_str(), &draft.name);
            screen.json(&json!({ "kind": kind, "name": name, "file": file, "next": next }));
            return Ok(());
        }
        screen.line(&format!("{}  {file}", screen.out.good("wrote")));
        screen.line(&format!("\n{}", screen.out.bold("next")));
        next.iter().for_each(|command| screen.line(&format!("  {command}")));
        Ok(())
    }
}

/// The commands that come next.
fn next(environment: &Environment, draft: &Draft) -> Result<Vec<String>, Failure> {
    let file = draft.path.display().to_string();
    Ok(match draft.kind {
        DocumentKind::Team => vec![
            format!("partita teams show {}", draft.name),
            format!("partita new pattern --team {}", draft.name),
        ],
        DocumentKind::Cluster => vec![
            format!("partita cluster status --cluster {file}"),
            format!("partita validate --online --cluster {file}"),
        ],
        _ => {
            // The example has values for the inputs that are required.
            let loaded = load(&environment.project, &file)?;
            let is_found = environment.project.files().contains(&draft.path);
            let target = if is_found { &draft.name } else { &file };
            let example = example_command(&example_of(&loaded, target));
            vec![format!("partita plan {target}"), example]
        }
    })
}

impl NewCommand {
    fn common(&self) -> &Common {
        match self {
            NewCommand::Pattern(new) => &new.orchestration.common,
            NewCommand::Pipeline(new) => &new.orchestration.common,
            NewCommand::Team(new) => &new.common,
            NewCommand::Cluster(new) => &new.common,
        }
    }

    fn request(&self) -> (DocumentKind, DraftRequest) {
        let common = self.common();
        let request = DraftRequest {
            name: common.name.clone().unwrap_or_default(),
            summary: common.summary.clone(),
            output: common.output.clone(),
            ..DraftRequest::default()
        };
        let orchestration = |new: &Orchestration, request| DraftRequest {
            inputs: new.inputs.clone(),
            agents: new.agents.clone(),
            team: new.team.clone(),
            uses: new.uses.clone(),
            waves: new.waves.clone(),
            ..request
        };
        match self {
            NewCommand::Pattern(new) => {
                (DocumentKind::Pattern, orchestration(&new.orchestration, request))
            }
            NewCommand::Pipeline(new) => {
                (DocumentKind::Pipeline, orchestration(&new.orchestration, request))
            }
            NewCommand::Team(new) => {
                (DocumentKind::Team, DraftRequest { agents: new.agents.clone(), ..request })
            }
            NewCommand::Cluster(new) => {
                (DocumentKind::Cluster, DraftRequest { servers: new.servers.clone(), ..request })
            }
        }
    }
}
