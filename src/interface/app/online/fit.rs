//! Whether what a pattern or pipeline asks of models is what its servers have.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::origin::{Origin, Origins};
use super::sight::Sight;
use super::tool_sight::Lacking;
use crate::interface::app::guidance::{guidance_of, no_learnings};

use crate::engine::full_name;
use crate::language::diagnostic::{Code, Diagnostic};
use crate::language::document::suggest::nearest;
use crate::language::document::{Digests, Document, Library};
use crate::language::plan::{
    Ask, AskedModel, Part, Plan, PlanAgentId, Task, TaskId, Work, compile,
};
use crate::language::source::SourceId;
use crate::language::template::fixed_text;
use crate::language::tokens::estimate_tokens;
use crate::organization::{Guidance, system_message};
use crate::runtime::cluster::{ModelInfo, can_chat, different_models, is_cloud_name};

/// Checks the models of a document's tasks, those of used patterns included. A document with errors
/// has no tasks yet.
pub(super) fn check(
    library: &Library,
    document: &Document,
    sight: &Sight,
    found: &mut Vec<Diagnostic>,
) {
    let Ok(compiled) = compile(library, document) else {
        return;
    };
    let default = sight.default_model();
    let stood_in_for = stood_in_for(&compiled.plan, sight, default.as_deref());
    let plan = &each_once(compiled.plan);
    // Where nothing is learned nothing fails.
    let Ok(guidance) = guidance_of(plan, library, &no_learnings) else { return };
    let (guidance, origins) = (&guidance, &Origins { library, root: document, plan });
    let mut told = BTreeSet::new();
    for task in &plan.tasks {
        let Work::Ask(ask) = &task.work else { continue };
        for model in ask.models() {
            let Some(model) = model.or(default.as_deref()) else { continue };
            let stand_in = stood_in_for.get(&(ask.agent, full_name(model))).map(String::as_str);
            let fit = Fit { sight, plan, guidance, origins, task, ask, model, stand_in };
            if let Some(about) = fit.model(found) {
                if told.insert(full_name(model)) {
                    fit.digests(found);
                }
                fit.tools(&about, found);
                fit.window(&about, found);
            }
        }
    }
}

/// The models that no server has, by agent and full name, with one that is there and asked in their stead.
fn stood_in_for(
    plan: &Plan,
    sight: &Sight,
    default: Option<&str>,
) -> BTreeMap<(PlanAgentId, String), String> {
    let is_there = |name: &&str| !sight.model(name).is_empty();
    let stood_in_for = |asked: AskedModel<'_>| {
        let model = asked.model.or(default).filter(|name| !is_there(name))?;
        let mut others = asked.stand_ins.into_iter().filter_map(|other| other.or(default));
        let other = others.find(is_there)?;
        Some(((asked.ask.agent, full_name(model)), other.to_owned()))
    };
    plan.asked_models().filter_map(stood_in_for).collect()
}

/// Tells of the tools that a document's agents, or its tasks, are to have and cannot be offered.
pub(super) fn check_tools(
    library: &Library,
    document: &Document,
    lacking: &[Lacking],
    found: &mut Vec<Diagnostic>,
) {
    let lacking: Vec<&Lacking> =
        lacking.iter().filter(|lacking| lacking.document == document.source()).collect();
    if lacking.is_empty() {
        return;
    }
    let Ok(compiled) = compile(library, document) else { return };
    let plan = &each_once(compiled.plan);
    let origins = Origins { library, root: document, plan };
    let mut told: Vec<(SourceId, String)> = Vec::new();
    for task in &plan.tasks {
        let (toolbox, place, help) = match &task.work {
            Work::Ask(ask) => {
                let place = origins.agent(task, ask).map(|agent| agent.below("tools"));
                let help =
                    "an agent whose tools cannot be offered is not asked: its task would fail";
                (ask.tools.as_deref().cloned(), place, help)
            }
            Work::Tool(tool) => {
                let place = origins.task(task).map(|task| task.below("tool"));
                (Some(tool.toolbox()), place, "the task would fail before its tool is called")
            }
            _ => continue,
        };
        let trouble = lacking.iter().find(|of| Some(&of.toolbox) == toolbox.as_ref());
        let (Some(Lacking { trouble, .. }), Some(place)) = (trouble, place) else { continue };
        let origin = origins.visible(task, place);
        let place = (origin.document.source(), origin.pointer.clone());
        if !told.contains(&place) {
            let (document, pointer) = (origin.document, &origin.pointer);
            let code = Code::TOOLS_UNAVAILABLE;
            found.push(document.key_diagnostic(code, pointer, trouble.clone()).help(help));
            told.push(place);
        }
    }
}

/// The plan with what is done several times in it once, so that all of it has a place in the plan.
fn each_once(mut plan: Plan) -> Plan {
    for id in (0..).map(TaskId) {
        if id.index() >= plan.tasks.len() {
            break;
        }
        let parts: Vec<Part> = match &plan.task(id).work {
            Work::Iterate(iterate) => iterate.parts().collect(),
            _ => Vec::new(),
        };
        for part in parts {
            plan.grow(id, "*", part, &[]);
        }
    }
    plan
}

/// A task, and the model that it would ask.
struct Fit<'a, 'l> {
    sight: &'a Sight,
    plan: &'a Plan,
    guidance: &'a Guidance,
    origins: &'a Origins<'l>,
    task: &'a Task,
    ask: &'a Ask,
    model: &'a str,
    /// Which one is asked where no server has the model.
    stand_in: Option<&'a str>,
}

impl<'l> Fit<'_, 'l> {
    /// Whether the model is there and can chat. Gives what the servers say of it, if it is.
    fn model(&self, found: &mut Vec<Diagnostic>) -> Option<Vec<&ModelInfo>> {
        let model = self.model;
        let full = full_name(model);
        let about = self.sight.model(model);
        let is_cloud = is_cloud_name(&full) || about.iter().any(|model| model.is_cloud());
        if is_cloud && !self.sight.cluster.egress.cloud_models {
            let message = format!("`{model}` runs in Ollama's cloud");
            found.extend(self.at_model(Code::CLOUD_MODEL, message).map(|found| {
                found.help("nothing leaves your servers unless the cluster says: `egress: { cloud_models: true }`")
            }));
            return None;
        }
        if about.is_empty() {
            if self.sight.is_complete() {
                let (code, message) = match self.stand_in {
                    None => (Code::UNKNOWN_MODEL, format!("no server has the model `{model}`")),
                    Some(other) => (
                        Code::MODEL_STOOD_IN_FOR,
                        format!(
                            "no server has the model `{model}`; `{other}` is there in its stead"
                        ),
                    ),
                };
                let pull = format!("pull it with `ollama pull {model}`");
                let help = match nearest(model, self.sight.names()) {
                    Some(near) => format!("did you mean `{near}`? Else {pull}"),
                    None => pull,
                };
                found.extend(self.at_model(code, message).map(|d| d.help(help)));
            }
            return None;
        }
        if !about.iter().any(|model| can_chat(model)) {
            let message = format!("`{model}` only makes vectors");
            let able = self
                .sight
                .names()
                .into_iter()
                .filter(|name| self.sight.model(name).iter().any(|model| can_chat(model)));
            let able: Vec<&str> = able.collect();
            let help = match able.as_slice() {
                [] => "pull one that can chat, for example `ollama pull llama3.1:8b`".to_owned(),
                able => format!("these can chat: {}", able.join(", ")),
            };
            found.extend(self.at_model(Code::MODEL_CANNOT_CHAT, message).map(|d| d.help(help)));
            return None;
        }
        Some(about)
    }

    /// Whether all servers mean the same by the model's name.
    fn digests(&self, found: &mut Vec<Diagnostic>) {
        if self.sight.cluster.digests == Digests::One {
            return;
        }
        let wanted = BTreeSet::from([full_name(self.model)]);
        for model in different_models(&self.sight.reports, Some(&wanted)) {
            let message = format!("the model {}", model.describe());
            let diagnostic = self.at_model(Code::DIFFERENT_MODELS, message);
            found.extend(diagnostic.map(|found| {
                found.help(
                    "pull it again on all of them, or write `digests: one` in the cluster: then only \
                     the first ones are asked",
                )
            }));
        }
    }

    /// A finding where the model is named: by a document, else by the cluster.
    fn at_model(&self, code: Code, message: String) -> Option<Diagnostic> {
        if let Some(origin) = self.origins.model(self.task, self.ask) {
            return Some(self.at(&origin, code, message));
        }
        let homes = self.sight.homes(self.origins.library);
        let mut homes = homes
            .into_iter()
            .map(|document| Origin { document, pointer: "/cluster/default_model".to_owned() });
        let home = homes.find(Origin::exists);
        // A model that a flag names is nowhere written; the task that asks it is.
        let task =
            || self.origins.task(self.task).map(|task| self.origins.visible(self.task, task));
        home.or_else(task).map(|origin| self.at(&origin, code, message))
    }

    fn at(&self, origin: &Origin<'l>, code: Code, message: String) -> Diagnostic {
        // Where the place is a task that uses a pattern, what is wrong is not to be seen there.
        let message = if origin.pointer.ends_with("/uses") {
            format!("{message} (in `{}`)", self.plan.scope(self.task.scope).pattern)
        } else {
            message
        };
        if code == Code::PROMPT_TOO_LONG {
            // The prompt is long: its key is enough to show.
            return origin.document.key_diagnostic(code, &origin.pointer, message);
        }
        origin.document.diagnostic(code, &origin.pointer, message)
    }

    /// Whether the model can call tools, where its agent has some.
    fn tools(&self, about: &[&ModelInfo], found: &mut Vec<Diagnostic>) {
        let Some(tools) = self.origins.agent(self.task, self.ask).map(|agent| agent.below("tools"))
        else {
            return;
        };
        let has_tools = tools.value().is_some_and(|tools| match tools {
            Value::Array(names) => !names.is_empty(),
            _ => tools.get("allow").or_else(|| tools.get("ask")).is_some(),
        });
        let lacks = |model: &&ModelInfo| {
            let able = model.capabilities.as_ref();
            able.is_some_and(|able| !able.iter().any(|capability| capability == "tools"))
        };
        if has_tools && about.iter().all(lacks) {
            let message = format!("`{}` cannot call tools", self.model);
            let origin = self.origins.visible(self.task, tools);
            found.push(self.at(&origin, Code::MODEL_WITHOUT_TOOLS, message).help(
                "give the agent a model with the capability `tools`; `partita cluster status` shows them",
            ));
        }
    }

    /// Whether the window is one that the model has, and whether the prompt can fit it.
    fn window(&self, about: &[&ModelInfo], found: &mut Vec<Diagnostic>) {
        let largest = about.iter().filter_map(|model| model.context_length).max();
        let wanted = self.ask.options.num_ctx.map(u64::from);
        if let (Some(wanted), Some(largest)) = (wanted, largest)
            && wanted > largest
            && let Some(origin) = self.origins.of(self.task, self.ask, "options/num_ctx")
        {
            let message =
                format!("`{}` has a window of {largest} tokens, not {wanted}", self.model);
            let diagnostic = self.at(&origin, Code::CONTEXT_TOO_LARGE, message);
            found.push(diagnostic.help(if origin.pointer.ends_with("/uses") {
                "name a model with a larger window in `defaults`, or use another pattern".to_owned()
            } else {
                format!("write {largest} at most, or name a model with a larger window")
            }));
            return;
        }
        let Some(window) = wanted.or(largest) else { return };
        let tokens = self.fixed_tokens();
        if tokens <= window {
            return;
        }
        let Some(task) = self.origins.task(self.task) else { return };
        let prompts = ["prompt", "expand/prompt", "synthesize/prompt"].map(|key| task.below(key));
        let place = prompts.into_iter().find(Origin::exists).unwrap_or(task);
        let message = format!(
            "the text of this prompt alone has about {tokens} tokens and does not fit the window of {window}"
        );
        let help = match wanted {
            Some(_) => "raise `num_ctx`, or say less",
            None => "say less, or name a model with a larger window",
        };
        let origin = self.origins.visible(self.task, place);
        found.push(self.at(&origin, Code::PROMPT_TOO_LONG, message).help(help));
    }

    /// About how many tokens a prompt has at least: what is not filled in by a run.
    fn fixed_tokens(&self) -> u64 {
        let agent = &self.plan.agents[self.ask.agent.index()];
        let team = &self.plan.teams[agent.team as usize];
        let system =
            system_message(&agent.agent, team, Some(self.guidance), self.ask.manager_tools());
        let prompt = fixed_text(self.ask.prompt.as_deref().unwrap_or_default());
        let is_form = |schema: &&Value| **schema != json!({ "type": "string" });
        let form = self.ask.output.as_ref().filter(is_form).map(ToString::to_string);
        let texts = [system.as_str(), prompt.trim(), form.as_deref().unwrap_or_default()];
        texts.into_iter().map(estimate_tokens).sum()
    }
}
