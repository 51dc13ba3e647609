//! What the journal has of advice, with what its runs have brought until now.

use std::cell::OnceCell;
use std::path::Path;

use crate::engine::Time;
use crate::insight::History;
use crate::insight::advisor::{Adjustments, Advice, Advisor};
use crate::insight::learning::{
    ADVICE_FORM, AdviceRecord, Asking, EstimateRecord, Experience, Experiences, GivenAdvice,
    LEARNING_FACT_FORM, LearningFact, LearningFault, RecordedLearningFact, RunOutcome, recent,
};
use crate::interface::app::advice::Estimate;
use crate::interface::app::failure::{Failure, FailureKind};
use crate::language::document::Library;
use crate::runtime::journal::{
    Damage, Journal, JournalError, LearningChange, NewAdvice, RunRecord, StoredAdvice, StoredFact,
};

/// So many sentences of what was learned are told.
const MOST_RECENT: usize = 5;

/// Keeps advice that was given, and gives its id: `A7`.
///
/// # Errors
/// When the journal cannot be written.
pub fn record_advice(
    journal: &Path,
    folder: &Path,
    request: &str,
    (advice, estimate): (&Advice, Option<&Estimate>),
    now: Time,
) -> Result<String, Failure> {
    let estimate = estimate.map(|estimate| EstimateRecord {
        calls: estimate.calls,
        time_us: u64::try_from(estimate.time.as_micros()).unwrap_or(u64::MAX),
    });
    let body = AdviceRecord::of(advice, estimate).body();
    let folder = folder_name(folder)?;
    let new = NewAdvice { folder: &folder, request, form: ADVICE_FORM, body: &body };
    Ok(Journal::open(journal)?.record_advice(new, now)?.to_string())
}

/// All that is known of runs and their advice; nothing where there is no journal.
///
/// # Errors
/// When the journal cannot be read or written.
pub fn experiences(journal: &Path, now: Time) -> Result<Experiences, Failure> {
    match Journal::open_existing(journal)? {
        Some(mut journal) => {
            settle_learning(&mut journal, now)?;
            Ok(folded(&journal)?)
        }
        None => Ok(Experiences::default()),
    }
}

/// What was learned of patterns lately, for the prompts of those who lead. The journal is read when it is first asked for.
pub fn recent_learnings(
    journal: &Path,
    now: Time,
) -> impl Fn(&[&str]) -> Result<Vec<String>, Failure> {
    let known = OnceCell::new();
    move |patterns| {
        if known.get().is_none() {
            let _ = known.set(experiences(journal, now)?);
        }
        let told = known.get().map(|known| recent(known, patterns, MOST_RECENT, now));
        Ok(told.unwrap_or_default())
    }
}

/// What was learned of a library's patterns for a request. Patterns of the built-in library are the same everywhere; of others
/// only that counts which was learned in the same folder, since elsewhere another pattern may have the name.
///
/// # Errors
/// When the journal cannot be read or written.
pub fn adjustments_for(
    journal: &Path,
    folder: &Path,
    (library, advisor): (&Library, &Advisor),
    request: &str,
    now: Time,
) -> Result<Adjustments, Failure> {
    let experiences = experiences(journal, now)?;
    let folder = folder_name(folder)?;
    let counts = |run: &Experience| {
        let document = library.orchestration(&run.pattern);
        document.is_some_and(|document| library.is_builtin(document))
            || run.folder.as_ref() == Some(&folder)
    };
    Ok(experiences.adjustments(&Asking { advisor, request, now, counts: &counts }))
}

/// A folder by its one name.
///
/// # Errors
/// When it is not there.
pub(super) fn folder_name(folder: &Path) -> Result<String, Failure> {
    let path = folder.canonicalize().map_err(|error| {
        let message = format!("the folder {} cannot be used: {error}", folder.display());
        Failure::new(FailureKind::Failed, message)
    })?;
    Ok(path.display().to_string())
}

/// What the journal has, without looking at runs.
pub(super) fn folded(journal: &Journal) -> Result<Experiences, JournalError> {
    let advice = journal.advice()?.iter().map(given).collect::<Result<Vec<_>, _>>();
    let facts = read(&journal.learning_facts()?);
    Ok(Experiences::of(
        advice.map_err(|fault| damaged(&fault))?,
        &facts.map_err(|fault| damaged(&fault))?,
    ))
}

fn given(stored: &StoredAdvice) -> Result<GivenAdvice, LearningFault> {
    let id = stored.id.to_string();
    let said = AdviceRecord::read(&id, stored.form, &stored.body)?;
    let (folder, request) = (stored.folder.clone(), stored.request.clone());
    Ok(GivenAdvice { id, at: stored.at, folder, request, said })
}

pub(super) fn read(stored: &[StoredFact]) -> Result<Vec<RecordedLearningFact>, LearningFault> {
    let read = |fact: &StoredFact| {
        RecordedLearningFact::read(fact.sequence, fact.at, fact.form, &fact.body)
    };
    stored.iter().map(read).collect()
}

pub(super) fn damaged(fault: &LearningFault) -> JournalError {
    let what = fault.to_string();
    match fault {
        LearningFault::Damaged(..) => JournalError::Damaged(what),
        LearningFault::UnknownForm(..) => JournalError::UnknownForm(what),
    }
}

/// Facts to be stored.
pub(super) fn change(facts: &[LearningFact]) -> LearningChange {
    LearningChange {
        bodies: facts.iter().map(LearningFact::body).collect(),
        form: LEARNING_FACT_FORM,
        settled: Vec::new(),
    }
}

/// What came of a run that is over.
pub(super) fn outcome_of(
    journal: &Journal,
    record: &RunRecord,
) -> Result<Option<RunOutcome>, JournalError> {
    let plan = journal.plan(record)?;
    let outcome = RunOutcome::of(&History::of_facts(plan, &journal.facts(&record.id)?));
    // A run that ever had a simulated server is a rehearsal, whatever was asked of it.
    Ok(outcome
        .map(|outcome| RunOutcome { simulated: outcome.simulated || record.simulated, ..outcome }))
}

/// Enters what came of runs that follow advice and are over. A run that cannot be read stays open; `journal check`
/// says what is wrong with it.
pub(in crate::interface::app) fn settle_learning(
    journal: &mut Journal,
    now: Time,
) -> Result<(), Failure> {
    let mut ended = Vec::new();
    for run in journal.unsettled_advised_runs()? {
        let Ok(record) = journal.find(&run) else { continue };
        if !record.is_over() {
            continue;
        }
        if let Ok(Some(outcome)) = outcome_of(journal, &record) {
            ended.push((run, record.name, outcome));
        }
    }
    if ended.is_empty() {
        return Ok(());
    }
    let entered = journal.change_learning(now, |facts| {
        let known = read(facts).map_err(|fault| damaged(&fault))?;
        let mut new = Vec::new();
        let mut settled = Vec::new();
        for (run, name, outcome) in ended {
            let mut pattern = name;
            let mut is_known = false;
            for recorded in &known {
                match &recorded.fact {
                    LearningFact::RunFollowed { run: other, pattern: run_as, .. }
                        if *other == run =>
                    {
                        pattern.clone_from(run_as);
                    }
                    LearningFact::RunEnded { run: other, .. } if *other == run => is_known = true,
                    _ => {}
                }
            }
            // Another process may have been faster.
            if !is_known {
                new.push(LearningFact::RunEnded { run: run.clone(), pattern, outcome });
            }
            settled.push(run);
        }
        Ok::<_, JournalError>(LearningChange { settled, ..change(&new) })
    })?;
    entered?;
    Ok(())
}

/// Enters what came of a run, if it follows advice.
///
/// # Errors
/// When the journal cannot be read or written: it is entered when somebody asks for advice next.
pub fn settle_advised_run(journal: &Path, run: &str, now: Time) -> Result<(), Failure> {
    let mut journal = Journal::open(journal)?;
    match journal.advice_of_run(run)? {
        Some(_) => settle_learning(&mut journal, now),
        None => Ok(()),
    }
}

/// What is wrong with what was learned beside what the journal itself finds.
pub(in crate::interface::app) fn check_learning(
    journal: &Journal,
) -> Result<Vec<Damage>, JournalError> {
    let mut damages = Vec::new();
    let mut note = |fault: &LearningFault| {
        damages.push(Damage { run: None, fact: None, what: fault.to_string() });
    };
    for stored in journal.advice()? {
        if let Err(fault) = given(&stored) {
            note(&fault);
        }
    }
    for fact in journal.learning_facts()? {
        if let Err(fault) = read(std::slice::from_ref(&fact)) {
            note(&fault);
        }
    }
    Ok(damages)
}
