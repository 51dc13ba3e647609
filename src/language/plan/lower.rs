//! From documents that make sense to the plan: names become ids, used patterns become scopes,
//! defaults are filled in.
//!
//! Every step gives `None` where something is missing that the checks have seen; that cannot
//! happen unless Partita itself is at fault, and the caller says so.

mod ask;
mod choice;
mod escalation;
mod expand;
mod iterate;
mod orchestration;
mod review;
mod send;
mod staff;
mod tool;

use std::collections::BTreeMap;
use std::time::Duration;

use indexmap::IndexMap;
use orchestration::Orchestration;
pub(super) use review::REVISE;

use super::cast::{Cast, People};
use super::check::Edge;
use super::levels::levels;
use super::model::{
    Input, Limits, Need, NeedKind, Plan, PlanAgentId, Purpose, RetryPolicy, Scope, ScopeId, Task,
    TaskId, Wave, WaveId, Work,
};
use super::tools::PlanToolServer;
use crate::language::document::simulation::Profile;
use crate::language::document::{
    self, Backoff, Body, Budget, ClusterReference, Defaults, Document, HumanDuration,
    InputDeclaration, Library, Modifiers, Retry, Timeouts, ToolSettings, Verb,
};
use crate::language::source::SourceId;

/// How long a task that asks a model is expected to take where its author does not say.
const DEFAULT_ESTIMATE: Duration = Duration::from_secs(20);

const DEFAULT_TOTAL: Duration = Duration::from_secs(30 * 60);
const DEFAULT_LOAD: Duration = Duration::from_secs(5 * 60);
const DEFAULT_FIRST_TOKEN: Duration = Duration::from_secs(2 * 60);
const DEFAULT_SILENCE: Duration = Duration::from_secs(60);
const DEFAULT_ATTEMPTS: u32 = 3;
const DEFAULT_BACKOFF: Backoff =
    Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(30) };

/// The plan in the making.
pub(super) struct Lowering<'l> {
    library: &'l Library,
    edges: &'l BTreeMap<SourceId, Vec<Edge>>,
    cast: Cast,
    scopes: Vec<Scope>,
    waves: Vec<Wave>,
    tasks: Vec<Task>,
    tool_servers: Vec<PlanToolServer>,
}

/// What a scope takes over from the one that uses it.
#[derive(Default)]
struct Surroundings {
    caller: Option<TaskId>,
    /// The path of the task that uses it, with a slash behind.
    prefix: String,
    /// The team that takes the place of the pattern's own.
    team: Option<u32>,
    stand_ins: BTreeMap<String, PlanAgentId>,
    defaults: Defaults,
    tools: ToolSettings,
}

/// What the tasks of a scope have in common.
#[derive(Clone)]
struct Inside {
    scope: ScopeId,
    /// The document that they are written in, whose names they use.
    source: SourceId,
    prefix: String,
    people: People,
    defaults: Defaults,
    /// Where its tools come from: what the pattern says, or else whoever uses it.
    tools: ToolSettings,
}

impl<'l> Lowering<'l> {
    pub(super) fn new(library: &'l Library, edges: &'l BTreeMap<SourceId, Vec<Edge>>) -> Self {
        Lowering {
            library,
            edges,
            cast: Cast::default(),
            scopes: Vec::new(),
            waves: Vec::new(),
            tasks: Vec::new(),
            tool_servers: Vec::new(),
        }
    }

    /// The plan of a document, and where its pipeline says it runs.
    pub(super) fn root(
        mut self,
        document: &Document,
    ) -> Option<(Plan, Option<ClusterReference>, Option<Profile>)> {
        let outer = Orchestration::of(document)?;
        let budget = outer.budget.copied();
        self.scope(&outer, Surroundings::default())?;
        let (summary, expected, cluster, simulation) = match document.body()? {
            Body::Pattern(pattern) => (&pattern.pattern.summary, None, None, None),
            Body::Pipeline(pipeline) => (
                &pipeline.pipeline.summary,
                pipeline.expected,
                pipeline.cluster.clone(),
                pipeline.simulation.clone(),
            ),
            _ => return None,
        };
        let (teams, agents) = self.cast.into_parts();
        let plan = Plan {
            name: document.name()?.to_owned(),
            kind: document.kind(),
            summary: summary.clone(),
            scopes: self.scopes,
            waves: self.waves,
            tasks: self.tasks,
            teams,
            agents,
            tool_servers: self.tool_servers,
            expected,
            budget,
        };
        Some((plan, cluster, simulation))
    }

    fn scope(&mut self, from: &Orchestration<'_>, around: Surroundings) -> Option<ScopeId> {
        let scope = ScopeId(u32::try_from(self.scopes.len()).ok()?);
        let mut inputs = IndexMap::new();
        for (name, declaration) in from.inputs {
            inputs.insert(name.clone(), input(declaration)?);
        }
        self.scopes.push(Scope {
            pattern: from.name.to_owned(),
            caller: around.caller,
            inputs,
            waves: Vec::new(),
            tasks: Vec::new(),
            outputs: from.outputs.clone(),
            success_criteria: from.success_criteria,
            staff: Vec::new(),
        });
        let team = match (around.team, from.team) {
            (Some(team), _) => Some(team),
            (None, Some(reference)) => {
                Some(self.cast.team(self.library.names_in(from.source), reference)?)
            }
            (None, None) => None,
        };
        let mut people = People { team, stand_ins: around.stand_ins };
        self.scopes[scope.index()].staff = self.posts(&mut people, from.staff)?;
        let inside = Inside {
            scope,
            source: from.source,
            prefix: around.prefix,
            people,
            defaults: merged(&around.defaults, from.defaults),
            tools: from.tools.cloned().unwrap_or(around.tools),
        };
        let edges: &[Edge] = self.edges.get(&from.source)?;
        let names = from.task_names();
        self.tasks.reserve(names.len());
        match (from.waves, from.tasks) {
            (Some(waves), _) => {
                for wave in waves {
                    self.wave(&inside, &wave.name, wave.barrier, wave.tasks.iter())?;
                }
            }
            (None, Some(tasks)) => {
                for (number, level) in levels(tasks.len(), edges).into_iter().enumerate() {
                    let name = format!("level_{}", number + 1);
                    let tasks = level.into_iter().filter_map(|place| tasks.get_index(place));
                    self.wave(&inside, &name, false, tasks)?;
                }
            }
            (None, None) => return None,
        }
        self.resolve_needs(scope, &names, edges)?;
        Some(scope)
    }

    fn wave<'d>(
        &mut self,
        inside: &Inside,
        name: &str,
        barrier: bool,
        tasks: impl Iterator<Item = (&'d String, &'d document::Task)>,
    ) -> Option<()> {
        let wave = WaveId(u32::try_from(self.waves.len()).ok()?);
        let name = name.to_owned();
        self.waves.push(Wave { name, barrier, scope: inside.scope, tasks: Vec::new() });
        self.scopes[inside.scope.index()].waves.push(wave);
        for (name, task) in tasks {
            let id = self.task(inside, wave, name, task)?;
            self.waves[wave.index()].tasks.push(id);
            self.scopes[inside.scope.index()].tasks.push(id);
        }
        Some(())
    }

    fn task(
        &mut self,
        inside: &Inside,
        wave: WaveId,
        name: &str,
        written: &document::Task,
    ) -> Option<TaskId> {
        let path = format!("{}{name}", inside.prefix);
        let written = self.with_rungs(inside, written)?;
        self.as_often_as_written(inside, wave, (name, &path), &written)
    }

    fn once(
        &mut self,
        inside: &Inside,
        wave: WaveId,
        name: &str,
        path: &str,
        written: &document::Task,
    ) -> Option<TaskId> {
        let id = TaskId(u32::try_from(self.tasks.len()).ok()?);
        let modifiers = &written.modifiers;
        let timeout = inside.defaults.timeout.unwrap_or_default();
        let retry = inside.defaults.retry.clone().unwrap_or_default();
        // The place is taken before the work is known, so that a task which uses a pattern comes
        // before the pattern's tasks.
        self.tasks.push(Task {
            name: name.to_owned(),
            path: path.to_owned(),
            scope: inside.scope,
            wave,
            work: Work::Check { conditions: Vec::new(), message: None },
            needs: Vec::new(),
            on_message: send::triggers(modifiers),
            when: modifiers.when.as_ref().map(|condition| condition.0.clone()),
            limits: limits(timeout.overridden_by(&modifiers.timeout.unwrap_or_default())),
            retry: retry_policy(retry.overridden_by(&modifiers.retry.clone().unwrap_or_default())),
            on_failure: escalation::otherwise(modifiers.on_failure.as_ref()),
            estimate: HumanDuration::default(),
            sla: modifiers.sla,
            lifecycle: modifiers.lifecycle,
            priority: modifiers.priority.unwrap_or_default(),
            budget: self.budget(inside, written),
            compensate: None,
        });
        let mut work = self.work(inside, id, path, written)?;
        let compensate = match &modifiers.compensate {
            Some(written) => Some(self.compensation(inside, path, written)?),
            None => None,
        };
        if let (Some(_), Work::Ask(ask)) = (&compensate, &mut work) {
            // What has an effect is not done by an answer of another run, nor twice at once.
            ask.cache = false;
            ask.hedge = false;
        }
        let estimate = match &work {
            Work::Ask(_) => modifiers.estimate.unwrap_or(HumanDuration(DEFAULT_ESTIMATE)),
            Work::Tool(_) => modifiers.estimate.unwrap_or_default(),
            // What is said is how long one of those takes that are asked.
            Work::Iterate(iterate) => HumanDuration(iterate.estimates().1),
            _ => HumanDuration::default(),
        };
        let task = &mut self.tasks[id.index()];
        if let (Verb::Tool(called), Work::Tool(_)) = (&written.verb, &work) {
            task.limits = tool::limits(task.limits, inside, called, modifiers);
            task.retry = tool::retry_policy(modifiers);
        }
        task.estimate = estimate;
        task.work = work;
        task.compensate = compensate.map(Box::new);
        Some(id)
    }

    fn work(
        &mut self,
        inside: &Inside,
        id: TaskId,
        path: &str,
        written: &document::Task,
    ) -> Option<Work> {
        let modifiers = &written.modifiers;
        match &written.verb {
            Verb::Agent(asked) => {
                let agent = self.cast.agent(&inside.people, &asked.agent)?;
                let prompt = Some(asked.prompt.clone());
                self.ask(inside, agent, Purpose::Task, prompt, modifiers).map(Work::Ask)
            }
            Verb::Synthesize(task) => self.synthesis(inside, &task.synthesize, modifiers),
            Verb::Check(gate) => {
                let entries = gate.condition.entries().into_iter();
                let conditions = entries
                    .map(|(name, condition)| (name.map(str::to_owned), condition.0.clone()))
                    .collect();
                Some(Work::Check { conditions, message: gate.message.clone() })
            }
            Verb::Approval(gate) => Some(Work::Approve {
                ask: gate.ask.clone(),
                options: gate.options.clone(),
                default: gate.default.clone(),
                deadline: gate.deadline,
            }),
            Verb::Tool(called) => self.tool(inside, called, modifiers),
            Verb::Review(gate) => self.review(inside, path, gate, modifiers),
            Verb::Expand(task) => self.expand(inside, path, &task.expand, modifiers),
            Verb::Uses(uses) => self.call(inside, id, path, uses, modifiers),
            Verb::Send(message) => self.send(inside, message),
        }
    }

    /// How much may be spent on what a task uses, what it says itself before what the pattern does, or on what
    /// an agent plans for it.
    fn budget(&self, inside: &Inside, written: &document::Task) -> Option<Budget> {
        let uses = match &written.verb {
            Verb::Uses(uses) => uses,
            Verb::Expand(_) => return written.modifiers.budget,
            _ => return None,
        };
        let used = self.library.names_in(inside.source).pattern(&uses.uses);
        let used = used.and_then(Orchestration::of);
        let of_pattern = used.and_then(|used| used.budget.copied());
        match (of_pattern, written.modifiers.budget) {
            (Some(of_pattern), Some(own)) => Some(of_pattern.overridden_by(&own)),
            (of_pattern, own) => own.or(of_pattern),
        }
    }

    fn call(
        &mut self,
        inside: &Inside,
        id: TaskId,
        path: &str,
        uses: &document::UsesTask,
        modifiers: &Modifiers,
    ) -> Option<Work> {
        let names = self.library.names_in(inside.source);
        let callee = Orchestration::of(names.pattern(&uses.uses)?)?;
        let team = match &uses.team {
            Some(reference) => Some(self.cast.team(names, reference)?),
            None => None,
        };
        let mut stand_ins = BTreeMap::new();
        for (role, agent) in &uses.agents {
            stand_ins.insert(role.clone(), self.cast.agent(&inside.people, agent)?);
        }
        let mut defaults = inside.defaults.clone();
        if modifiers.compensate.is_some() {
            defaults.cache = Some(false);
            defaults.hedge = Some(false);
        }
        let around = Surroundings {
            caller: Some(id),
            prefix: format!("{path}/"),
            team,
            stand_ins,
            defaults,
            tools: inside.tools.clone(),
        };
        let scope = self.scope(&callee, around)?;
        Some(Work::Call { scope, with: uses.with.clone() })
    }

    /// Gives every task of a scope what it needs, and every synthesis its sources. The edges
    /// count tasks in the author's order, whose names these are.
    fn resolve_needs(&mut self, scope: ScopeId, names: &[&str], edges: &[Edge]) -> Option<()> {
        let ids: BTreeMap<&str, TaskId> = self.scopes[scope.index()]
            .tasks
            .iter()
            .map(|id| (self.tasks[id.index()].name.as_str(), *id))
            .collect();
        let ids: Vec<TaskId> =
            names.iter().map(|name| ids.get(name).copied()).collect::<Option<_>>()?;
        let mut needs: BTreeMap<TaskId, BTreeMap<TaskId, NeedKind>> = BTreeMap::new();
        for edge in edges {
            let (task, needed) = (*ids.get(edge.task)?, *ids.get(edge.needs)?);
            let kind = needs.entry(task).or_default().entry(needed).or_insert(edge.kind);
            *kind = (*kind).max(edge.kind);
            if edge.kind == NeedKind::Source {
                match &mut self.tasks[task.index()].work {
                    Work::Ask(ask) => ask.sources.push(needed),
                    Work::Combine(combine) => combine.sources.push(needed),
                    Work::Iterate(iterate) => {
                        iterate.over.sources_mut()?.push(needed);
                    }
                    _ => {}
                }
            }
        }
        for (task, needed) in needs {
            let needed = needed.into_iter().map(|(task, kind)| Need { task, kind });
            let task = &mut self.tasks[task.index()];
            task.needs = needed.collect();
            // How many results are compared is known only now.
            if let Work::Iterate(iterate) = &task.work
                && !iterate.over.sources().is_empty()
            {
                task.estimate = HumanDuration(iterate.estimates().1);
            }
        }
        self.resolve_messages(scope);
        self.add_needs_of_authors(scope);
        Some(())
    }
}

fn input(declaration: &InputDeclaration) -> Option<Input> {
    Some(Input {
        description: declaration.description.clone(),
        schema: declaration.to_schema().ok()?,
        default: declaration.default.clone(),
        learned: declaration.learned,
    })
}

/// The defaults of a pattern over those of whoever uses it.
fn merged(around: &Defaults, own: &Defaults) -> Defaults {
    let options = |defaults: &Defaults| defaults.options.clone().unwrap_or_default();
    let timeout = around.timeout.unwrap_or_default();
    let retry = around.retry.clone().unwrap_or_default();
    Defaults {
        model: own.model.clone().or_else(|| around.model.clone()),
        models: match (&own.models, &around.models) {
            (Some(own), Some(around)) => Some(own.or(around)),
            (own, around) => own.clone().or_else(|| around.clone()),
        },
        options: Some(options(around).overridden_by(&options(own))),
        timeout: Some(timeout.overridden_by(&own.timeout.unwrap_or_default())),
        retry: Some(retry.overridden_by(&own.retry.clone().unwrap_or_default())),
        cache: own.cache.or(around.cache),
        hedge: own.hedge.or(around.hedge),
    }
}

fn limits(written: Timeouts) -> Limits {
    let or = |limit: Option<HumanDuration>, default| limit.unwrap_or(HumanDuration(default));
    Limits {
        total: or(written.total, DEFAULT_TOTAL),
        queue: written.queue,
        load: or(written.load, DEFAULT_LOAD),
        first_token: or(written.first_token, DEFAULT_FIRST_TOKEN),
        silence: or(written.silence, DEFAULT_SILENCE),
    }
}

fn retry_policy(written: Retry) -> RetryPolicy {
    RetryPolicy {
        max_attempts: written.max_attempts.unwrap_or(DEFAULT_ATTEMPTS),
        backoff: written.backoff.unwrap_or(DEFAULT_BACKOFF),
        classes: written.classes,
    }
}
