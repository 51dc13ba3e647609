//! All assertions tried at one server, and what came of it.

use super::assertion::Wrong;
use super::bench::Bench;
use super::cases;

/// What came of an examination: each assertion with its verdict, in the order of their numbers.
pub(crate) struct Outcome(Vec<(u8, &'static str, Result<(), Wrong>)>);

/// Tries every assertion; each is told as it ends.
pub(crate) fn examine(bench: &Bench, mut tell: impl FnMut(&str)) -> Outcome {
    let tried = cases::all().into_iter().map(|assertion| {
        let verdict = (assertion.check)(bench);
        tell(&line(assertion.number, assertion.name, &verdict));
        (assertion.number, assertion.name, verdict)
    });
    Outcome(tried.collect())
}

fn line(number: u8, name: &str, verdict: &Result<(), Wrong>) -> String {
    match verdict {
        Ok(()) => format!("{number:>2}  pass  {name}"),
        Err(Wrong::Failed(what)) => format!("{number:>2}  FAIL  {name}: {what}"),
        Err(Wrong::NotApplicable(why)) => format!("{number:>2}  n/a   {name}: {why}"),
    }
}

impl Outcome {
    /// The numbers of those that failed.
    pub(crate) fn failed(&self) -> Vec<u8> {
        self.numbers(|verdict| matches!(verdict, Err(Wrong::Failed(_))))
    }

    /// The numbers of those that could not be tried.
    pub(crate) fn not_applicable(&self) -> Vec<u8> {
        self.numbers(|verdict| matches!(verdict, Err(Wrong::NotApplicable(_))))
    }

    fn numbers(&self, is_wanted: impl Fn(&Result<(), Wrong>) -> bool) -> Vec<u8> {
        let wanted = self.0.iter().filter(|(_, _, verdict)| is_wanted(verdict));
        wanted.map(|(number, _, _)| *number).collect()
    }

    /// What was said of an assertion that failed.
    pub(crate) fn complaint(&self, wanted: u8) -> Option<&str> {
        self.0.iter().find_map(|(number, _, verdict)| match verdict {
            Err(Wrong::Failed(what)) if *number == wanted => Some(what.as_str()),
            _ => None,
        })
    }

    /// How many passed, and every one that did not, with the reason.
    pub(crate) fn summary(&self) -> String {
        let wrong = self.0.iter().filter(|(_, _, verdict)| verdict.is_err());
        let lines: Vec<String> = wrong.map(|(n, name, verdict)| line(*n, name, verdict)).collect();
        let (all, failed) = (self.0.len(), self.failed().len());
        let untried = self.not_applicable().len();
        let passed = all - failed - untried;
        format!(
            "{}\n{passed} of {all} passed, {failed} failed, {untried} not applicable",
            lines.join("\n")
        )
    }
}
