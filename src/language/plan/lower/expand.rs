//! Work that an agent plans: who plans, whom and what a plan may name, and what is made of all.

use indexmap::IndexMap;

use super::escalation::each_time;
use super::iterate::Inner;
use super::{Inside, Lowering, Orchestration, input};
use crate::language::document::{self, AgentTask, Expansion, Modifiers, UsesTask, Verb};
use crate::language::plan::expand::{Expand, Offer, OfferKind, PLAN, Planning, SYNTHESIS};
use crate::language::plan::iterate::{Body, Iterate, Over};
use crate::language::plan::model::{Purpose, Work};

impl Lowering<'_> {
    /// What is asked of who plans, and a body for each entry of the catalogue.
    pub(super) fn expand(
        &mut self,
        inside: &Inside,
        path: &str,
        written: &Expansion,
        modifiers: &Modifiers,
    ) -> Option<Work> {
        let address = (path.rsplit('/').next().unwrap_or(path), path);
        let asked = Modifiers { output: None, ..each(modifiers) };
        let mut planning =
            Planning { catalogue: Vec::new(), max_tasks: written.max_tasks, done: Vec::new() };
        let mut entries = Vec::new();
        for name in &written.catalogue.agents {
            let agent = ask(name, "");
            entries.push(self.part(inside, address, agent, &asked, Purpose::Planned)?);
            let agent = self.cast.agent(&inside.people, name)?;
            let agent = &self.cast.agents.get(agent.index())?.agent;
            planning.catalogue.push(Offer {
                kind: OfferKind::Agent,
                name: agent.id.to_string(),
                about: about(agent),
                inputs: IndexMap::new(),
            });
        }
        for name in &written.catalogue.patterns {
            let used = UsesTask {
                uses: name.clone(),
                with: IndexMap::new(),
                team: None,
                agents: IndexMap::new(),
            };
            let verb = Verb::Uses(Box::new(used));
            let modifiers = each(&Modifiers::default());
            entries.push(self.part(inside, address, verb, &modifiers, Purpose::Task)?);
            planning.catalogue.push(self.offered_pattern(inside, name)?);
        }
        let synthesis = match &written.synthesize {
            Some(conclusion) => {
                let agent = conclusion.agent.as_ref().unwrap_or(&written.agent);
                let verb = ask(agent, &conclusion.prompt);
                let modifiers = each(modifiers);
                let mut body = self.part(inside, address, verb, &modifiers, Purpose::Planned)?;
                call_it(&mut body, path, SYNTHESIS);
                Some(body)
            }
            None => None,
        };
        let planner = ask(&written.agent, written.prompt.as_deref().unwrap_or_default());
        let mut body = self.part(inside, address, planner, &asked, Purpose::Plan)?;
        if let Some(Work::Ask(ask)) = body.tasks.first_mut().map(|task| &mut task.work) {
            ask.output = Some(planning.output());
        }
        call_it(&mut body, path, PLAN);
        let replans = written.replan.as_ref().map_or(0, |replan| replan.max);
        let given = written.plan.clone();
        let expand = Expand { planning, entries, synthesis, replans, given };
        let over = Over::Expand(Box::new(expand));
        Some(Work::Iterate(Box::new(Iterate { body, over })))
    }

    /// One of the things that are done.
    fn part(
        &mut self,
        inside: &Inside,
        address: (&str, &str),
        verb: Verb,
        modifiers: &Modifiers,
        purpose: Purpose,
    ) -> Option<Body> {
        let written = document::Task { verb, modifiers: Box::new(modifiers.clone()) };
        let (name, path) = address;
        let mut body = self.body(inside, (name, &format!("{path}[*]")), &written, Inner::Once)?;
        if let Some(Work::Ask(ask)) = body.tasks.first_mut().map(|task| &mut task.work) {
            ask.purpose = purpose;
            // What is asked stands in the plan.
            ask.prompt = ask.prompt.take().filter(|prompt| !prompt.is_empty());
        }
        Some(body)
    }

    fn offered_pattern(&self, inside: &Inside, name: &str) -> Option<Offer> {
        let document = self.library.names_in(inside.source).pattern(name)?;
        let document::Body::Pattern(pattern) = document.body()? else { return None };
        let mut inputs = IndexMap::new();
        for (name, declaration) in Orchestration::of(document)?.inputs {
            inputs.insert(name.clone(), input(declaration)?);
        }
        let about = pattern.pattern.summary.clone();
        Some(Offer { kind: OfferKind::Pattern, name: name.to_owned(), about, inputs })
    }
}

fn ask(agent: &str, prompt: &str) -> Verb {
    Verb::Agent(AgentTask { agent: agent.to_owned(), prompt: prompt.to_owned() })
}

/// What holds for the whole is said there; a failure is looked at when all that could be done is.
fn each(modifiers: &Modifiers) -> Modifiers {
    Modifiers {
        when: None,
        on_message: None,
        budget: None,
        sla: None,
        needs: Vec::new(),
        on_failure: Some(each_time(None)),
        ..modifiers.clone()
    }
}

/// Gives what is always called the same its key.
fn call_it(body: &mut Body, path: &str, key: &str) {
    if let Some(task) = body.tasks.first_mut() {
        task.path = format!("{path}[{key}]");
    }
}

/// What an agent is good for, as its team says.
fn about(agent: &crate::organization::Agent) -> String {
    let purpose = Some(agent.purpose.trim()).filter(|purpose| !purpose.is_empty());
    let purpose = purpose.map(str::to_owned);
    let skills = (!agent.skills.is_empty()).then(|| format!("skills: {}", agent.skills.join(", ")));
    let said: Vec<String> =
        std::iter::once(agent.role.clone()).chain(purpose).chain(skills).collect();
    said.join("; ")
}
