//! `partita explain`

use clap::Args;
use serde_json::json;

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use crate::interface::app::{Failure, FailureKind};
use crate::interface::report::explanation;
use crate::language::diagnostic::Code;
use crate::language::document::suggest::nearest;

/// Say what a finding means, with an example
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita explain unknown-task
  partita explain                          all codes, a line each")]
pub(super) struct Explain {
    /// The code, as `partita validate` prints it
    code: Option<String>,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Explain {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let screen = &environment.screen;
        let Some(code) = &self.code else {
            self.list(environment);
            return Ok(0);
        };
        let (entry, text) = explanation(code).ok_or_else(|| unknown(code))?;
        if self.output.is_json() {
            screen.json(&json!({
                "code": entry.code.as_str(),
                "severity": entry.severity.as_str(),
                "summary": entry.summary,
                "text": text,
            }));
        } else {
            screen.line(&format!("{}\n\n{text}", screen.out.bold(code)));
        }
        Ok(0)
    }

    fn list(&self, environment: &Environment) {
        let screen = &environment.screen;
        if self.output.is_json() {
            let codes: Vec<_> = Code::ALL
                .iter()
                .map(|entry| {
                    json!({
                        "code": entry.code.as_str(),
                        "severity": entry.severity.as_str(),
                        "summary": entry.summary,
                    })
                })
                .collect();
            return screen.json(&json!({ "codes": codes }));
        }
        let codes = Code::ALL.iter().map(|entry| entry.code.as_str());
        let width = codes.map(str::len).max().unwrap_or(0);
        for entry in Code::ALL {
            let code = format!("{:<width$}", entry.code.as_str());
            let severity = entry.severity.as_str();
            screen.line(&format!("{}  {severity:<7}  {}", screen.out.bold(&code), entry.summary));
        }
    }
}

fn unknown(code: &str) -> Failure {
    let failure = Failure::new(FailureKind::Usage, format!("there is no finding `{code}`"));
    match nearest(code, Code::ALL.iter().map(|entry| entry.code.as_str())) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`partita explain` lists the findings there are"),
    }
}
