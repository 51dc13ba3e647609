//! A context that is open: what it holds now, and what somebody wants of it.

use super::find::ContextPlace;
use super::refusal::refused;
use super::runs::news;
use crate::engine::Time;
use crate::insight::context::{
    CONTEXT_FACT_FORM, Context, ContextFact, ContextFault, Happening, Memory, OpenRun,
    RecordedContextFact, Refusal, RunNews, Wish,
};
use crate::interface::app::failure::{Failure, FailureKind};
use crate::runtime::journal::{
    BegunContext, ContextChange, ContextRecord, Journal, JournalError, StoredFact,
};

/// A context that is open, with what its runs have brought until now.
pub struct OpenedContext {
    /// The journal.
    pub journal: Journal,
    /// What the journal says of it.
    pub record: ContextRecord,
    /// What it holds.
    pub context: Context,
}

/// A context that was taken up again.
pub struct Resumed {
    /// What it holds.
    pub opened: OpenedContext,
    /// When the session before began, if there was one.
    pub before: Option<Time>,
    /// What has happened since then.
    pub since: Vec<Happening>,
}

/// Begins a context.
///
/// # Errors
/// When one is open for the folder, or the journal cannot be written.
pub fn begin_context(place: ContextPlace<'_>, now: Time) -> Result<OpenedContext, Failure> {
    let (project, folder) = (place.project_name()?, place.folder_name()?);
    let mut journal = Journal::open(place.journal)?;
    let begun = ContextFact::Begun { project: project.clone() };
    let mut context = fold_facts(&project, &stored(std::slice::from_ref(&begun), now))?;
    let session = context.follow_wish(&Wish::Session, now).map_err(|error| refused(&error))?;
    let facts: Vec<ContextFact> = std::iter::once(begun).chain(session).collect();
    match journal.begin_context(&project, &folder, now, &change(&facts))? {
        BegunContext::New(record) => {
            context.grow(&facts[1..], now).map_err(|fault| damaged(&project, &fault))?;
            Ok(OpenedContext { journal, record, context })
        }
        BegunContext::Open(open) => {
            let message = format!("a context of `{}` is open for this folder", open.project);
            Err(Failure::new(FailureKind::Usage, message)
                .hint("`partita context resume` goes on with it")
                .hint("`partita context close` puts it away, and nothing of it is lost"))
        }
    }
}

/// Begins a session in an open context.
///
/// # Errors
/// When none is open, or the journal cannot be written.
pub fn resume_context(place: ContextPlace<'_>, now: Time) -> Result<Resumed, Failure> {
    let mut opened = OpenedContext::find(place, now)?;
    let before = opened.context.sessions.last().map(|session| session.began);
    let since = before.map(|before| opened.context.since(before)).unwrap_or_default();
    opened.wish(&Wish::Session, now)?;
    Ok(Resumed { opened, before, since })
}

impl OpenedContext {
    /// The context of a folder or project, with what its runs have brought until now.
    ///
    /// # Errors
    /// When none is open, or the journal cannot be read or written.
    pub fn find(place: ContextPlace<'_>, now: Time) -> Result<OpenedContext, Failure> {
        let (mut journal, record) = place.opened()?;
        let context = caught_up(&mut journal, &record, now)?;
        Ok(OpenedContext { journal, record, context })
    }

    /// Has a wish followed, and gives the facts that were stored.
    ///
    /// # Errors
    /// When it cannot be followed, or the journal cannot be written.
    pub fn wish(&mut self, wish: &Wish, now: Time) -> Result<Vec<ContextFact>, Failure> {
        let closes = *wish == Wish::Close;
        let (added, context) = change_by(&mut self.journal, &self.record, now, |context| {
            let facts = context.follow_wish(wish, now)?;
            Ok(ContextChange { closes, ..change(&facts) })
        })?;
        self.context = context;
        Ok(added)
    }

    /// How the runs stand that are not over.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn open_runs(&self) -> Result<Vec<OpenRun>, Failure> {
        let mut open = Vec::new();
        for known in self.context.open_runs() {
            let status = match self.journal.find(&known.run) {
                Ok(record) if record.status == "running" => {
                    let under_way = self.journal.is_under_way(&record.id);
                    if under_way { "running".to_owned() } else { "interrupted".to_owned() }
                }
                Ok(record) => record.status,
                Err(JournalError::UnknownRun(_)) => "gone".to_owned(),
                Err(error) => return Err(error.into()),
            };
            open.push(OpenRun { run: known.run.clone(), status });
        }
        Ok(open)
    }

    /// What is remembered, and what all contexts of the journal have taught.
    ///
    /// # Errors
    /// When the journal cannot be read. Another context that is damaged teaches nothing.
    pub fn memory(&self, now: Time) -> Result<Memory, Failure> {
        memory(&self.journal, &self.record, &self.context, now)
    }
}

/// What is remembered of a context, and what all contexts of the journal have taught.
pub(super) fn memory(
    journal: &Journal,
    own: &ContextRecord,
    context: &Context,
    now: Time,
) -> Result<Memory, Failure> {
    let mut all = vec![context.clone()];
    for record in journal.contexts()?.iter().filter(|record| record.id != own.id) {
        all.extend(folded(record, &journal.context_facts(record.id)?).ok());
    }
    Ok(Memory::of(context, &all, now))
}

/// What a context holds, with what its runs have brought until now stored in it.
pub(super) fn caught_up(
    journal: &mut Journal,
    record: &ContextRecord,
    now: Time,
) -> Result<Context, Failure> {
    let context = folded(record, &journal.context_facts(record.id)?)?;
    let mut all = Vec::new();
    for run in context.open_runs() {
        // Of a run that is damaged nothing is known; `journal check` says so.
        all.extend(news(journal, &run.run)?);
    }
    let is_new = |news: &RunNews| !context.book(news).is_empty();
    if !all.iter().any(is_new) {
        return Ok(context);
    }
    let (_, context) = change_by(journal, record, now, |context| {
        // Somebody else may have entered some of it in the meantime: what is in is not entered again.
        let mut grown = context.clone();
        let mut facts = Vec::new();
        let mut settled = Vec::new();
        for news in &all {
            let new = grown.book(news);
            if grown.grow(&new, now).is_err() {
                continue;
            }
            facts.extend(new);
            settled.extend(news.end.as_ref().map(|_| news.run.clone()));
        }
        Ok(ContextChange { settled, ..change(&facts) })
    })?;
    Ok(context)
}

/// Adds what follows from what a context holds, inside the transaction that stores it.
pub(super) fn change_by(
    journal: &mut Journal,
    record: &ContextRecord,
    now: Time,
    decide: impl FnOnce(&Context) -> Result<ContextChange, Refusal>,
) -> Result<(Vec<ContextFact>, Context), Failure> {
    let mut before = 0;
    let stored = journal.change_context(record.id, now, |facts| {
        let context = folded(record, facts)?;
        before = facts.len();
        decide(&context).map_err(|error| refused(&error))
    })??;
    let context = folded(record, &stored)?;
    let added = stored[before..].iter().map(|fact| read(record, fact).map(|fact| fact.fact));
    Ok((added.collect::<Result<_, _>>()?, context))
}

/// Facts to be stored.
pub(super) fn change(facts: &[ContextFact]) -> ContextChange {
    ContextChange {
        bodies: facts.iter().map(ContextFact::body).collect(),
        form: CONTEXT_FACT_FORM,
        ..ContextChange::default()
    }
}

/// The context that stored facts make.
pub(super) fn folded(
    record: &ContextRecord,
    facts: &[StoredFact],
) -> Result<Context, JournalError> {
    fold_facts(&record.project, facts)
}

fn fold_facts(project: &str, facts: &[StoredFact]) -> Result<Context, JournalError> {
    let read = |fact: &StoredFact| {
        RecordedContextFact::read(fact.sequence, fact.at, fact.form, &fact.body)
    };
    let facts: Result<Vec<_>, _> = facts.iter().map(read).collect();
    let context = facts.and_then(|facts| Context::of_facts(&facts));
    let context = context.map_err(|fault| damaged(project, &fault))?;
    let nothing = || JournalError::Damaged(format!("the context of `{project}` has no facts"));
    context.ok_or_else(nothing)
}

fn read(record: &ContextRecord, fact: &StoredFact) -> Result<RecordedContextFact, JournalError> {
    RecordedContextFact::read(fact.sequence, fact.at, fact.form, &fact.body)
        .map_err(|fault| damaged(&record.project, &fault))
}

pub(super) fn damaged(project: &str, fault: &ContextFault) -> JournalError {
    let what = format!("the context of `{project}`: {fault}");
    match fault {
        ContextFault::Damaged(..) => JournalError::Damaged(what),
        ContextFault::UnknownForm(..) => JournalError::UnknownForm(what),
    }
}

fn stored(facts: &[ContextFact], at: Time) -> Vec<StoredFact> {
    let stored = |(sequence, fact): (u64, &ContextFact)| StoredFact {
        sequence,
        at,
        form: CONTEXT_FACT_FORM,
        body: fact.body(),
    };
    (1..).zip(facts).map(stored).collect()
}
