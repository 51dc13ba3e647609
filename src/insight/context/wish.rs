//! What somebody wants of a context, and the facts that follow. Whoever stores them asks inside the
//! transaction in which they are stored: ids are given out once, whoever else writes.

use super::fact::{
    ContextFact, DecisionRecord, ObjectiveEnding, SpawnedAgent, SynthesisRecord, TaskEnding,
};
use super::moments::session_name;
use super::run_news::RunNews;
use super::state::{Context, ContextDecision};
use crate::engine::{RunStatus, Time};
use crate::insight::wording::{gist, shortened};

/// What somebody wants of a context.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// To work in it from now on.
    Session,
    /// Something to be reached.
    Objective {
        /// What.
        description: String,
    },
    /// An objective is over.
    EndObjective {
        /// Which.
        id: String,
        /// How.
        ending: ObjectiveEnding,
    },
    /// Something to be done.
    Task {
        /// What.
        description: String,
    },
    /// A task is over.
    EndTask {
        /// Which.
        id: String,
        /// What came of it.
        outcome: String,
        /// How.
        ending: TaskEnding,
    },
    /// Something was learned.
    Insight {
        /// What.
        text: String,
    },
    /// Something is to be decided.
    Question {
        /// What.
        text: String,
    },
    /// Something was decided: a pending decision, where `question` is its id or its question.
    Decision(DecisionRecord),
    /// What several agents said was put together.
    Synthesis(SynthesisRecord),
    /// It is put away.
    Close,
}

/// A run that is started in a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunEntry<'a> {
    /// The name of the pattern or pipeline.
    pub name: &'a str,
    /// What it does, in a sentence.
    pub summary: &'a str,
    /// The task that it is to do; a new one where none is named.
    pub task: Option<&'a str>,
    /// The run that it is a fork of.
    pub of: Option<&'a str>,
    /// Whether its answers are invented.
    pub is_rehearsal: bool,
}

/// Why a wish cannot be followed. The user's fault; `Display` says what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A text that says nothing.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// There is no such thing.
    #[error("there is no {what} `{given}`")]
    Unknown {
        /// `task`, `objective` or `decision`.
        what: &'static str,
        /// What was given.
        given: String,
        /// Those there are, with what they are.
        known: Vec<(String, String)>,
    },
    /// It is over already.
    #[error("{what} `{id}` is over already: {how}")]
    Over {
        /// `task`, `objective` or `decision`.
        what: &'static str,
        /// Which.
        id: String,
        /// How it ended.
        how: String,
    },
    /// What was chosen is none of the options.
    #[error("`{choice}` is none of the options")]
    NoOption {
        /// What was chosen.
        choice: String,
        /// What there was to choose from.
        options: Vec<String>,
    },
    /// The same is there already.
    #[error("{what} `{id}` says the same already")]
    Same {
        /// `objective` or `task`.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// It was put away.
    #[error("the context of `{project}` is closed")]
    Closed {
        /// The project.
        project: String,
    },
}

impl Context {
    /// The facts that follow from a wish.
    ///
    /// # Errors
    /// When it cannot be followed.
    pub fn follow_wish(&self, wish: &Wish, now: Time) -> Result<Vec<ContextFact>, Refusal> {
        if self.closed {
            return Err(Refusal::Closed { project: self.project.clone() });
        }
        let fact = match wish {
            Wish::Session => ContextFact::SessionBegun { session: self.new_session(now) },
            Wish::Objective { description } => {
                let description = said(description, "the objective")?;
                let active = self.active_objectives();
                let known = active.map(|known| (&known.id, &known.description));
                no_double("objective", &description, known)?;
                ContextFact::ObjectiveAdded { id: self.new_objective(), description }
            }
            Wish::EndObjective { id, ending } => self.end_of_objective(id, *ending)?,
            Wish::Task { description } => {
                let description = said(description, "the task")?;
                let active = self.active_tasks();
                no_double(
                    "task",
                    &description,
                    active.map(|known| (&known.id, &known.description)),
                )?;
                ContextFact::TaskAdded { id: self.new_task(), description }
            }
            Wish::EndTask { id, outcome, ending } => {
                let outcome = said(outcome, "the outcome")?;
                let id = self.active_task(id)?;
                ContextFact::TaskEnded { id, outcome, ending: *ending }
            }
            Wish::Insight { text } => self.insight(&said(text, "the insight")?, None),
            Wish::Question { text } => {
                let question = said(text, "the question")?;
                let pending = self.pending_decisions();
                no_double(
                    "decision",
                    &question,
                    pending.map(|known| (&known.id, &known.question)),
                )?;
                ContextFact::DecisionAsked { id: self.new_decision(0), question }
            }
            Wish::Decision(record) => self.decision(record)?,
            Wish::Synthesis(synthesis) => {
                let parts = [
                    &synthesis.agreements,
                    &synthesis.conflicts,
                    &synthesis.patterns,
                    &synthesis.unknowns,
                ];
                if parts.iter().all(|part| part.is_empty()) {
                    return Err(Refusal::Empty("the synthesis"));
                }
                ContextFact::Synthesized { synthesis: synthesis.clone(), run: None }
            }
            Wish::Close => ContextFact::Closed,
        };
        Ok(vec![fact])
    }

    /// The facts that follow when a run is started.
    ///
    /// # Errors
    /// When the task that it is to do is unknown or over.
    pub fn enter_run(&self, run: &str, entry: &RunEntry<'_>) -> Result<Vec<ContextFact>, Refusal> {
        let mut facts = Vec::new();
        // Who tries again what another run has not done goes on with the same task.
        let earlier = entry.of.and_then(|of| self.run(of)).map(|earlier| &earlier.task);
        let earlier = earlier.filter(|task| self.active_tasks().any(|known| known.id == **task));
        let task = match (entry.task, earlier) {
            (Some(given), _) => self.active_task(given)?,
            (None, Some(task)) => task.clone(),
            (None, None) => {
                let id = self.new_task();
                let what = match entry.summary.trim() {
                    "" => entry.name.to_owned(),
                    summary => format!("{}: {summary}", entry.name),
                };
                let mark = if entry.is_rehearsal { " (simulated)" } else { "" };
                let description = format!("{}{mark}", shortened(&what, 200));
                facts.push(ContextFact::TaskAdded { id: id.clone(), description });
                id
            }
        };
        facts.push(ContextFact::RunEntered {
            run: run.to_owned(),
            name: entry.name.to_owned(),
            task,
            of: entry.of.map(str::to_owned),
        });
        Ok(facts)
    }

    /// The facts that follow from what a run has brought. What is known already follows once only.
    pub fn book(&self, news: &RunNews) -> Vec<ContextFact> {
        let mut facts = Vec::new();
        let Some(known) = self.run(&news.run).filter(|known| known.end.is_none()) else {
            return facts;
        };
        let run = || Some(news.run.clone());
        let new = news.agents.iter().filter(|agent| !known.spawned.contains(&agent.task));
        let agents: Vec<SpawnedAgent> = (self.next_agent()..)
            .zip(new)
            .map(|(number, agent)| SpawnedAgent {
                id: format!("AGENT_{number:04}"),
                task: agent.task.clone(),
                role: agent.role.clone(),
                mission: agent.mission.clone(),
                spawned: agent.at,
            })
            .collect();
        if !agents.is_empty() {
            facts.push(ContextFact::AgentsSpawned { run: news.run.clone(), agents });
        }
        let Some(end) = &news.end else { return facts };
        // What was invented is worth nothing to anybody later, but as what it is.
        let mark = if end.figures.simulated { "(simulated) " } else { "" };
        let outcome = format!("{mark}{}", end.outcome);
        facts.push(ContextFact::RunEnded {
            run: news.run.clone(),
            status: news.status.as_str().to_owned(),
            outcome: outcome.clone(),
            figures: end.figures,
        });
        let is_active = self.active_tasks().any(|task| task.id == known.task);
        if news.status == RunStatus::Succeeded && is_active {
            let (id, ending) = (known.task.clone(), TaskEnding::Succeeded);
            facts.push(ContextFact::TaskEnded { id, outcome, ending });
        }
        if end.figures.simulated {
            return facts;
        }
        for (place, decision) in (0..).zip(&end.decisions) {
            let id = self.new_decision(place);
            let decision = decision.clone();
            facts.push(ContextFact::DecisionMade { id, decision, run: run() });
        }
        let synthesis = end.synthesis.iter().cloned();
        facts.extend(synthesis.map(|synthesis| ContextFact::Synthesized { synthesis, run: run() }));
        let mut learned: Vec<String> = Vec::new();
        for text in end.insights.iter().filter(|text| !text.trim().is_empty()) {
            if !learned.contains(&gist(text)) {
                learned.push(gist(text));
                facts.push(self.insight(&shortened(text, 400), run()));
            }
        }
        facts
    }

    fn insight(&self, text: &str, run: Option<String>) -> ContextFact {
        let wanted = gist(text);
        match self.insights.iter().find(|known| gist(&known.text) == wanted) {
            Some(known) => ContextFact::InsightConfirmed { text: known.text.clone(), run },
            None => ContextFact::InsightRecorded { text: text.to_owned(), run },
        }
    }

    fn end_of_objective(
        &self,
        given: &str,
        ending: ObjectiveEnding,
    ) -> Result<ContextFact, Refusal> {
        let found = self.objectives.iter().find(|known| known.id.eq_ignore_ascii_case(given));
        match found {
            Some(known) if known.is_active() => {
                Ok(ContextFact::ObjectiveEnded { id: known.id.clone(), ending })
            }
            Some(known) => {
                let (id, how) = (known.id.clone(), known.status.clone());
                Err(Refusal::Over { what: "objective", id, how })
            }
            None => {
                let active = self.active_objectives();
                let known = active.map(|known| (known.id.clone(), known.description.clone()));
                Err(unknown("objective", given, known.collect()))
            }
        }
    }

    /// The id of the active task that is meant.
    ///
    /// # Errors
    /// When there is none, or it is over.
    pub fn active_task(&self, given: &str) -> Result<String, Refusal> {
        let named = |known: &&super::state::ContextTask| known.id.eq_ignore_ascii_case(given);
        if let Some(task) = self.active_tasks().find(named) {
            return Ok(task.id.clone());
        }
        match self.ended_tasks().find(|(task, _)| named(task)) {
            Some((task, end)) => {
                let how = format!("“{}”", shortened(&end.outcome, 60));
                Err(Refusal::Over { what: "task", id: task.id.clone(), how })
            }
            None => {
                let active = self.active_tasks();
                let known = active.map(|known| (known.id.clone(), known.description.clone()));
                Err(unknown("task", given, known.collect()))
            }
        }
    }

    fn decision(&self, record: &DecisionRecord) -> Result<ContextFact, Refusal> {
        let given = said(&record.question, "the question")?;
        let choice = said(&record.choice, "the choice")?;
        let rationale = said(&record.rationale, "the rationale")?;
        let options: Vec<String> =
            record.options.iter().map(|option| option.option.clone()).collect();
        if !options.is_empty() && !options.contains(&choice) {
            return Err(Refusal::NoOption { choice, options });
        }
        let meant = |known: &&ContextDecision| {
            known.id.eq_ignore_ascii_case(&given) || gist(&known.question) == gist(&given)
        };
        let (id, question) = match self.pending_decisions().find(meant) {
            Some(pending) => (pending.id.clone(), pending.question.clone()),
            None if is_id(&given) => return Err(self.no_pending(&given)),
            None => (self.new_decision(0), given),
        };
        let decision = DecisionRecord { question, choice, rationale, ..record.clone() };
        Ok(ContextFact::DecisionMade { id, decision, run: None })
    }

    fn no_pending(&self, given: &str) -> Refusal {
        let mut made = self.made_decisions();
        if let Some((known, record)) = made.find(|(known, _)| known.id.eq_ignore_ascii_case(given))
        {
            let how = format!("“{}”", shortened(&record.choice, 60));
            return Refusal::Over { what: "decision", id: known.id.clone(), how };
        }
        let pending = self.pending_decisions();
        let known = pending.map(|known| (known.id.clone(), known.question.clone()));
        unknown("decision", given, known.collect())
    }

    fn new_session(&self, now: Time) -> String {
        let name = session_name(now);
        let is_taken = |name: &str| {
            self.sessions.iter().any(|session| session.name == name)
                || self.document.text("last_session").as_deref() == Some(name)
        };
        let others = (2u32..).map(|number| format!("{name}_{number}"));
        let mut names = std::iter::once(name.clone()).chain(others);
        names.find(|name| !is_taken(name)).unwrap_or(name)
    }

    fn new_objective(&self) -> String {
        let last = highest("OBJ_", self.objectives.iter().map(|known| known.id.as_str()));
        format!("OBJ_{:03}", last + 1)
    }

    fn new_task(&self) -> String {
        let last = highest("TASK_", self.tasks.iter().map(|known| known.id.as_str()));
        let counted = self.document.total("total_tasks_completed");
        format!("TASK_{:03}", last.max(counted) + 1)
    }

    /// The id of a decision that follows on so many others.
    fn new_decision(&self, before: u64) -> String {
        let last = highest("DEC_", self.decisions.iter().map(|known| known.id.as_str()));
        let counted = self.document.total("total_decisions_made");
        format!("DEC_{:03}", last.max(counted) + 1 + before)
    }

    fn next_agent(&self) -> u64 {
        let agents = self.document.elements("spawned_agents");
        let ids = agents.iter().filter_map(|agent| agent["id"].as_str());
        highest("AGENT_", ids).max(self.document.total("total_agents_spawned")) + 1
    }
}

/// The highest number that ids of a kind have; others, which somebody else gave, do not count.
fn highest<'a>(kind: &str, ids: impl Iterator<Item = &'a str>) -> u64 {
    ids.filter_map(|id| id.strip_prefix(kind)?.parse().ok()).max().unwrap_or(0)
}

/// Whether a text is meant as the id of a decision.
fn is_id(text: &str) -> bool {
    let digits = text.get(..4).filter(|kind| kind.eq_ignore_ascii_case("DEC_"));
    digits.is_some() && text[4..].bytes().all(|byte| byte.is_ascii_digit())
}

fn said(text: &str, what: &'static str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() { Err(Refusal::Empty(what)) } else { Ok(text.to_owned()) }
}

fn no_double<'a>(
    what: &'static str,
    text: &str,
    mut known: impl Iterator<Item = (&'a String, &'a String)>,
) -> Result<(), Refusal> {
    match known.find(|(_, other)| gist(other) == gist(text)) {
        Some((id, _)) => Err(Refusal::Same { what, id: id.clone() }),
        None => Ok(()),
    }
}

fn unknown(what: &'static str, given: &str, known: Vec<(String, String)>) -> Refusal {
    Refusal::Unknown { what, given: given.to_owned(), known }
}
