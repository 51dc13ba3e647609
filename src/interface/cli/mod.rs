//! The command line: a command a file; one with many options is a folder. Only here is the
//! environment read, and only here is anything printed.

mod advise;
mod approve;
mod ask;
mod build;
mod cancel;
mod cluster;
mod compare;
mod completions;
mod context;
mod diff;
mod discover;
mod environment;
mod explain;
mod fork;
mod gc;
mod init;
mod journal;
mod learnings;
mod list;
mod live;
mod lock;
mod lsp;
mod new;
mod new_questions;
mod options;
mod org;
mod outcome;
mod outputs;
mod page;
mod plan;
mod question;
mod render;
mod resume;
mod retry;
mod run;
mod schema;
mod screen;
mod show;
mod signals;
mod test;
mod validate;
mod watch;
mod why;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use self::environment::{Common, Environment};
use self::screen::failure_json;
use super::app::Failure;

/// Conducts teams of language-model agents over a cluster of Ollama servers.
///
/// A pattern or pipeline is a YAML file: a team, inputs, waves of tasks, outputs. Partita checks
/// it, compiles it into a plan, and runs it wave by wave; every step is kept in a journal, so that
/// a run that was cut off goes on where it stopped.
#[derive(Debug, Parser)]
#[command(
    name = "partita",
    version,
    max_term_width = 100,
    after_help = EXAMPLES,
    arg_required_else_help = true
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  partita init                                 servers, a cluster file, a first pattern
  partita run product_launch --simulate        rehearse a pattern without any model
  partita run product_launch --server http://gpu1:11434 --server http://gpu2:11434
  partita validate                             every problem of every file, in one pass
  partita plan product_launch                  waves, needs, critical path, estimate
  partita resume                               go on with the run that was cut off

Exit codes:
    0  done
    1  the documents or the run failed, or the journal cannot be used
    2  the command line does not make sense
    3  no server could be reached
    4  a gate or a tool waits for a person
    5  a budget is used up
  130  interrupted";

// The options of all commands together are some hundreds; only those of the command that is called are put together.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
enum Command {
    Init(init::Init),
    New(new::New),
    Validate(validate::Validate),
    Test(test::Test),
    Explain(explain::Explain),
    Advise(advise::Advise),
    Outcome(outcome::Outcome),
    Learnings(learnings::Learnings),
    Plan(plan::Plan),
    Diff(diff::Diff),
    Render(render::Render),
    Run(run::Run),
    Compare(compare::Compare),
    Resume(resume::Resume),
    Retry(retry::Retry),
    Fork(fork::Fork),
    Cancel(cancel::Cancel),
    Approve(approve::Approve),
    Runs(list::Runs),
    Show(show::Show),
    Why(why::Why),
    Org(org::Org),
    Context(context::Context),
    Gc(gc::Gc),
    Journal(journal::Journal),
    Patterns(list::Patterns),
    Teams(list::Teams),
    Cluster(cluster::Cluster),
    Schema(schema::Schema),
    Lsp(lsp::Lsp),
    Completions(completions::Completions),
}

impl Command {
    fn execute(&self, environment: &Environment) -> CommandResult {
        match self {
            Command::Init(command) => command.execute(environment),
            Command::New(command) => command.execute(environment),
            Command::Validate(command) => command.execute(environment),
            Command::Test(command) => command.execute(environment),
            Command::Explain(command) => command.execute(environment),
            Command::Advise(command) => command.execute(environment),
            Command::Outcome(command) => command.execute(environment),
            Command::Learnings(command) => command.execute(environment),
            Command::Plan(command) => command.execute(environment),
            Command::Diff(command) => command.execute(environment),
            Command::Render(command) => command.execute(environment),
            Command::Run(command) => command.execute(environment),
            Command::Compare(command) => command.execute(environment),
            Command::Resume(command) => command.execute(environment),
            Command::Retry(command) => command.execute(environment),
            Command::Fork(command) => command.execute(environment),
            Command::Cancel(command) => command.execute(environment),
            Command::Approve(command) => command.execute(environment),
            Command::Runs(command) => command.execute(environment),
            Command::Show(command) => command.execute(environment),
            Command::Why(command) => command.execute(environment),
            Command::Org(command) => command.execute(environment),
            Command::Context(command) => command.execute(environment),
            Command::Gc(command) => command.execute(environment),
            Command::Journal(command) => command.execute(environment),
            Command::Patterns(command) => command.execute(environment),
            Command::Teams(command) => command.execute(environment),
            Command::Cluster(command) => command.execute(environment),
            Command::Schema(command) => command.execute(environment),
            Command::Lsp(command) => command.execute(environment),
            Command::Completions(command) => command.execute(environment),
        }
    }

    /// Whether a machine reads what it prints.
    fn is_json(&self) -> bool {
        match self {
            Command::Init(command) => command.output.is_json(),
            Command::New(command) => command.is_json(),
            Command::Validate(command) => command.is_json(),
            Command::Test(command) => command.is_json(),
            Command::Explain(command) => command.output.is_json(),
            Command::Advise(command) => command.output.is_json(),
            Command::Outcome(command) => command.output.is_json(),
            Command::Learnings(command) => command.is_json(),
            Command::Plan(command) => command.is_json(),
            Command::Diff(command) => command.is_json(),
            Command::Render(command) => command.output.is_json(),
            Command::Run(command) => command.work.output.is_json(),
            Command::Compare(command) => command.work.output.is_json(),
            Command::Resume(command) => command.work.output.is_json(),
            Command::Retry(command) => command.work.output.is_json(),
            Command::Fork(command) => command.work.output.is_json(),
            Command::Approve(command) => command.work.output.is_json(),
            Command::Runs(command) => command.output.is_json(),
            Command::Show(command) => command.output.is_json(),
            Command::Why(command) => command.output.is_json(),
            Command::Org(command) => command.is_json(),
            Command::Context(command) => command.is_json(),
            Command::Gc(command) => command.output.is_json(),
            Command::Journal(command) => command.is_json(),
            Command::Patterns(command) => command.is_json(),
            Command::Teams(command) => command.is_json(),
            Command::Cluster(command) => command.is_json(),
            Command::Cancel(_) | Command::Schema(_) | Command::Lsp(_) | Command::Completions(_) => {
                false
            }
        }
    }
}

impl Cli {
    /// What the command line says, or the end of the process with what is wrong with it.
    fn read() -> Cli {
        let mut command = Cli::command();
        let first = std::env::args_os().nth(1);
        if first.is_none_or(|first| command.find_subcommand(first).is_none()) {
            // A list of the commands may be asked for, with what each is for.
            command.build();
        }
        let matches = command.get_matches_mut();
        Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit())
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::read();
    let environment = Environment::read(&cli.common);
    match cli.command.execute(&environment) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            if cli.command.is_json() {
                environment.screen.json(&failure_json(&failure));
            }
            environment.screen.failure(&failure);
            ExitCode::from(failure.kind.exit_code())
        }
    }
}

/// What a command gives: its exit code, or why it could not do what it was asked.
type CommandResult = Result<u8, Failure>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_makes_sense() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples() {
        let mut cli = Cli::command();
        cli.build();
        for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:"), "{}", command.get_name());
        }
    }
}
