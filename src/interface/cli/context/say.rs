//! What people and orchestrators enter into a context by hand.

use clap::{ArgGroup, Args};

use super::Chosen;
use crate::insight::context::{
    DecisionRecord, ObjectiveEnding, OptionRecord, SynthesisRecord, TaskEnding, Wish,
};
use crate::interface::app::{Failure, FailureKind};
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;

/// Set an objective, or say that one is reached or dropped
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("what").required(true).args(["text", "done", "dropped"]),
    after_help = "\
Examples:
  partita context objective \"Migrate authentication to OAuth2\"
  partita context objective --done OBJ_001
  partita context objective --drop OBJ_002"
)]
pub(super) struct Objective {
    /// What is to be reached
    text: Option<String>,

    /// An objective that is reached
    #[arg(long, value_name = "OBJ_ID")]
    done: Option<String>,

    /// An objective that is given up
    #[arg(long = "drop", id = "dropped", value_name = "OBJ_ID")]
    dropped: Option<String>,

    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl Objective {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let wish = match (&self.text, &self.done, &self.dropped) {
            (_, Some(id), _) => {
                Wish::EndObjective { id: id.clone(), ending: ObjectiveEnding::Completed }
            }
            (_, _, Some(id)) => {
                Wish::EndObjective { id: id.clone(), ending: ObjectiveEnding::Dropped }
            }
            (text, ..) => Wish::Objective { description: text.clone().unwrap_or_default() },
        };
        self.chosen.wish(environment, &[wish])
    }
}

/// Add a task that is to be done
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context task \"Research OAuth providers\"
  partita run research --task TASK_001            has a run do it")]
pub(super) struct Task {
    /// What is to be done
    text: String,

    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl Task {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        self.chosen.wish(environment, &[Wish::Task { description: self.text.clone() }])
    }
}

/// Say that a task is over, and what came of it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context complete TASK_001 \"Selected Auth0\"
  partita context complete TASK_002 \"No provider has it\" --failed")]
pub(super) struct Complete {
    /// The task, such as TASK_001
    #[arg(value_name = "TASK_ID")]
    task: String,

    /// What came of it
    outcome: String,

    /// It was given up
    #[arg(long)]
    failed: bool,

    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl Complete {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let ending = if self.failed { TaskEnding::Failed } else { TaskEnding::Succeeded };
        let (id, outcome) = (self.task.clone(), self.outcome.clone());
        self.chosen.wish(environment, &[Wish::EndTask { id, outcome, ending }])
    }
}

/// Record what was learned; the same again confirms it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context insight \"Migration can be phased by user segment\"")]
pub(super) struct Insight {
    /// What was learned
    text: String,

    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl Insight {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        self.chosen.wish(environment, &[Wish::Insight { text: self.text.clone() }])
    }
}

/// Ask for a decision that is still to be made
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context pending \"Which provider?\"
  partita context decide DEC_001 --choose Auth0 --because \"it has all enterprise features\"")]
pub(super) struct Pending {
    /// What is to be decided
    question: String,

    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl Pending {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        self.chosen.wish(environment, &[Wish::Question { text: self.question.clone() }])
    }
}

/// Record a decision with its options, risks, criteria and reason
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context decide DEC_001 --choose Auth0 --because \"it has all enterprise features\"
  partita context decide \"Which provider?\" --option Auth0 --option Keycloak \\
    --risk \"Auth0: its price\" --criterion \"effort of the move\" --choose Auth0 --because \"…\"")]
pub(super) struct Decide {
    /// A pending decision, or the question
    question: String,

    /// Something that could be chosen; may be given several times
    #[arg(long = "option", value_name = "TEXT")]
    options: Vec<String>,

    /// What could go wrong with an option; may be given several times
    #[arg(long = "risk", value_name = "OPTION: TEXT")]
    risks: Vec<String>,

    /// By what the options are judged; may be given several times
    #[arg(long = "criterion", value_name = "TEXT")]
    criteria: Vec<String>,

    /// What is chosen
    #[arg(long, value_name = "OPTION")]
    choose: String,

    /// Why
    #[arg(long, value_name = "TEXT")]
    because: String,

    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl Decide {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let decision = DecisionRecord {
            question: self.question.clone(),
            options: self.weighed()?,
            criteria: self.criteria.clone(),
            choice: self.choose.clone(),
            rationale: self.because.clone(),
        };
        self.chosen.wish(environment, &[Wish::Decision(decision)])
    }

    /// The options with their risks. A risk names its option, unless there is only one choice to speak of.
    fn weighed(&self) -> Result<Vec<OptionRecord>, Failure> {
        let new = |option: &String| OptionRecord { option: option.clone(), risks: Vec::new() };
        let mut options: Vec<OptionRecord> = self.options.iter().map(new).collect();
        if options.is_empty() && !self.risks.is_empty() {
            options.push(new(&self.choose));
        }
        for risk in &self.risks {
            let named = risk.split_once(':').and_then(|(name, text)| {
                let place = options.iter().position(|known| known.option == name.trim())?;
                Some((place, text.trim()))
            });
            let (place, text) = match named {
                Some(named) => named,
                None if options.len() == 1 => (0, risk.as_str()),
                None => {
                    let names: Vec<&str> =
                        options.iter().map(|known| known.option.as_str()).collect();
                    let message = format!("the risk `{risk}` names none of the options");
                    return Err(Failure::new(FailureKind::Usage, message)
                        .hint(format!("begin it with one of them: {}", names.join(", ")))
                        .hint("such as --risk \"Auth0: its price\""));
                }
            };
            options[place].risks.push(text.to_owned());
        }
        Ok(options)
    }
}

/// Record what several agents said together: agreements, conflicts, patterns, unknowns
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita context synthesis \"Which provider?\" --agreement \"Auth0 fits\" --unknown \"its price in 2028\"")]
pub(super) struct Synthesis {
    /// What it is about
    question: Option<String>,

    /// Where agents agree: high confidence; may be given several times
    #[arg(long = "agreement", value_name = "TEXT")]
    agreements: Vec<String>,

    /// Where they conflict: needs resolution; may be given several times
    #[arg(long = "conflict", value_name = "TEXT")]
    conflicts: Vec<String>,

    /// A pattern that emerges; may be given several times
    #[arg(long = "pattern", value_name = "TEXT")]
    patterns: Vec<String>,

    /// What remains unknown; may be given several times
    #[arg(long = "unknown", value_name = "TEXT")]
    unknowns: Vec<String>,

    #[command(flatten)]
    pub(super) chosen: Chosen,
}

impl Synthesis {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let synthesis = SynthesisRecord {
            question: self.question.clone().unwrap_or_default(),
            agreements: self.agreements.clone(),
            conflicts: self.conflicts.clone(),
            patterns: self.patterns.clone(),
            unknowns: self.unknowns.clone(),
        };
        self.chosen.wish(environment, &[Wish::Synthesis(synthesis)])
    }
}
