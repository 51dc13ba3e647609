//! `commands` of a cluster: which programs the tool `run_command` may run.

use std::collections::BTreeSet;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::HumanDuration;

/// A program by its bare name: nothing that leads into a folder, and no option.
pub(crate) const PROGRAM_PATTERN: &str = "^[A-Za-z0-9_][A-Za-z0-9._+-]*$";

/// How long a command may take where nothing else is said.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// The programs that the tool `run_command` may run, if the command line allows commands too
/// (`--allow-commands`). Without this nobody is offered the tool.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandSettings {
    /// The programs by their bare names, as they are found on PATH.
    #[schemars(length(min = 1), inner(regex(pattern = PROGRAM_PATTERN)), example = &["cargo", "git"])]
    pub allow: BTreeSet<String>,
    /// How long a command may take. Then it is stopped, with all that it has started.
    #[serde(default = "default_timeout")]
    pub timeout: HumanDuration,
}

fn default_timeout() -> HumanDuration {
    HumanDuration(DEFAULT_TIMEOUT)
}

/// Whether a text is the bare name of a program, as [`PROGRAM_PATTERN`] has it.
pub fn is_program_name(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut characters = text.chars();
    characters.next().is_some_and(is_word)
        && characters.all(|c| is_word(c) || matches!(c, '.' | '+' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_the_pattern_of_the_schema_allows() {
        let schema = serde_json::json!({ "type": "string", "pattern": PROGRAM_PATTERN });
        let pattern = jsonschema::validator_for(&schema).expect("a schema");
        for (text, is_name) in [
            ("git", true),
            ("g++", true),
            ("python3.12", true),
            ("_run", true),
            ("", false),
            ("./git", false),
            ("/usr/bin/git", false),
            ("bin\\git", false),
            ("..", false),
            ("-c", false),
            ("git status", false),
            ("git\n", false),
        ] {
            assert_eq!(is_program_name(text), is_name, "{text:?}");
            assert_eq!(pattern.is_valid(&text.into()), is_name, "{text:?}");
        }
    }
}
