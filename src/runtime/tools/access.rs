//! What people and their environment allow tools.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What every program is given of the environment: without them hardly any starts.
const PASSED_ON: [&str; 14] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "APPDATA",
    "LOCALAPPDATA",
];

/// What people and their environment allow tools.
#[derive(Debug, Clone, Default)]
pub struct ToolAccess {
    /// The folder in which Partita runs: servers are started in it, and workspaces lie in it.
    pub folder: PathBuf,
    /// The environment: every program is given a few variables of it, and those that its document names.
    pub variables: BTreeMap<String, String>,
    /// The tools, or servers, to whose use a person has agreed.
    pub agreed: BTreeSet<String>,
    /// Whether the command line allows commands; the cluster file must allow them as well.
    pub commands: bool,
}

/// The variables that every program is given.
pub(super) fn passed_on(variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let known = PASSED_ON.iter();
    known.filter_map(|name| Some(((*name).to_owned(), variables.get(*name)?.clone()))).collect()
}
