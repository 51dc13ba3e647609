//! Looking at a task whose turn has come: its condition, its prompt, or all of it where no server
//! is needed.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::context::{data, output_of, results};
use super::expand::Course;
use super::inbox::{inbox_text, messages};
use super::iterate::begin;
use super::message::message;
use super::request::Request;
use super::sample::SAMPLE;
use super::store::{ContentError, Contents, write_as};
use super::{choose, consensus, judge, pairs, planned};
use crate::engine::failure::{Failure, FailureClass};
use crate::engine::state::State;
use crate::engine::vocabulary::Preparation;
use crate::language::document::{ModelOptions, OnFailure};
use crate::language::plan::{
    Ask, Combine, CombineMethod, MessageTemplate, Over, Plan, Planned, Planning, Purpose, RungKind,
    ScopeId, Task, TaskId, Work, comparison_output, consensus_output, tie_break_output,
};
use crate::language::template::{
    Data, Form, RenderError, Template, evaluate, render_plain, render_text, render_tree,
};
use crate::organization::{leads, may_send, system_message};

/// What the messages that a task reads are called in its templates.
const MESSAGES: &str = "messages";

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
                    "output": self.said(),
                });
                Ok(Preparation::Question { question: self.contents.write(question) })
            }
            Work::Call { scope, with } => self.call(*scope, with.iter()),
            Work::Tool(tool) => {
                let arguments = self.rendered(tool.with.iter())?;
                Ok(Preparation::Tool { arguments: self.contents.write(arguments.into()) })
            }
            Work::Send(send) => {
                self.check_lines(send)?;
                let message = message(send, &self.data(None)?)?;
                Ok(Preparation::Sent { message: write_as(self.contents, &message) })
            }
            Work::Iterate(iterate) => {
                self.results_of(iterate.over.sources())?;
                begin(self.state, &iterate.over, &self.data(None)?, self.contents)
            }
        }
    }

    fn data(&self, results: Option<&Map<String, Value>>) -> Result<Data, Trouble> {
        let needed: BTreeSet<TaskId> = self.task.needs.iter().map(|need| need.task).collect();
        let data = data(self.state, self.task.scope, &needed, results, self.contents)?;
        let messages = messages(self.state, self.task, self.contents)?;
        let messages = serde_json::to_value(messages).unwrap_or_default();
        // An item that is called so is nearer.
        Ok(data.over([(MESSAGES, Data::from_json(&messages))]))
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
        let team = &self.plan.teams[agent.team as usize];
        let guidance = self.state.guidance.as_ref();
        let mut system = system_message(&agent.agent, team, guidance, ask.manager_tools());
        if let Some(so_far) = self.state.briefing.as_ref().filter(|_| leads(&agent.agent, team)) {
            system = format!("{system}\n\n{so_far}");
        }
        let mut planning = None;
        let (user, output) = match ask.purpose {
            Purpose::Task => {
                let prompt = ask.prompt.as_deref().unwrap_or_default();
                let user = match render_plain(prompt) {
                    // Reads nothing, so that nothing need be put together for it.
                    Some(plain) => plain,
                    None => render_text(prompt, &self.data(None)?)?,
                };
                (user, ask.output.clone())
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
            Purpose::Plan => {
                let (prompt, allowed) = self.plan_asked(ask)?;
                let form = planned::form(&allowed);
                planning = Some(Box::new(allowed));
                (prompt, Some(form))
            }
            Purpose::Planned => {
                let prompt = match &ask.prompt {
                    Some(prompt) => render_text(prompt, &self.data(None)?)?,
                    None => self.planned()?.prompt,
                };
                (planned::task(&prompt, &self.needed_results()?), ask.output.clone())
            }
        };
        let output = output.filter(|schema| !is_plain_text(schema));
        let user = format!("{}{}", self.inbox(ask)?, user.trim());
        let mut request = Request::new(system, user, output, self.options(ask)?);
        request.tools.clone_from(&ask.tools);
        request.planning = planning;
        let tokens = request.expected_tokens();
        Ok(Preparation::Request { request: write_as(self.contents, &request), tokens })
    }

    /// What who plans is asked, and of what the plan may be made.
    fn plan_asked(&self, ask: &Ask) -> Result<(String, Planning), Trouble> {
        let (Some(Over::Expand(expand)), Some(several)) =
            (self.over(), self.plan.iterates(self.task.scope))
        else {
            return Err(no_plan());
        };
        let course = Course::of(self.state, several, self.contents)?;
        let planning = course.planning(expand);
        let wanted = render_text(ask.prompt.as_deref().unwrap_or_default(), &self.data(None)?)?;
        let mut prompt = planned::plan(&wanted, &planning);
        if !course.steps.is_empty() {
            prompt.push_str(&planned::so_far(&course, self.state, self.contents)?);
        }
        Ok((prompt, planning))
    }

    /// What an agent has planned here.
    fn planned(&self) -> Result<Planned, Trouble> {
        serde_json::from_value(self.own_values()?).map_err(|_| no_plan())
    }

    /// The results that a planned task needs, by the names that the plan gives them.
    fn needed_results(&self) -> Result<Vec<(String, Value)>, Trouble> {
        let mut results = Vec::with_capacity(self.task.needs.len());
        for need in &self.task.needs {
            let Some(output) = output_of(self.state, need.task, self.contents)? else { continue };
            let scope = self.plan.task(need.task).scope;
            let values = self.state.scope_inputs(scope).map(|values| self.contents.read(values));
            let values = values.transpose()?;
            let name = values.as_deref().and_then(|values| values["name"].as_str());
            results.push((name.unwrap_or_default().to_owned(), output));
        }
        Ok(results)
    }

    /// The messages to the agent, unless its author has put them into the prompt.
    fn inbox(&self, ask: &Ask) -> Result<String, Trouble> {
        if matches!(ask.purpose, Purpose::Compare | Purpose::TieBreak | Purpose::Planned) {
            return Ok(String::new());
        }
        let messages = messages(self.state, self.task, self.contents)?;
        let reads_them = |prompt: &String| {
            let template = Template::parse(prompt, Form::Text);
            template.is_ok_and(|template| {
                template.references.iter().any(|found| found.name(0) == Some(MESSAGES))
            })
        };
        if messages.is_empty() || ask.prompt.as_ref().is_some_and(reads_them) {
            return Ok(String::new());
        }
        Ok(inbox_text(&messages))
    }

    /// What the task is one of several times of, if it is.
    fn over(&self) -> Option<&Over> {
        let several = self.plan.iterates(self.task.scope)?;
        match &self.plan.task(several).work {
            Work::Iterate(iterate) => Some(&iterate.over),
            _ => None,
        }
    }

    /// JSON Schema of what a person says who takes up a failed task; null where that is free text.
    fn said(&self) -> Option<&Value> {
        let Some(Over::Ladder(ladder)) = self.over() else { return None };
        ladder.rungs.iter().find_map(|rung| match &rung.kind {
            RungKind::Person { output } => output.as_ref(),
            _ => None,
        })
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

    /// That a message goes along the lines of the team, where only the run knows who sends it to whom.
    fn check_lines(&self, send: &MessageTemplate) -> Result<(), Trouble> {
        let Some(team) = self.state.team_of_posts(self.task.scope) else { return Ok(()) };
        let refused = send.to.iter().find_map(|to| may_send(send.kind, &send.from, to, team).err());
        match refused {
            None => Ok(()),
            Some(refused) => {
                let message = format!("{refused}: {}", send.kind.rule());
                Err(Trouble(Failure::new(FailureClass::CheckFailed, message)))
            }
        }
    }

    /// What a used pattern or a tool is given.
    fn rendered<'a>(
        &self,
        with: impl Iterator<Item = (&'a String, &'a Value)>,
    ) -> Result<Map<String, Value>, Trouble> {
        let data = self.data(None)?;
        with.map(|(name, value)| Ok((name.clone(), render_tree(value, &data)?))).collect()
    }

    fn call<'a>(
        &self,
        scope: ScopeId,
        with: impl Iterator<Item = (&'a String, &'a Value)>,
    ) -> Result<Preparation, Trouble> {
        let given = if let Some(Over::Expand(expand)) = self.over() {
            let planned = self.planned()?;
            let offer = expand.planning.catalogue.get(planned.offer as usize);
            planned::inputs(&planned, offer, &self.needed_results()?)
        } else {
            self.rendered(with)?
        };
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

/// Our own fault: nothing but what an agent plans asks for one.
fn no_plan() -> Trouble {
    Trouble(Failure::new(FailureClass::Internal, "nothing has been planned"))
}

/// A type that any text conforms to needs no form.
fn is_plain_text(schema: &Value) -> bool {
    *schema == json!({ "type": "string" })
}
