//! `partita completions`

use clap::{Args, CommandFactory};
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
        generate(self.shell, &mut Cli::command(), "partita", &mut script);
        environment.screen.print(&String::from_utf8_lossy(&script));
        Ok(0)
    }
}
