//! `partita org assign`

use clap::{Args, ValueEnum};

use super::capacity::Time;
use crate::interface::app::{FailureKind, WorkRequest};
use crate::interface::cli::CommandResult;
use crate::interface::cli::environment::Environment;
use crate::interface::cli::options::Output;
use crate::interface::report::{assignment_json, assignment_text};
use crate::organization::{self, minutes_of_text};

/// Say who would get a piece of work, and why
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita org assign shop_floor --domain backend --skills sql,rust --complexity high --hours 6
  partita org assign shop_floor --domain backend --hours 2 --related checkout
  partita org assign shop_floor --domain backend --hours 2 --never ann --from 2027-03-01
  partita org assign shop_floor --domain backend --hours 6 --json

Nothing is set aside. Exits with 1 if nobody could do it.")]
pub(super) struct Assign {
    #[command(flatten)]
    time: Time,

    /// The domain to which the work belongs [default: any]
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,

    /// The skills that it takes
    #[arg(long, value_name = "SKILLS", value_delimiter = ',')]
    skills: Vec<String>,

    /// How hard it is
    #[arg(long, value_name = "HOW", default_value = "medium")]
    complexity: Complexity,

    /// How many hours it takes
    #[arg(long = "hours", value_name = "HOURS", default_value = "0", value_parser = minutes_of_text)]
    minutes: u32,

    /// What it belongs to, such as a milestone: who has worked on that before is preferred
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    related: Vec<String>,

    /// Who must not get it
    #[arg(long, value_name = "AGENTS", value_delimiter = ',')]
    never: Vec<String>,

    #[command(flatten)]
    pub(super) output: Output,
}

/// How hard work is.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Complexity {
    /// Anybody can do it
    Low,
    /// It takes some experience
    Medium,
    /// It takes much
    High,
}

impl Complexity {
    fn value(self) -> organization::Complexity {
        match self {
            Complexity::Low => organization::Complexity::Low,
            Complexity::Medium => organization::Complexity::Medium,
            Complexity::High => organization::Complexity::High,
        }
    }
}

impl Assign {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let staffing = self.time.staffing(environment)?;
        let trimmed = |texts: &[String]| texts.iter().map(|text| text.trim().to_owned()).collect();
        let found = staffing.candidates(WorkRequest {
            domain: self.domain.clone(),
            skills: trimmed(&self.skills),
            complexity: self.complexity.value(),
            minutes: self.minutes,
            related: trimmed(&self.related),
            never: trimmed(&self.never),
        })?;
        let screen = &environment.screen;
        match self.output.is_json() {
            true => screen.json(&assignment_json(&staffing, &found)),
            false => screen.print(&assignment_text(&staffing, &found, screen.out)),
        }
        Ok(if found.found.is_ok() { 0 } else { FailureKind::Failed.exit_code() })
    }
}
