//! `partita explain`

use clap::Args;
use serde_json::{Value, json};

use super::CommandResult;
use super::environment::Environment;
use super::options::Output;
use crate::interface::app::{Failure, FailureKind};
use crate::interface::report::explanation;
use crate::language::document::suggest::nearest;
use crate::language::lint::{Kind, kinds};

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
        let (kind, text) = explanation(code).ok_or_else(|| unknown(code))?;
        if self.output.is_json() {
            let mut object = kind_json(&kind);
            object["text"] = text.into();
            screen.json(&object);
        } else {
            screen.line(&format!("{}\n\n{text}", screen.out.bold(code)));
        }
        Ok(0)
    }

    fn list(&self, environment: &Environment) {
        let screen = &environment.screen;
        let kinds: Vec<Kind> = kinds().collect();
        if self.output.is_json() {
            let codes: Vec<Value> = kinds.iter().map(kind_json).collect();
            return screen.json(&json!({ "codes": codes }));
        }
        let width = kinds.iter().map(|kind| kind.code.as_str().len()).max().unwrap_or(0);
        for kind in kinds {
            let code = format!("{:<width$}", kind.code.as_str());
            let (severity, audience) = (kind.severity.as_str(), kind.audience.as_str());
            let code = screen.out.bold(&code);
            screen.line(&format!("{code}  {severity:<7}  {audience:<7}  {}", kind.summary));
        }
    }
}

fn kind_json(kind: &Kind) -> Value {
    json!({
        "code": kind.code.as_str(),
        "severity": kind.severity.as_str(),
        "confidence": kind.confidence.as_str(),
        "audience": kind.audience.as_str(),
        "summary": kind.summary,
    })
}

fn unknown(code: &str) -> Failure {
    let failure = Failure::new(FailureKind::Usage, format!("there is no finding `{code}`"));
    match nearest(code, kinds().map(|kind| kind.code.as_str())) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`partita explain` lists the findings there are"),
    }
}
