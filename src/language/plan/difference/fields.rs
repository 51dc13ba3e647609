//! Tasks, agents and inputs as fields with names: what a reader of a document would call them, and
//! names instead of ids. Every type is taken apart in full, so that a new field cannot be forgotten.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::language::document::EVERYBODY;
use crate::language::plan::choice::{Ballot, Pairs, Samples, TieBreak};
use crate::language::plan::expand::{Expand, OfferKind};
use crate::language::plan::iterate::{Body, Items, Iterate, Over, Review, Rounds};
use crate::language::plan::ladder::{Ladder, Rung, RungKind};
use crate::language::plan::model::{
    Ask, Combine, CombineMethod, Input, Limits, MessageTemplate, Need, NeedKind, Plan, PlanAgent,
    Purpose, Scope, Task, TaskId, Trigger, Work,
};
use crate::language::plan::tools::PlannedTool;
use crate::organization::Agent;

/// Fields by their names, in the order of telling. What is absent or empty is not there.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Fields(pub(super) IndexMap<String, Value>);

impl Fields {
    /// Adds a field.
    pub(super) fn add(&mut self, name: &str, value: impl Serialize) {
        let value = serde_json::to_value(value).unwrap_or_default();
        let is_empty = match &value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        };
        if !is_empty {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// Adds each entry of a mapping as a field of its own, such as `options.temperature`.
    pub(super) fn add_each(&mut self, name: &str, value: impl Serialize) {
        if let Ok(Value::Object(entries)) = serde_json::to_value(value) {
            for (key, value) in entries {
                self.add(&format!("{name}.{key}"), value);
            }
        }
    }
}

/// What a task does, when, and what happens if it fails.
pub(super) fn task_fields(plan: &Plan, task: &Task) -> Fields {
    let Task {
        name: _,
        path: _,
        scope: _,
        wave,
        work,
        needs,
        on_message,
        when,
        limits,
        retry,
        on_failure,
        estimate,
        sla,
        lifecycle,
        priority,
        budget,
        compensate,
    } = task;
    let mut fields = Fields::default();
    fields.add("verb", task.verb().as_str());
    fields.add("wave", &plan.wave(*wave).name);
    work_fields(plan, work, &mut fields);
    let needs = needs.iter().map(|Need { task, kind }| match kind {
        NeedKind::Value => plan.task(*task).name.clone(),
        NeedKind::Source => format!("{} (one of several)", plan.task(*task).name),
        NeedKind::Message => format!("{} (its message)", plan.task(*task).name),
        NeedKind::Order => format!("{} (order only)", plan.task(*task).name),
    });
    fields.add("needs", needs.collect::<Vec<_>>());
    let topics = on_message.iter().map(|Trigger { topic, senders: _ }| topic);
    fields.add("on_message", topics.collect::<Vec<_>>());
    fields.add("when", when);
    let Limits { total, queue, load, first_token, silence } = limits;
    fields.add("timeout.total", total);
    fields.add("timeout.queue", queue);
    fields.add("timeout.load", load);
    fields.add("timeout.first_token", first_token);
    fields.add("timeout.silence", silence);
    fields.add("retry.max_attempts", retry.max_attempts);
    fields.add("retry.backoff", retry.backoff);
    fields.add("retry.classes", &retry.classes);
    fields.add("on_failure", on_failure);
    fields.add("estimate", estimate);
    fields.add("sla", sla);
    fields.add("lifecycle", lifecycle);
    fields.add("priority", (!priority.is_normal()).then_some(priority));
    fields.add_each("budget", budget);
    if let Some(undo) = compensate.as_ref().and_then(|body| body.tasks.first()) {
        let mut undone = Fields::default();
        work_fields(plan, &undo.work, &mut undone);
        for (name, value) in undone.0 {
            fields.add(&format!("compensate.{name}"), value);
        }
        fields.add("compensate.timeout", undo.limits);
        fields.add("compensate.retry", &undo.retry);
    }
    fields
}

fn work_fields(plan: &Plan, work: &Work, fields: &mut Fields) {
    match work {
        Work::Ask(ask) => {
            let Ask { agent, prompt, sources, purpose, output, model, .. } = ask;
            let Ask { options, cache, hedge, effect, takes, tools, .. } = ask;
            if let Some(post) = plan.post(*agent) {
                fields.add("staff", &post.choice);
            }
            if let Some(agent) = plan.agents.get(agent.index()) {
                fields.add("agent", agent.agent.id.as_str());
                fields.add("team", team_name(plan, agent));
            }
            fields.add(
                "strategy",
                match purpose {
                    Purpose::Task | Purpose::Plan | Purpose::Planned => None,
                    Purpose::Consensus => Some("consensus"),
                    Purpose::Custom => Some("custom"),
                    Purpose::Compare => Some("best_of"),
                    Purpose::TieBreak => Some("vote"),
                },
            );
            fields.add("from", names(plan, sources));
            fields.add("prompt", prompt);
            fields.add("output", output);
            fields.add("model", model);
            fields.add_each("options", options);
            fields.add("cache", (!cache).then_some(false));
            fields.add("hedge", (!hedge).then_some(false));
            fields.add("effect", effect);
            fields.add_each("takes", takes);
            fields.add_each("tools", tools);
        }
        Work::Combine(Combine { sources, method }) => {
            let (strategy, template) = match method {
                CombineMethod::MergeAll => ("merge_all", None),
                CombineMethod::UseFirstResult => ("use_first_result", None),
                CombineMethod::Template(template) => ("custom", Some(template)),
                CombineMethod::Vote(ballot) => {
                    ballot_fields(ballot, fields);
                    ("vote", None)
                }
            };
            fields.add("strategy", strategy);
            fields.add("from", names(plan, sources));
            fields.add("template", template);
        }
        Work::Check { conditions, message } => {
            for (number, (name, condition)) in (1..).zip(conditions) {
                let name = name.clone().unwrap_or_else(|| number.to_string());
                fields.add(&format!("condition.{name}"), condition);
            }
            fields.add("message", message);
        }
        Work::Approve { ask, options, default, deadline } => {
            fields.add("ask", ask);
            fields.add("choices", options);
            fields.add("default", default);
            fields.add("deadline", deadline);
        }
        Work::Send(send) => {
            let MessageTemplate { kind, from, to, to_all, topic, subject, body } = &**send;
            fields.add("send", kind);
            fields.add("from", from);
            match to_all {
                true => fields.add("to", EVERYBODY),
                false => fields.add("to", to),
            }
            fields.add("topic", topic);
            fields.add("subject", subject);
            fields.add("body", body);
        }
        Work::Call { scope, with } => {
            fields.add("uses", &plan.scope(*scope).pattern);
            fields.add_each("with", with);
        }
        Work::Tool(tool) => {
            let PlannedTool { tool, with, workspace, output, effect } = &**tool;
            fields.add("tool", tool);
            fields.add_each("with", with);
            fields.add("workspace", workspace);
            fields.add("output", output);
            fields.add("effect", effect);
        }
        Work::Iterate(iterate) => iterate_fields(plan, iterate, fields),
    }
}

fn iterate_fields(plan: &Plan, iterate: &Iterate, fields: &mut Fields) {
    over_fields(plan, &iterate.over, fields);
    match &iterate.task().work {
        // Scopes inside it count from its own first one.
        Work::Call { scope, with } => {
            let used = iterate.body.scopes.get(scope.index());
            fields.add("uses", used.map(|scope| &scope.pattern));
            fields.add_each("with", with);
        }
        once => work_fields(plan, once, fields),
    }
}

/// How often something is done.
fn over_fields(plan: &Plan, over: &Over, fields: &mut Fields) {
    match over {
        Over::Items(Items { items, name, key, max, parallel, require, stop }) => {
            fields.add("for_each.in", items);
            fields.add("for_each.as", name);
            fields.add("for_each.key", key);
            fields.add("for_each.max", max);
            fields.add("for_each.parallel", parallel);
            fields.add("for_each.require", require);
            fields.add("for_each.stop", stop);
        }
        Over::Rounds(Rounds { until, max, best, patience, unmet }) => {
            fields.add("repeat.until", until);
            fields.add("repeat.max", max);
            fields.add("repeat.best", best);
            fields.add("repeat.patience", patience);
            fields.add("repeat.unmet", unmet);
        }
        Over::Review(Review { of, criteria, reviewers, required, revisions, message }) => {
            fields.add("of", of);
            fields.add("criteria", criteria);
            fields.add("reviewers", reviewers);
            fields.add("require", required);
            fields.add("revise.max", revisions);
            fields.add("message", message);
        }
        Over::Samples(Samples { count, parallel, stop, confidence, ballot }) => {
            fields.add("samples.count", count);
            fields.add("samples.parallel", parallel);
            fields.add("samples.stop", stop);
            fields.add("samples.confidence", confidence);
            ballot_fields(ballot, fields);
        }
        Over::TieBreak(TieBreak { sources, ballot }) => {
            fields.add("from", names(plan, sources));
            ballot_fields(ballot, fields);
        }
        Over::Pairs(Pairs { sources }) => fields.add("from", names(plan, sources)),
        Over::Expand(expand) => expand_fields(plan, expand, fields),
        Over::Ladder(Ladder { rungs, after }) => {
            fields.add("on_failure.after", after);
            for (number, Rung { kind, body }) in (1..).zip(rungs) {
                let mut own = Fields::default();
                let peers = body.tasks.iter().filter_map(|task| plan.agent_of(task));
                match (kind, body.tasks.first()) {
                    (RungKind::Peers, _) => {
                        let peers = peers.map(|peer| peer.agent.id.as_str());
                        own.add("agents", peers.collect::<Vec<_>>());
                    }
                    (_, Some(task)) => work_fields(plan, &task.work, &mut own),
                    (_, None) => {}
                }
                let place = format!("on_failure.escalate.{number}");
                fields.add(&place, kind.key());
                for (name, value) in own.0 {
                    fields.add(&format!("{place}.{name}"), value);
                }
            }
        }
    }
}

/// What a plan may be made of, and how each of it is done.
fn expand_fields(plan: &Plan, expand: &Expand, fields: &mut Fields) {
    let Expand { planning, entries, synthesis, replans, given } = expand;
    fields.add("expand.plan", given);
    fields.add("expand.max_tasks", planning.max_tasks);
    fields.add("expand.replan.max", (*replans > 0).then_some(replans));
    let offers = planning.catalogue.iter().zip(entries);
    let mut add = |place: String, body: &Body| {
        let mut own = Fields::default();
        if let Some(task) = body.tasks.first() {
            work_fields(plan, &task.work, &mut own);
        }
        own.0.into_iter().for_each(|(name, value)| fields.add(&format!("{place}.{name}"), value));
    };
    for (offer, body) in offers.filter(|(offer, _)| offer.kind == OfferKind::Agent) {
        add(format!("expand.catalogue.agents.{}", offer.name), body);
    }
    if let Some(body) = synthesis {
        add("expand.synthesize".to_owned(), body);
    }
    let patterns = planning.catalogue.iter().filter(|offer| offer.kind == OfferKind::Pattern);
    let patterns: Vec<&str> = patterns.map(|offer| offer.name.as_str()).collect();
    fields.add("expand.catalogue.patterns", (!patterns.is_empty()).then_some(patterns));
}

fn names(plan: &Plan, tasks: &[TaskId]) -> Vec<String> {
    tasks.iter().map(|id| plan.task(*id).name.clone()).collect()
}

/// How votes are counted.
fn ballot_fields(ballot: &Ballot, fields: &mut Fields) {
    let Ballot { on, weights, abstain, quorum, tie } = ballot;
    fields.add("vote.on", on);
    fields.add_each("vote.weights", weights);
    fields.add("vote.abstain", (!abstain.is_empty()).then_some(abstain));
    fields.add("vote.quorum", quorum);
    fields.add("vote.tie", tie);
}

/// The inputs of a scope.
pub(super) fn input_fields(scope: &Scope) -> Vec<(String, Fields)> {
    let fields =
        scope.inputs.iter().map(|(name, Input { description, schema, default, learned })| {
            let mut fields = Fields::default();
            fields.add("description", description);
            fields.add("type", schema);
            // A default of `null` is a default.
            if let Some(default) = default {
                fields.0.insert("default".to_owned(), default.clone());
            }
            fields.add("learned", learned);
            (name.clone(), fields)
        });
    fields.collect()
}

/// The teams of a plan.
pub(super) fn team_fields(plan: &Plan) -> Vec<(String, Fields)> {
    let fields = plan.teams.iter().map(|team| {
        let mut fields = Fields::default();
        fields.add("purpose", team.purpose());
        fields.add("department", team.department());
        if !team.framework().is_usual() {
            fields.add("framework", team.framework());
        }
        fields.add("agents", team.agents().iter().map(|agent| &agent.id).collect::<Vec<_>>());
        (team.name().to_owned(), fields)
    });
    numbered(fields)
}

/// The agents of a plan: what their teams say of them, and what speaks for those that are asked.
pub(super) fn agent_fields(plan: &Plan) -> Vec<(String, Fields)> {
    let mut found: Vec<(String, Fields)> = Vec::new();
    for team in &plan.teams {
        for agent in team.agents() {
            let mut fields = Fields::default();
            person_fields(agent, &mut fields);
            found.push((format!("{}/{}", team.name(), agent.id), fields));
        }
    }
    for asked in &plan.agents {
        let PlanAgent { agent, team: _, model, options, requires, max_parallel, takes, .. } = asked;
        let PlanAgent { fallback_models, tools, .. } = asked;
        let name = format!("{}/{}", team_name(plan, asked), agent.id);
        let mut person = Fields::default();
        person_fields(agent, &mut person);
        let mut fields = person.clone();
        fields.add("model", model);
        fields.add("fallback_models", fallback_models);
        fields.add_each("options", options);
        fields.add("requires", requires);
        fields.add("max_parallel", max_parallel);
        fields.add_each("takes", takes);
        fields.add_each("tools", tools);
        // One agent may be asked with several settings; each has an entry.
        match found.iter_mut().find(|(known, as_known)| *known == name && *as_known == person) {
            Some((_, known)) => *known = fields,
            None => found.push((name, fields)),
        }
    }
    numbered(found.into_iter())
}

fn person_fields(agent: &Agent, fields: &mut Fields) {
    let Agent {
        id: _,
        role,
        purpose,
        skills,
        focus_areas,
        instructions,
        reports_to,
        layer,
        domain,
        level,
        orchestration_expertise,
        capacity,
    } = agent;
    fields.add("role", role);
    fields.add("purpose", purpose);
    fields.add("skills", skills);
    fields.add("focus_areas", focus_areas);
    fields.add("instructions", instructions);
    fields.add("reports_to", reports_to);
    fields.add("layer", layer);
    fields.add("domain", domain);
    fields.add("level", level);
    fields.add("orchestration_expertise", orchestration_expertise);
    if !capacity.is_usual() {
        fields.add_each("capacity", capacity);
    }
}

fn team_name<'p>(plan: &'p Plan, agent: &PlanAgent) -> &'p str {
    plan.teams.get(agent.team as usize).map(crate::organization::Team::name).unwrap_or_default()
}

/// Things with names, of which those that share one are numbered.
fn numbered(things: impl Iterator<Item = (String, Fields)>) -> Vec<(String, Fields)> {
    let mut found: Vec<(String, Fields)> = Vec::new();
    for (name, fields) in things {
        let same = |known: &str| known == name || known.starts_with(&format!("{name} #"));
        let count = found.iter().filter(|(known, _)| same(known)).count();
        let name = if count == 0 { name } else { format!("{name} #{}", count + 1) };
        found.push((name, fields));
    }
    found
}
