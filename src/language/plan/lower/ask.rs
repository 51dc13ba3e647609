//! What agents are asked.

use super::{Inside, Lowering, choice};
use crate::language::document::{self, Effect, Modifiers, Strategy, Tie, ToolServer};
use crate::language::plan::model::{
    Ask, Combine, CombineMethod, PlanAgent, PlanAgentId, Purpose, Work,
};
use crate::language::plan::tools::{PlanToolServer, Toolbox};

impl Lowering<'_> {
    /// What an agent is asked, with everything that the task, the agent and the defaults say of it.
    pub(super) fn ask(
        &mut self,
        inside: &Inside,
        agent: PlanAgentId,
        purpose: Purpose,
        prompt: Option<String>,
        modifiers: &Modifiers,
    ) -> Option<Ask> {
        let tools = self.cast.agents.get(agent.index())?.tools.clone();
        let orchestration = self.cast.orchestration(agent);
        let servers = &mut self.tool_servers;
        let rename = |name: &str, server: &ToolServer| seat(servers, name, server);
        let tools = Toolbox::of(&tools, &inside.tools, orchestration, rename).map(Box::new);
        let voice = self.cast.agents.get(agent.index())?;
        let output = match &modifiers.output {
            Some(output) => Some(output.to_schema().ok()?),
            None => None,
        };
        let model = model_of(inside, modifiers, voice);
        let options = inside.defaults.options.clone().unwrap_or_default();
        let options = options.overridden_by(&voice.options);
        let effect = modifiers.effect;
        let may_reuse = tools.is_none() && matches!(effect, None | Some(Effect::Pure));
        let may_hedge = tools.is_none() && effect != Some(Effect::Once);
        let mut asked = Ask {
            agent,
            prompt,
            sources: Vec::new(),
            purpose,
            output,
            model,
            options: options.overridden_by(&modifiers.options.clone().unwrap_or_default()),
            // What tools say and do is not the same again.
            cache: may_reuse && modifiers.cache.or(inside.defaults.cache).unwrap_or(true),
            hedge: may_hedge && modifiers.hedge.or(inside.defaults.hedge).unwrap_or(true),
            effect,
            takes: voice.takes.overridden_by(&modifiers.takes.clone().unwrap_or_default()),
            tools,
            voices: Box::default(),
        };
        asked.voices = self.voices(inside, &asked, purpose, modifiers)?.into_boxed_slice();
        Some(asked)
    }

    /// One result of several: with an agent, or without.
    pub(super) fn synthesis(
        &mut self,
        inside: &Inside,
        synthesis: &document::Synthesis,
        modifiers: &Modifiers,
    ) -> Option<Work> {
        let combine = |method| Some(Work::Combine(Combine { sources: Vec::new(), method }));
        let purpose = match (synthesis.strategy, &synthesis.template) {
            (Strategy::MergeAll, _) => return combine(CombineMethod::MergeAll),
            (Strategy::UseFirstResult, _) => return combine(CombineMethod::UseFirstResult),
            (Strategy::Custom, Some(template)) => {
                return combine(CombineMethod::Template(template.clone()));
            }
            (Strategy::Vote, _) if synthesis.tie != Some(Tie::Agent) => {
                return combine(CombineMethod::Vote(choice::ballot(synthesis)));
            }
            (Strategy::Vote, _) => Purpose::TieBreak,
            (Strategy::BestOf, _) => Purpose::Compare,
            (Strategy::Custom, None) => Purpose::Custom,
            (Strategy::Consensus, _) => Purpose::Consensus,
        };
        let agent = match &synthesis.agent {
            Some(agent) => self.cast.agent(&inside.people, agent)?,
            None => self.cast.lead(&inside.people)?,
        };
        let prompt = synthesis.prompt.as_ref().or(synthesis.criteria.as_ref());
        self.ask(inside, agent, purpose, prompt.cloned(), modifiers).map(Work::Ask)
    }
}

/// The model that is asked: the task's, that for tasks so hard, the agent's, that of the defaults.
pub(super) fn model_of(
    inside: &Inside,
    modifiers: &Modifiers,
    voice: &PlanAgent,
) -> Option<String> {
    let defaults = &inside.defaults;
    let by_complexity = || {
        defaults.models.as_ref().zip(modifiers.complexity).and_then(|(models, how)| models.of(how))
    };
    let named = modifiers.model.as_ref().or_else(by_complexity).or(voice.model.as_ref());
    named.or(defaults.model.as_ref()).cloned()
}

/// The name in the plan of a server of tools, which has its place there from now on.
pub(super) fn seat(servers: &mut Vec<PlanToolServer>, name: &str, server: &ToolServer) -> String {
    for number in 1.. {
        let name = if number == 1 { name.to_owned() } else { format!("{name}_{number}") };
        match servers.iter().find(|known| known.name == name) {
            Some(known) if known.server == *server => return name,
            Some(_) => {}
            None => {
                servers.push(PlanToolServer { name: name.clone(), server: server.clone() });
                return name;
            }
        }
    }
    name.to_owned()
}
