//! `partita completions`

use clap::{Args, Command, CommandFactory};
use clap_complete::{Shell, generate};

use super::environment::Environment;
use super::{Cli, CommandResult};

/// Print the completion script of a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita completions bash > ~/.local/share/bash-completion/completions/partita
  partita completions zsh > ~/.zfunc/_partita
  partita completions fish > ~/.config/fish/completions/partita.fish")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let mut script = Vec::new();
        generate(self.shell, &mut with_all_options(), "partita", &mut script);
        environment.screen.print(&String::from_utf8_lossy(&script));
        Ok(0)
    }
}

/// The command line with the options of all commands, which are put together before `help` is, whose own completions
/// name the commands of commands.
fn with_all_options() -> Command {
    let mut built = Cli::command();
    built.build();
    Cli::command().mut_subcommands(|command| {
        built.find_subcommand(command.get_name()).cloned().unwrap_or(command)
    })
}
