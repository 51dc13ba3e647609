//! Whether new work fits beside what is promised.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::staffing::{Staffing, WorkRequest};
use crate::engine::content::minutes_of_hours;
use crate::interface::app::given::read_tree;
use crate::interface::app::{Failure, FailureKind};
use crate::language::source::{NodeKind, Source, Span};
use crate::organization::{Admission, Complexity, Demand, admit};

/// More pieces of work than this are a mistake.
const MOST_WORK: usize = 10_000;

/// A piece of work as a file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    title: String,
    domain: Option<String>,
    #[serde(default)]
    skills: Vec<String>,
    #[serde(default)]
    complexity: Complexity,
    hours: Value,
    #[serde(default)]
    related: Vec<String>,
}

/// New work, and whether it fits.
pub struct AdmissionFound {
    /// What it is called, in the order of the file.
    pub titles: Vec<String>,
    /// What each piece asks.
    pub demands: Vec<Demand>,
    /// Who would do it and until when, or what is missing.
    pub admission: Admission,
}

impl Staffing {
    /// Whether the work that a file lists fits beside what is promised. Nothing is set aside.
    ///
    /// # Errors
    /// When the file is no list of work for this team, with the place.
    pub fn admission(&self, path: &Path) -> Result<AdmissionFound, Failure> {
        let (source, tree) = read_tree(path)?;
        let usage = |message: String| Failure::new(FailureKind::Usage, message);
        let no_list = || {
            usage(format!("{}: a list of work is expected", path.display())).hint(
                "write entries such as `- { title: Index the orders, domain: backend, skills: [sql], hours: 6 }`",
            )
        };
        let tree = tree.ok_or_else(no_list)?;
        let NodeKind::Sequence(entries) = tree.node(tree.resolve(tree.root())).kind() else {
            return Err(no_list());
        };
        if entries.is_empty() || entries.len() > MOST_WORK {
            let message =
                format!("{} pieces of work; 1 to {MOST_WORK} are expected", entries.len());
            return Err(usage(format!("{}: {message}", path.display())));
        }
        let (mut titles, mut demands) = (Vec::new(), Vec::new());
        for entry in entries {
            let place = tree.node(*entry).span();
            let at = |failure| located(failure, &source, place);
            let written = serde_json::from_value(tree.json_at(*entry));
            let written: Written =
                written.map_err(|error| at(usage(error.to_string())).hint(KEYS))?;
            let demand = self.demand(&written).map_err(at)?;
            titles.push(if written.title.is_empty() { no_title(&demand) } else { written.title });
            demands.push(demand);
        }
        let admission = admit(&self.team, &self.ledger, &demands, self.from);
        Ok(AdmissionFound { titles, demands, admission })
    }

    fn demand(&self, written: &Written) -> Result<Demand, Failure> {
        let minutes = minutes_of_hours(&written.hours)
            .map_err(|error| Failure::new(FailureKind::Usage, error.to_string()))?;
        let work = WorkRequest {
            domain: written.domain.clone(),
            skills: written.skills.clone(),
            complexity: written.complexity,
            minutes,
            related: written.related.clone(),
            never: Vec::new(),
        };
        Ok(self.demand_of(work)?.0)
    }
}

const KEYS: &str = "a piece of work has `hours`, and may have `title`, `domain`, `skills`, `complexity` and `related`";

fn located(mut failure: Failure, source: &Source, span: Span) -> Failure {
    let place = source.position(span.start);
    failure.message =
        format!("{}:{}:{}: {}", source.name(), place.line, place.column, failure.message);
    failure
}

fn no_title(demand: &Demand) -> String {
    let of = demand.domain.as_deref().unwrap_or("any domain");
    format!("work of {of}")
}
