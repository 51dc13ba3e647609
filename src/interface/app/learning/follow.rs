//! Which advice a run follows: the one that is named, else what was said last about what is run.

use std::path::Path;
use std::time::Duration;

use super::stored::folder_name;
use crate::engine::Time;
use crate::insight::learning::{AdviceRecord, LEARNING_FACT_FORM, LearningFact};
use crate::interface::app::failure::{Failure, FailureKind};
use crate::runtime::journal::{AdviceId, AdviceWish, FollowedAdvice, Journal, StoredAdvice};

/// Advice that was given so long ago is not what somebody follows who does not name it.
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// What somebody says about the advice that a run follows.
#[derive(Debug, Clone, Copy)]
pub struct AdviceRequest<'a> {
    /// The journal's folder.
    pub journal: &'a Path,
    /// The project's folder.
    pub folder: &'a Path,
    /// The advice that is named, such as `A7`.
    pub named: Option<&'a str>,
    /// What is run, as whoever runs it calls it.
    pub called: Option<&'a str>,
    /// The run that it does again, if it does one again.
    pub of: Option<&'a str>,
    /// Whether it is a rehearsal.
    pub is_rehearsal: bool,
}

/// The advice that a run may follow.
#[derive(Debug, Clone)]
pub struct AdviceOfRun {
    wish: AdviceWish,
    called: Option<String>,
    of: Option<String>,
}

impl AdviceOfRun {
    /// The advice that a run may follow, if any. A rehearsal follows none: nothing can be learned of it.
    ///
    /// # Errors
    /// When advice is named that there is not, or for a rehearsal, or the journal cannot be read.
    pub fn choose(request: AdviceRequest<'_>, now: Time) -> Result<Option<AdviceOfRun>, Failure> {
        let wish = match (request.named, request.of) {
            (Some(named), _) if request.is_rehearsal => {
                let message = format!("a rehearsal does not follow {named}");
                return Err(Failure::new(FailureKind::Usage, message)
                    .hint("nothing can be learned of invented answers: leave out --advice"));
            }
            (Some(named), _) => AdviceWish::Named(find(request.journal, named)?),
            _ if request.is_rehearsal => return Ok(None),
            (None, Some(of)) => AdviceWish::OfRun(of.to_owned()),
            (None, None) => {
                AdviceWish::Unused { folder: folder_name(request.folder)?, since: now - FRESH }
            }
        };
        let (called, of) = (request.called.map(str::to_owned), request.of.map(str::to_owned));
        Ok(Some(AdviceOfRun { wish, called, of }))
    }

    /// Which advice it may be.
    pub(in crate::interface::app) fn wish(&self) -> &AdviceWish {
        &self.wish
    }

    /// What a run follows of what it may follow: what is named, else the newest that speaks of what is run.
    pub(in crate::interface::app) fn followed(
        &self,
        plan: &str,
        run: &str,
        open: &[StoredAdvice],
    ) -> Option<FollowedAdvice> {
        let is_meant = !matches!(self.wish, AdviceWish::Unused { .. });
        open.iter().find_map(|stored| {
            let id = stored.id.to_string();
            let said = AdviceRecord::read(&id, stored.form, &stored.body).ok();
            let spoken_of = said.and_then(|said| self.pattern_in(&said, plan));
            let pattern = spoken_of.or_else(|| is_meant.then(|| plan.to_owned()))?;
            let (run, of) = (run.to_owned(), self.of.clone());
            let fact = LearningFact::RunFollowed { run, advice: id, pattern, of };
            let (form, body) = (LEARNING_FACT_FORM, fact.body());
            Some(FollowedAdvice { id: stored.id, form, body })
        })
    }

    /// What is run, as advice calls it that speaks of it: by the name on the command line, or that of the document, which
    /// an import has behind its own.
    fn pattern_in(&self, said: &AdviceRecord, plan: &str) -> Option<String> {
        let names = said.pattern.iter().chain(said.candidates.iter().map(|one| &one.pattern));
        let is_it = |name: &&String| {
            self.called.as_ref() == Some(*name) || name.rsplit('/').next() == Some(plan)
        };
        names.into_iter().find(is_it).cloned()
    }
}

/// Advice by its id.
fn find(journal: &Path, named: &str) -> Result<AdviceId, Failure> {
    let usage = |message: String| {
        Failure::new(FailureKind::Usage, message)
            .hint("`partita learnings` lists the advice that was given")
    };
    let unknown = || usage(format!("there is no advice `{named}`"));
    let id = AdviceId::read(named)
        .ok_or_else(|| usage(format!("`{named}` is no advice: it has a name such as A7")))?;
    let journal = Journal::open_existing(journal)?.ok_or_else(unknown)?;
    let is_there = journal.advice()?.iter().any(|stored| stored.id == id);
    is_there.then_some(id).ok_or_else(unknown)
}
