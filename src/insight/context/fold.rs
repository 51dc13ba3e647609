//! From the facts of a context to what it holds. Nothing else changes a context.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document::{DECISIONS, Document};
use super::fact::{
    ContextFact, ContextFault, DecisionRecord, ObjectiveEnding, OptionRecord, RecordedContextFact,
    SpawnedAgent, TaskEnding,
};
use super::moments::{read, written};
use super::state::{
    Context, ContextDecision, ContextRun, ContextRunEnd, ContextTask, Insight, Objective, Session,
    TaskEnd,
};
use super::written::quoted;
use crate::engine::Time;
use crate::insight::wording::gist;

impl Context {
    /// The context that facts make; none where there are none.
    ///
    /// # Errors
    /// When they do not follow from each other.
    pub fn of_facts(facts: &[RecordedContextFact]) -> Result<Option<Context>, ContextFault> {
        let Some((first, rest)) = facts.split_first() else { return Ok(None) };
        let damaged = |sequence, what: &str| Err(ContextFault::Damaged(sequence, what.to_owned()));
        if first.sequence != 1 {
            return damaged(first.sequence, "those before it are missing");
        }
        let mut context = match &first.fact {
            ContextFact::Begun { project } => Context::begun(project, first.at),
            ContextFact::Imported { text } => {
                let mut context = Context::begun("", first.at);
                context.import(1, text)?;
                context
            }
            _ => return damaged(1, "a context begins with another one"),
        };
        for recorded in rest {
            if recorded.sequence != context.sequence + 1 {
                return damaged(recorded.sequence, "those before it are missing");
            }
            context.follow(recorded)?;
        }
        Ok(Some(context))
    }

    fn begun(project: &str, at: Time) -> Context {
        Context {
            project: project.to_owned(),
            document: Document::new(project, &written(at)),
            began: at,
            sessions: Vec::new(),
            objectives: Vec::new(),
            tasks: Vec::new(),
            decisions: Vec::new(),
            syntheses: Vec::new(),
            insights: Vec::new(),
            runs: Vec::new(),
            files: BTreeMap::new(),
            losses: 0,
            closed: false,
            sequence: 1,
            latest: at,
            filed_at: None,
        }
    }

    /// Takes one fact in.
    ///
    /// # Errors
    /// When it does not follow from those before.
    pub fn follow(&mut self, recorded: &RecordedContextFact) -> Result<(), ContextFault> {
        let RecordedContextFact { sequence, at, fact } = recorded;
        let (sequence, at) = (*sequence, *at);
        self.note_act(fact, at);
        match fact {
            ContextFact::Begun { .. } => {
                return Err(ContextFault::Damaged(sequence, "it begins twice".to_owned()));
            }
            ContextFact::Imported { text } => self.import(sequence, text)?,
            ContextFact::Filed { file, digest } => {
                self.files.insert(file.clone(), digest.clone());
                self.filed_at = Some(sequence);
            }
            ContextFact::SessionBegun { session } => self.begin_session(session, at),
            ContextFact::ObjectiveAdded { id, description } => {
                self.add_objective(id, description, at);
            }
            ContextFact::ObjectiveEnded { id, ending } => {
                self.end_objective(id, *ending).ok_or_else(|| unknown(sequence, id))?;
            }
            ContextFact::TaskAdded { id, description } => self.add_task(id, description, at),
            ContextFact::TaskEnded { id, outcome, ending } => {
                let end = TaskEnd { outcome: outcome.clone(), ending: *ending, at: Some(at) };
                self.end_task(id, end, at).ok_or_else(|| unknown(sequence, id))?;
            }
            ContextFact::InsightRecorded { text, run } => self.learn(text, run.as_ref(), at),
            ContextFact::InsightConfirmed { text, run } => {
                self.confirm(text, run.as_ref(), at).ok_or_else(|| unknown(sequence, text))?;
            }
            ContextFact::DecisionAsked { id, question } => self.ask(id, question, at),
            ContextFact::DecisionMade { id, decision, run } => {
                self.decide_on(id, decision, run.as_ref(), at);
            }
            ContextFact::Synthesized { synthesis, .. } => {
                self.syntheses.push((at, synthesis.clone()));
            }
            ContextFact::RunEntered { run, name, task, of } => {
                if let Some(known) = self.tasks.iter_mut().find(|known| known.id == *task) {
                    known.runs.push(run.clone());
                }
                self.runs.push(ContextRun {
                    run: run.clone(),
                    name: name.clone(),
                    task: task.clone(),
                    of: of.clone(),
                    entered: at,
                    spawned: BTreeSet::new(),
                    end: None,
                });
            }
            ContextFact::AgentsSpawned { run, agents } => {
                self.spawn(run, agents).ok_or_else(|| unknown(sequence, run))?;
            }
            ContextFact::RunEnded { run, status, outcome, figures } => {
                let known = self.runs.iter_mut().find(|known| known.run == *run);
                let known = known.ok_or_else(|| unknown(sequence, run))?;
                let (status, outcome) = (status.clone(), outcome.clone());
                known.end = Some(ContextRunEnd { status, outcome, figures: *figures, at });
            }
            ContextFact::Closed => self.closed = true,
        }
        self.sequence = sequence;
        self.latest = at;
        Ok(())
    }

    /// Takes facts in that are about to be stored, one after the other.
    ///
    /// # Errors
    /// When they do not follow from those before.
    pub fn grow(&mut self, facts: &[ContextFact], at: Time) -> Result<(), ContextFault> {
        facts.iter().try_for_each(|fact| {
            let sequence = self.sequence + 1;
            self.follow(&RecordedContextFact { sequence, at, fact: fact.clone() })
        })
    }

    /// Notes when somebody did something first in a session, beside looking and filing.
    fn note_act(&mut self, fact: &ContextFact, at: Time) {
        let is_act = !matches!(
            fact,
            ContextFact::SessionBegun { .. }
                | ContextFact::Filed { .. }
                | ContextFact::AgentsSpawned { .. }
                | ContextFact::RunEnded { .. }
        );
        if let Some(session) = self.sessions.last_mut().filter(|_| is_act) {
            session.first_act.get_or_insert(at);
        }
    }

    fn begin_session(&mut self, name: &str, at: Time) {
        self.sessions.push(Session {
            name: name.to_owned(),
            began: at,
            first_act: None,
            lost: false,
        });
        self.document.set_text("last_session", name);
        self.document.count("total_sessions", 1);
    }

    fn add_objective(&mut self, id: &str, description: &str, at: Time) {
        self.document.push_object(
            "objectives",
            &[
                ("id", quoted(id)),
                ("description", quoted(description)),
                ("status", quoted("active")),
                ("created", quoted(&written(at))),
            ],
        );
        self.objectives.push(Objective {
            id: id.to_owned(),
            description: description.to_owned(),
            status: "active".to_owned(),
            created: Some(at),
        });
    }

    fn end_objective(&mut self, id: &str, ending: ObjectiveEnding) -> Option<()> {
        let objective = self.objectives.iter_mut().find(|objective| objective.id == id)?;
        ending.as_str().clone_into(&mut objective.status);
        self.document.change("objectives", id, "status", ending.as_str());
        Some(())
    }

    fn add_task(&mut self, id: &str, description: &str, at: Time) {
        let members = [("id", quoted(id)), ("description", quoted(description))];
        self.document.push_object("active_tasks", &members);
        self.tasks.push(ContextTask {
            id: id.to_owned(),
            description: description.to_owned(),
            added: Some(at),
            end: None,
            runs: Vec::new(),
        });
    }

    fn end_task(&mut self, id: &str, end: TaskEnd, at: Time) -> Option<()> {
        let task = self.tasks.iter_mut().find(|task| task.id == id && task.end.is_none())?;
        let completed = written(at);
        let mut more = vec![("outcome", end.outcome.as_str()), ("completed", completed.as_str())];
        if end.ending == TaskEnding::Failed {
            more.push(("status", "failed"));
        }
        self.document.move_to(id, "active_tasks", "completed_tasks", &more);
        self.document
            .count("total_tasks_completed", u64::from(end.ending == TaskEnding::Succeeded));
        task.end = Some(end);
        Some(())
    }

    fn learn(&mut self, text: &str, run: Option<&String>, at: Time) {
        self.document.push_text("key_insights", text);
        self.insights.push(Insight {
            text: text.to_owned(),
            seen: vec![at],
            sessions: BTreeSet::from([self.sessions.len()]),
            runs: run.into_iter().cloned().collect(),
        });
    }

    fn confirm(&mut self, text: &str, run: Option<&String>, at: Time) -> Option<()> {
        let session = self.sessions.len();
        let wanted = gist(text);
        let insight = self.insights.iter_mut().find(|insight| gist(&insight.text) == wanted)?;
        insight.seen.push(at);
        insight.sessions.insert(session);
        insight.runs.extend(run.cloned());
        Some(())
    }

    fn ask(&mut self, id: &str, question: &str, at: Time) {
        let members =
            [("id", quoted(id)), ("question", quoted(question)), ("asked", quoted(&written(at)))];
        self.document.push_object("pending_decisions", &members);
        self.decisions.push(ContextDecision {
            id: id.to_owned(),
            question: question.to_owned(),
            asked: Some(at),
            made: None,
            run: None,
        });
    }

    fn decide_on(&mut self, id: &str, decision: &DecisionRecord, run: Option<&String>, at: Time) {
        self.document.take("pending_decisions", id);
        let options: Vec<String> = decision.options.iter().map(option_json).collect();
        let criteria: Vec<String> = decision.criteria.iter().map(|text| quoted(text)).collect();
        let in_a_list = |texts: &[String]| format!("[{}]", texts.join(", "));
        let mut members = vec![
            ("id", quoted(id)),
            ("question", quoted(&decision.question)),
            ("choice", quoted(&decision.choice)),
            ("rationale", quoted(&decision.rationale)),
            ("options", in_a_list(&options)),
            ("criteria", in_a_list(&criteria)),
            ("decided", quoted(&written(at))),
        ];
        members.extend(run.map(|run| ("run", quoted(run))));
        self.document.push_object(DECISIONS, &members);
        self.document.count("total_decisions_made", 1);
        let made = Some((decision.clone(), Some(at)));
        if let Some(known) = self.decisions.iter_mut().find(|known| known.id == id) {
            known.made = made;
            known.run = run.cloned();
            return;
        }
        let (id, question) = (id.to_owned(), decision.question.clone());
        let run = run.cloned();
        self.decisions.push(ContextDecision { id, question, asked: None, made, run });
    }

    fn spawn(&mut self, run: &str, agents: &[SpawnedAgent]) -> Option<()> {
        let known = self.runs.iter_mut().find(|known| known.run == run)?;
        for agent in agents {
            known.spawned.insert(agent.task.clone());
            self.document.push_object(
                "spawned_agents",
                &[
                    ("id", quoted(&agent.id)),
                    ("type", quoted(&agent.role)),
                    ("mission", quoted(&agent.mission)),
                    ("spawned", quoted(&written(agent.spawned))),
                ],
            );
        }
        self.document.count("total_agents_spawned", agents.len() as u64);
        Some(())
    }

    /// A file takes the place of what was known. What it does not have any more is lost.
    fn import(&mut self, sequence: u64, text: &str) -> Result<(), ContextFault> {
        let document = Document::read(text)
            .map_err(|fault| ContextFault::Damaged(sequence, fault.to_string()))?;
        let before = self.known();
        self.project = document.text("project_name").unwrap_or_default();
        self.objectives = document.elements("objectives").iter().map(objective_of).collect();
        let tasks = std::mem::take(&mut self.tasks);
        let mut now: Vec<ContextTask> = Vec::new();
        for (list, is_over) in [("completed_tasks", true), ("active_tasks", false)] {
            for value in document.elements(list) {
                let mut task = task_of(&value, is_over);
                if let Some(known) = tasks.iter().find(|known| known.id == task.id) {
                    (task.added, task.runs) = (known.added, known.runs.clone());
                }
                now.push(task);
            }
        }
        self.tasks = now;
        let decisions = document.elements(DECISIONS);
        let pending = document.elements("pending_decisions");
        self.decisions =
            decisions.iter().map(decision_of).chain(pending.iter().map(pending_of)).collect();
        let insights = std::mem::take(&mut self.insights);
        let texts = document.elements("key_insights");
        self.insights = texts
            .iter()
            .map(|text| {
                let text = text.as_str().unwrap_or_default().to_owned();
                let known = insights.iter().find(|known| known.text == text).cloned();
                known.unwrap_or_else(|| Insight {
                    text,
                    seen: Vec::new(),
                    sessions: BTreeSet::new(),
                    runs: BTreeSet::new(),
                })
            })
            .collect();
        self.document = document;
        let after = self.known();
        let lost = before.difference(&after).count() as u64;
        self.losses += lost;
        if let Some(session) = self.sessions.last_mut().filter(|_| lost > 0) {
            session.lost = true;
        }
        Ok(())
    }

    /// The ids of everything that may not be lost.
    fn known(&self) -> BTreeSet<String> {
        let objectives = self.objectives.iter().map(|objective| objective.id.clone());
        let tasks = self.tasks.iter().map(|task| task.id.clone());
        let decisions = self.decisions.iter().map(|decision| decision.id.clone());
        let insights = self.insights.iter().map(|insight| gist(&insight.text));
        objectives.chain(tasks).chain(decisions).chain(insights).collect()
    }
}

fn unknown(sequence: u64, id: &str) -> ContextFault {
    ContextFault::Damaged(sequence, format!("it is about `{id}`, which there is not"))
}

fn option_json(option: &OptionRecord) -> String {
    let risks: Vec<String> = option.risks.iter().map(|risk| quoted(risk)).collect();
    format!("{{\"option\": {}, \"risks\": [{}]}}", quoted(&option.option), risks.join(", "))
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn time(value: &Value, key: &str) -> Option<Time> {
    read(value[key].as_str()?)
}

fn objective_of(value: &Value) -> Objective {
    Objective {
        id: text(value, "id"),
        description: text(value, "description"),
        status: text(value, "status"),
        created: time(value, "created"),
    }
}

fn task_of(value: &Value, is_over: bool) -> ContextTask {
    let failed = value["status"] == "failed";
    let end = is_over.then(|| TaskEnd {
        outcome: text(value, "outcome"),
        ending: if failed { TaskEnding::Failed } else { TaskEnding::Succeeded },
        at: time(value, "completed"),
    });
    let (id, description) = (text(value, "id"), text(value, "description"));
    ContextTask { id, description, added: None, end, runs: Vec::new() }
}

fn decision_of(value: &Value) -> ContextDecision {
    let record = DecisionRecord {
        question: text(value, "question"),
        options: serde_json::from_value(value["options"].clone()).unwrap_or_default(),
        criteria: serde_json::from_value(value["criteria"].clone()).unwrap_or_default(),
        choice: text(value, "choice"),
        rationale: text(value, "rationale"),
    };
    ContextDecision {
        id: text(value, "id"),
        question: record.question.clone(),
        asked: None,
        made: Some((record, time(value, "decided"))),
        run: value["run"].as_str().map(str::to_owned),
    }
}

fn pending_of(value: &Value) -> ContextDecision {
    let question = value.as_str().map_or_else(|| text(value, "question"), str::to_owned);
    let id = value["id"].as_str().unwrap_or(&question).to_owned();
    ContextDecision { id, question, asked: time(value, "asked"), made: None, run: None }
}
