//! Looking at a task whose turn has come: its condition, its prompt, or all of it where no server
//! is needed.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::context::{data, results};
use super::iterate::begin;
use super::request::Request;
use super::sample::SAMPLE;
use super::store::{ContentError, Contents, write_as};
use super::{choose, consensus, judge, pairs};
use crate::engine::failure::{Failure, FailureClass};
use crate::engine::state::State;
use crate::engine::vocabulary::Preparation;
use crate::language::document::{ModelOptions, OnFailure};
use crate::language::plan::{
    Ask, Combine, CombineMethod, Over, Plan, Purpose, ScopeId, Task, TaskId, Work,
    comparison_output, consensus_output, tie_break_output,
};
use crate::language::template::{Data, RenderError, evaluate, render_text, render_tree};
use crate::organization::system_message;

/// Looks at a task.
pub(super) fn prepare(state: &State, id: TaskId, contents: &dyn Contents) -> Preparation {
    Look { state, plan: state.plan(), task: state.plan().task(id), contents }
        .prepare()
        .unwrap_or_else(refused)
}

/// Makes the value that takes the place of a failed task's output.
pub(super) fn fall_back(state: &State, id: TaskId, contents: &dyn Contents) -> Preparation {
    let look = Look { state, plan: state.plan(), task: state.plan().task(id), contents };
    let OnFailure::Fallback(value) = &look.task.on_failure else {
        return refused(Trouble::from(ContentError::Missing(state.plan().fingerprint())));
    };
    let made = look.data(None).and_then(|data| Ok(render_tree(value, &data)?));
    match made {
        Ok(value) => Preparation::Done { output: contents.write(value) },
        Err(trouble) => refused(trouble),
    }
}

pub(super) fn refused(trouble: Trouble) -> Preparation {
    Preparation::Failed { failure: trouble.0, output: None }
}

/// Why a task cannot be looked at.
pub(super) struct Trouble(pub(super) Failure);

impl From<RenderError> for Trouble {
    fn from(error: RenderError) -> Self {
        Trouble(Failure::new(FailureClass::Template, error.message))
    }
}

impl From<ContentError> for Trouble {
    fn from(error: ContentError) -> Self {
        Trouble(Failure::new(FailureClass::Internal, error.to_string()))
    }
}

struct Look<'a> {
    state: &'a State,
    plan: &'a Plan,
    task: &'a Task,
    contents: &'a dyn Contents,
}

impl Look<'_> {
    fn prepare(&self) -> Result<Preparation, Trouble> {
        if let Some(when) = &self.task.when
            && !evaluate(when, &self.data(None)?)?
        {
            return Ok(Preparation::Skip);
        }
        match &self.task.work {
            Work::Ask(ask) => self.ask(ask),
            Work::Combine(combine) => self.combine(combine),
            Work::Check { conditions, message } => self.check(conditions, message.as_deref()),
            Work::Approve { ask, options, default, .. } => {
                let question = json!({
                    "task": self.task.path,
                    "ask": render_text(ask, &self.data(None)?)?,
                    "options": options,
                    "default": default,
                });
                Ok(Preparation::Question { question: self.contents.write(question) })
            }
            Work::Call { scope, with } => self.call(*scope, with.iter()),
            Work::Iterate(iterate) => {
                self.results_of(iterate.over.sources())?;
                begin(self.state, &iterate.over, &self.data(None)?, self.contents)
            }
        }
    }

    fn data(&self, results: Option<&Map<String, Value>>) -> Result<Data, Trouble> {
        let needed: BTreeSet<TaskId> = self.task.needs.iter().map(|need| need.task).collect();
        Ok(data(self.state, self.task.scope, &needed, results, self.contents)?)
    }

    /// The results of a synthesis' sources; one of them must be there.
    fn results(&self, sources: &[TaskId]) -> Result<Map<String, Value>, Trouble> {
        let results = results(self.state, sources, self.contents)?;
        if results.is_empty() {
            let names: Vec<&str> =
                sources.iter().map(|id| self.plan.task(*id).name.as_str()).collect();
            let message = format!("none of {} has a result", names.join(", "));
            return Err(Trouble(Failure::new(FailureClass::NoSources, message)));
        }
        Ok(results)
    }

    /// That a choice has something to choose from.
    fn results_of(&self, sources: &[TaskId]) -> Result<(), Trouble> {
        if sources.is_empty() { Ok(()) } else { self.results(sources).map(drop) }
    }

    fn ask(&self, ask: &Ask) -> Result<Preparation, Trouble> {
        let agent = &self.plan.agents[ask.agent.index()];
        let system = system_message(&agent.agent, &self.plan.teams[agent.team as usize]);
        let (user, output) = match ask.purpose {
            Purpose::Task => {
                let prompt = ask.prompt.as_deref().unwrap_or_default();
                (render_text(prompt, &self.data(None)?)?, ask.output.clone())
            }
            Purpose::Custom => {
                let results = self.results(&ask.sources)?;
                let prompt = ask.prompt.as_deref().unwrap_or_default();
                (render_text(prompt, &self.data(Some(&results))?)?, ask.output.clone())
            }
            Purpose::Consensus => {
                let results = self.results(&ask.sources)?;
                let question = match &ask.prompt {
                    Some(prompt) => Some(render_text(prompt, &self.data(Some(&results))?)?),
                    None => None,
                };
                let output = ask.output.clone().unwrap_or_else(consensus_output);
                (consensus::prompt(question.as_deref(), &results), Some(output))
            }
            Purpose::Compare => {
                let criteria = ask.prompt.as_deref().unwrap_or_default();
                let criteria = render_text(criteria, &self.data(None)?)?;
                let (first, second) = self.compared()?;
                (judge::comparison(&criteria, &first, &second), Some(comparison_output()))
            }
            Purpose::TieBreak => {
                let Some(Over::TieBreak(tie_break)) = self.over() else { return Err(no_choice()) };
                let equals = choose::equals(self.state, tie_break, self.contents)?;
                let results = self.results(&tie_break.sources)?;
                let question = match &ask.prompt {
                    Some(prompt) => Some(render_text(prompt, &self.data(Some(&results))?)?),
                    None => None,
                };
                let output = tie_break_output(equals.len());
                (judge::tie_break(question.as_deref(), &equals), Some(output))
            }
        };
        let output = output.filter(|schema| !is_plain_text(schema));
        let mut request = Request::new(system, user.trim().to_owned(), output, self.options(ask)?);
        request.tools.clone_from(&ask.tools);
        let tokens = request.expected_tokens();
        Ok(Preparation::Request { request: write_as(self.contents, &request), tokens })
    }

    /// What the task is one of several times of, if it is.
    fn over(&self) -> Option<&Over> {
        let several = self.plan.iterates(self.task.scope)?;
        match &self.plan.task(several).work {
            Work::Iterate(iterate) => Some(&iterate.over),
            _ => None,
        }
    }

    /// What tells this time from the others.
    fn own_values(&self) -> Result<Value, Trouble> {
        match self.state.scope_inputs(self.task.scope) {
            Some(values) => Ok((*self.contents.read(values)?).clone()),
            None => Ok(Value::Null),
        }
    }

    fn compared(&self) -> Result<(Value, Value), Trouble> {
        let Some(Over::Pairs(pairs)) = self.over() else { return Err(no_choice()) };
        let values = self.own_values()?;
        let compared = pairs::compared(self.state, pairs, &values, self.contents)?;
        compared.ok_or_else(no_choice)
    }

    /// Options of the call. Samples with one and the same seed would be one answer.
    fn options(&self, ask: &Ask) -> Result<ModelOptions, Trouble> {
        let mut options = ask.options.clone();
        if let (Some(Over::Samples(_)), Some(seed)) = (self.over(), options.seed) {
            let number = self.own_values()?[SAMPLE].as_u64().unwrap_or_default();
            let further = u32::try_from(number.saturating_sub(1)).unwrap_or(u32::MAX);
            options.seed = Some(seed.wrapping_add(further));
        }
        Ok(options)
    }

    fn combine(&self, combine: &Combine) -> Result<Preparation, Trouble> {
        let results = self.results(&combine.sources)?;
        let output = match &combine.method {
            CombineMethod::MergeAll => Value::Object(results),
            // The author's order, not that of arrival: a run gives the same again.
            CombineMethod::UseFirstResult => {
                results.into_iter().next().map(|(_, value)| value).unwrap_or_default()
            }
            CombineMethod::Template(template) => {
                render_tree(template, &self.data(Some(&results))?)?
            }
            CombineMethod::Vote(ballot) => {
                return choose::vote(self.state, &combine.sources, ballot, self.contents);
            }
        };
        Ok(Preparation::Done { output: self.contents.write(output) })
    }

    fn check(
        &self,
        conditions: &[(Option<String>, String)],
        message: Option<&str>,
    ) -> Result<Preparation, Trouble> {
        let data = self.data(None)?;
        let mut by_name = Map::new();
        let mut failed: Vec<&str> = Vec::new();
        for (name, condition) in conditions {
            let holds = evaluate(condition, &data)?;
            let shown = name.as_deref().unwrap_or(condition);
            if !holds {
                failed.push(shown);
            }
            by_name.insert(shown.to_owned(), holds.into());
        }
        let passed = failed.is_empty();
        let output = json!({ "passed": passed, "failed": failed, "conditions": by_name });
        let output = self.contents.write(output);
        if passed {
            return Ok(Preparation::Done { output });
        }
        let message = match message {
            Some(message) => render_text(message, &data)?,
            None => format!("not true: {}", failed.join(", ")),
        };
        let failure = Failure::new(FailureClass::CheckFailed, message);
        Ok(Preparation::Failed { failure, output: Some(output) })
    }

    fn call<'a>(
        &self,
        scope: ScopeId,
        with: impl Iterator<Item = (&'a String, &'a Value)>,
    ) -> Result<Preparation, Trouble> {
        let data = self.data(None)?;
        let mut given = Map::new();
        for (name, value) in with {
            given.insert(name.clone(), render_tree(value, &data)?);
        }
        match self.plan.scope(scope).bind_inputs(&given) {
            Ok(inputs) => {
                let inputs = self.contents.write(Value::Object(inputs));
                Ok(Preparation::Opened { inputs })
            }
            Err(problems) => {
                let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                Err(Trouble(Failure::new(FailureClass::Template, problems.join("; "))))
            }
        }
    }
}

/// Our own fault: nothing but a choice asks for one.
fn no_choice() -> Trouble {
    Trouble(Failure::new(FailureClass::Internal, "nothing is there to choose from"))
}

/// A type that any text conforms to needs no form.
fn is_plain_text(schema: &Value) -> bool {
    *schema == json!({ "type": "string" })
}
