//! What people say: what a run was worth, and that something learned is to count no more.

use std::path::Path;

use super::stored::{change, damaged, folded, outcome_of, read, settle_learning};
use crate::engine::Time;
use crate::insight::learning::{Experience, LearningFact, VerdictRecord};
use crate::interface::app::failure::{Failure, FailureKind};
use crate::language::document::suggest::nearest;
use crate::runtime::journal::{Journal, JournalError, LearningChange, RunRecord};

/// What is to count no more. Without names it is everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct ResetRequest<'a> {
    /// Only of this pattern.
    pub pattern: Option<&'a str>,
    /// Only of this advice.
    pub advice: Option<&'a str>,
}

fn usage(message: String) -> Failure {
    Failure::new(FailureKind::Usage, message)
}

/// Keeps what somebody says about a run that is over, and gives what is known of the run now. What was said before stays on
/// record and does not count any more.
///
/// # Errors
/// When there is no such run, it is not over, or it is a rehearsal, or the journal cannot be written.
pub fn give_verdict(
    folder: &Path,
    given: &str,
    verdict: VerdictRecord,
    now: Time,
) -> Result<Experience, Failure> {
    if verdict.because.as_ref().is_some_and(|because| because.trim().is_empty()) {
        return Err(
            usage("the reason is empty".to_owned()).hint("write it in quotes: --because \"…\"")
        );
    }
    let none = || {
        usage("there are no runs yet".to_owned())
            .hint(format!("the journal is in {}", folder.display()))
    };
    let mut journal = Journal::open_existing(folder)?.ok_or_else(none)?;
    settle_learning(&mut journal, now)?;
    let (run, ended) = match journal.find(given) {
        Ok(record) => {
            let ended = ended(&journal, &record)?;
            (record.id.to_string(), Some(ended))
        }
        // A run that was removed is known by what was learned of it.
        Err(JournalError::UnknownRun(_)) => (removed(&journal, given)?, None),
        Err(error) => return Err(error.into()),
    };
    let stored = journal.change_learning(now, |facts| {
        let known = read(facts).map_err(|fault| damaged(&fault))?;
        let is_known = known.iter().any(|recorded| {
            matches!(&recorded.fact, LearningFact::RunEnded { run: other, .. } if *other == run)
        });
        let mut new: Vec<LearningFact> = ended.filter(|_| !is_known).into_iter().collect();
        new.push(LearningFact::VerdictGiven { run: run.clone(), verdict });
        Ok::<_, JournalError>(LearningChange { settled: vec![run.clone()], ..change(&new) })
    })?;
    stored?;
    let known = folded(&journal)?.of_run(&run).cloned();
    known.ok_or_else(|| {
        Failure::new(FailureKind::Failed, format!("what was said about run {run} is not there"))
    })
}

/// That a run is over, with what came of it.
fn ended(journal: &Journal, record: &RunRecord) -> Result<LearningFact, Failure> {
    let run = &record.id;
    if record.simulated {
        let message =
            format!("run {run} is a rehearsal: nothing can be learned of invented answers");
        return Err(usage(message).hint("say it of a run on real servers"));
    }
    if !record.is_over() {
        let message = format!("run {run} is not over: it is {}", record.status);
        return Err(usage(message)
            .hint(format!("`partita resume {run}` goes on with it"))
            .hint(format!("`partita cancel {run}` ends it")));
    }
    let outcome = outcome_of(journal, record)?.ok_or_else(|| {
        JournalError::Damaged(format!("run {run}: its facts do not say that it is over"))
    })?;
    Ok(LearningFact::RunEnded { run: run.to_string(), pattern: record.name.clone(), outcome })
}

/// A run that is not in the journal any more, by the beginning of its id.
fn removed(journal: &Journal, given: &str) -> Result<String, Failure> {
    let experiences = folded(journal)?;
    let given = given.to_lowercase();
    let over = experiences.runs.iter().filter(|one| one.outcome.is_some());
    let mut found = over.filter(|one| !given.is_empty() && one.run.starts_with(&given));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.run.clone()),
        (Some(one), Some(other)) => {
            let matches = vec![one.run.clone(), other.run.clone()];
            Err(JournalError::Ambiguous { given, matches }.into())
        }
        (None, _) => Err(JournalError::UnknownRun(given).into()),
    }
}

/// Has what was learned until now count no more, and gives how many runs that are. Nothing is removed.
///
/// # Errors
/// When there is no such pattern or advice among what was learned, or the journal cannot be written.
pub fn reset_learnings(
    folder: &Path,
    request: ResetRequest<'_>,
    by: &str,
    now: Time,
) -> Result<usize, Failure> {
    let Some(mut journal) = Journal::open_existing(folder)? else { return Ok(0) };
    settle_learning(&mut journal, now)?;
    let experiences = folded(&journal)?;
    let known = |name: &str, names: Vec<&str>, what: &str| match names.contains(&name) {
        true => Ok(()),
        false => {
            let near = nearest(name, names.iter().copied());
            let failure = usage(format!("nothing was learned of the {what} `{name}`"));
            Err(match near {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint("`partita learnings` lists what there is"),
            })
        }
    };
    let runs = || experiences.runs.iter();
    if let Some(pattern) = request.pattern {
        known(pattern, runs().map(|one| one.pattern.as_str()).collect(), "pattern")?;
    }
    let advice = request.advice.map(str::to_uppercase);
    if let Some(advice) = &advice {
        known(advice, runs().filter_map(|one| one.advice.as_deref()).collect(), "advice")?;
    }
    let fact = LearningFact::Forgotten {
        pattern: request.pattern.map(str::to_owned),
        advice,
        by: by.to_owned(),
    };
    let forgotten = |of: &crate::insight::learning::Experiences| {
        of.runs.iter().filter(|one| one.forgotten).count()
    };
    let before = forgotten(&experiences);
    let stored = journal.change_learning(now, |_| Ok::<_, JournalError>(change(&[fact])))?;
    stored?;
    Ok(forgotten(&folded(&journal)?).saturating_sub(before))
}
