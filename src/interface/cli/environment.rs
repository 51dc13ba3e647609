//! What the environment says: folders, terminals, colours.

use std::collections::BTreeMap;
use std::env;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::screen::Screen;
use crate::interface::app::{Failure, Project, recent_learnings};
use crate::interface::report::Paint;
use crate::runtime::clock::Clock;

const GLOBAL: &str = "Global options";

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
pub(super) struct Common {
    /// The folder of the journal [default: $PARTITA_JOURNAL, or `partita` in the state folder of
    /// your system]
    #[arg(long, global = true, value_name = "DIR", help_heading = GLOBAL)]
    pub(super) journal: Option<PathBuf>,

    /// A further folder in which documents are looked for; may be given several times
    #[arg(long, global = true, value_name = "DIR", help_heading = GLOBAL)]
    pub(super) library: Vec<PathBuf>,

    /// Whether output is coloured
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = GLOBAL)]
    pub(super) color: When,
}

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What the environment says.
pub(super) struct Environment {
    pub(super) screen: Screen,
    pub(super) project: Project,
    /// The journal's folder.
    pub(super) journal: PathBuf,
    /// The folder for what can be made anew at any time, if the system has one.
    pub(super) cache: Option<PathBuf>,
    /// `PARTITA_DURABILITY`.
    pub(super) durability: Option<String>,
    /// `OLLAMA_HOST`.
    pub(super) ollama_host: Option<String>,
    /// Who is at the keyboard, as far as the system says.
    pub(super) user: String,
    /// Whether somebody can be asked.
    pub(super) can_ask: bool,
    /// Whether a live view can be drawn.
    pub(super) can_draw: bool,
}

impl Environment {
    /// What was learned of patterns until now.
    pub(super) fn learnings(&self) -> impl Fn(&[&str]) -> Result<Vec<String>, Failure> {
        recent_learnings(&self.journal, Clock::start().now())
    }

    pub(super) fn read(common: &Common) -> Environment {
        let no_colour = variable("NO_COLOR").is_some();
        let coloured = |is_terminal: bool| match common.color {
            When::Always => true,
            When::Never => false,
            When::Auto => is_terminal && !no_colour,
        };
        let out_is_terminal = std::io::stdout().is_terminal();
        let err_is_terminal = std::io::stderr().is_terminal();
        let dumb = variable("TERM").is_some_and(|term| term == "dumb");
        Environment {
            screen: Screen {
                out: Paint { colour: coloured(out_is_terminal) },
                err: Paint { colour: coloured(err_is_terminal) },
                width: width(),
            },
            project: Project {
                root: PathBuf::from("."),
                libraries: common.library.clone(),
                ..Project::default()
            },
            journal: common.journal.clone().unwrap_or_else(default_journal),
            cache: cache_folder(),
            durability: variable("PARTITA_DURABILITY"),
            ollama_host: variable("OLLAMA_HOST"),
            user: variable("USER").or_else(|| variable("USERNAME")).unwrap_or_else(|| "you".into()),
            can_ask: std::io::stdin().is_terminal() && err_is_terminal,
            can_draw: err_is_terminal && !no_colour && !dumb,
        }
    }
}

/// Where the journal lies unless somebody says otherwise: what a program keeps between its runs
/// and nobody edits belongs into the state folder.
fn default_journal() -> PathBuf {
    if let Some(named) = variable("PARTITA_JOURNAL") {
        return PathBuf::from(named);
    }
    let base = folder("XDG_STATE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| folder("HOME").map(|home| home.join(".local").join("state")));
    base.unwrap_or_else(|| PathBuf::from(".partita")).join("partita")
}

fn cache_folder() -> Option<PathBuf> {
    let base = folder("XDG_CACHE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| folder("HOME").map(|home| home.join(".cache")));
    base.map(|base| base.join("partita"))
}

/// The folder that a variable names; one that is not absolute counts as none.
fn folder(name: &str) -> Option<PathBuf> {
    variable(name).filter(|value| Path::new(value).is_absolute()).map(PathBuf::from)
}

#[expect(clippy::disallowed_methods, reason = "here is where the environment is read")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Every variable that is text.
pub(super) fn all_variables() -> BTreeMap<String, String> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn width() -> usize {
    let terminal = terminal_size::terminal_size_of(std::io::stderr());
    let columns = variable("COLUMNS").and_then(|columns| columns.parse().ok());
    terminal.map(|(width, _)| usize::from(width.0)).or(columns).unwrap_or(100)
}
