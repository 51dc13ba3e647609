//! `partita diff`: two things that the command line names, compared.

use super::definition::Definition;
use super::failure::Failure;
use super::project::Project;
use crate::language::plan::{Difference, Plan};

/// Two things side by side. What they are decides how they are compared; so far they are
/// definitions.
#[derive(Debug)]
pub enum Comparison {
    /// Patterns, pipelines or saved plans.
    Definitions(Box<DefinitionComparison>),
}

/// Two definitions side by side.
#[derive(Debug)]
pub struct DefinitionComparison {
    /// The old one.
    pub old: Side,
    /// The new one.
    pub new: Side,
    /// What is different.
    pub difference: Difference,
}

/// One of two definitions.
#[derive(Debug)]
pub struct Side {
    /// How the command line names it.
    pub named: String,
    /// Its plan.
    pub plan: Plan,
}

impl Side {
    fn find(project: &Project, named: &str) -> Result<Side, Failure> {
        let plan = Definition::find(project, named)?.plan().clone();
        Ok(Side { named: named.to_owned(), plan })
    }
}

/// Compares two things.
///
/// # Errors
/// When there is no such thing, or one is faulty.
pub fn compare(project: &Project, old: &str, new: &str) -> Result<Comparison, Failure> {
    let old = Side::find(project, old)?;
    let new = Side::find(project, new)?;
    let difference = Difference::between(&old.plan, &new.plan);
    Ok(Comparison::Definitions(Box::new(DefinitionComparison { old, new, difference })))
}

impl Comparison {
    /// Whether nothing is different.
    pub fn is_same(&self) -> bool {
        match self {
            Comparison::Definitions(comparison) => comparison.difference.is_empty(),
        }
    }
}
