//! `start_workflow`: a name and inputs become a run, where the limits allow it.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Inside;
use super::arguments::Arguments;
use super::conduct::{EntryOf, Wanted};
use super::limits::{Grant, Refused};
use super::table::Standing;
use crate::engine::RunNote;
use crate::interface::app::choice::Choice;
use crate::interface::app::context::ContextOfRun;
use crate::interface::app::definition::Definition;
use crate::interface::app::failure::Failure;
use crate::interface::app::given::Given;
use crate::interface::app::learning::{AdviceOfRun, AdviceRequest, recent_learnings};
use crate::interface::app::organization::learned_inputs;
use crate::interface::app::session::StartRequest;
use crate::language::document::ImportedName;
use crate::language::plan::Plan;
use crate::organization::Guidance;
use crate::runtime::clock::Clock;
use crate::runtime::journal::{ParentRecord, Setup};
use crate::runtime::tools::{Managed, ManagerCall};
use crate::runtime::workspace::is_yaml;

/// What a name and inputs come to.
struct Named {
    plan: Arc<Plan>,
    inputs: Map<String, Value>,
    learned: Vec<String>,
    guidance: Guidance,
}

impl Inside {
    /// Starts a run, or finds the one that the task has started with the same inputs.
    pub(super) fn start(self: &Arc<Self>, call: &ManagerCall, given: &Arguments<'_>) -> Managed {
        let refuse = |told: String| Managed { told: Err(told), note: None };
        let named = match self.named(given) {
            Ok(found) => found,
            Err(failure) => return refuse(in_words(&failure)),
        };
        let Ok(_held) = self.starting.lock() else {
            return refuse("no run can be started here any more".to_owned());
        };
        let plan = Arc::clone(&named.plan);
        let inputs_value = Value::Object(named.inputs.clone());
        let same = self.table.all(|entries| {
            let is_same = |entry: &&super::table::Entry| {
                entry.task == call.task && entry.name == plan.name && entry.inputs == inputs_value
            };
            entries.iter().rfind(is_same).map(|entry| entry.run.clone())
        });
        if let Some(run) = same {
            if self.table.take_up(&run) {
                self.resume_on_a_thread(run.clone());
            }
            return self.started(run, &plan, true);
        }
        let grant = match self.grant(call, &plan) {
            Ok(grant) => grant,
            Err(Refused { limit, told }) => {
                return Managed { told: Err(told), note: Some(RunNote::Refused(limit)) };
            }
        };
        match self.start_granted(call, named, grant) {
            Ok(run) => self.started(run, &plan, false),
            Err(failure) => refuse(in_words(&failure)),
        }
    }

    /// The plan that is named, with its inputs as `partita run` binds them.
    fn named(&self, given: &Arguments<'_>) -> Result<Named, Failure> {
        let name = given.text("pattern");
        let project = &self.starter.project;
        // What a model says is a name of the library, and never leads to a file.
        let is_imported = ImportedName::parse(name).is_some();
        let leads_to_a_file = is_yaml(Path::new(name))
            || Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("json"))
            || (name.contains(['/', '\\']) && (!is_imported || Path::new(name).exists()));
        if leads_to_a_file {
            let message = format!("`{name}` is no name of a pattern or pipeline");
            let failure = Failure::new(crate::interface::app::FailureKind::Usage, message);
            return Err(failure.hint("give the name under which the library has it, not a file"));
        }
        let definition = Definition::to_run(project, name)?;
        let given = given.mapping("inputs");
        let inputs = Given::bound(definition.plan().root(), &given)?;
        let learned = learned_inputs(definition.plan(), &given);
        let guidance = definition
            .guidance(project, &recent_learnings(&self.starter.journal, Clock::start().now()))?;
        Ok(Named { plan: Arc::new(definition.into_plan()), inputs, learned, guidance })
    }

    fn start_granted(
        self: &Arc<Self>,
        call: &ManagerCall,
        named: Named,
        grant: Grant,
    ) -> Result<String, Failure> {
        let Named { plan, inputs, learned, guidance } = named;
        let starter = &self.starter;
        let (attempt, number) = call.call;
        let own = starter.setup.parent.as_ref();
        let parent = ParentRecord {
            run: starter.run.clone(),
            task: call.task.clone(),
            attempt,
            call: number,
            depth: own.map_or(1, |parent| parent.depth + 1),
            levels: grant.levels,
        };
        let mut setup = Setup { fork: None, parent: None, ..starter.setup.clone() };
        setup.budgets.clear();
        if !grant.budget.is_unlimited() {
            setup.budgets.insert(String::new(), grant.budget);
        }
        let now = Clock::start().now();
        let context = ContextOfRun::of_run(&starter.journal, &starter.run, now)?;
        let entry = EntryOf {
            task: call.task.clone(),
            name: plan.name.clone(),
            inputs: Value::Object(inputs.clone()),
            granted: grant.budget,
        };
        let asked = AdviceRequest {
            journal: &starter.journal,
            folder: &starter.project.root,
            named: None,
            called: Some(&plan.name),
            of: None,
            is_rehearsal: setup.simulation.is_some(),
        };
        let advice = AdviceOfRun::choose(asked, now)?;
        let by = "the run that started it".to_owned();
        let choice = Choice { setup, by, budgets: Vec::new() };
        let request = StartRequest {
            learned,
            context,
            guidance: Some(guidance),
            advice,
            parent: Some(parent),
            ..StartRequest::of(plan, inputs, choice)
        };
        self.start_on_a_thread(Wanted { request, entry })
    }

    /// What the model is told of a run that is there.
    fn started(&self, run: String, plan: &Plan, was_there: bool) -> Managed {
        let standing = self.table.with(&run, |entry| entry.standing);
        let status = match standing {
            Some(Standing::Stopped(status)) => status.as_str(),
            _ => "running",
        };
        let waves: Vec<Value> = plan
            .root()
            .waves
            .iter()
            .map(|wave| {
                let tasks = plan.tasks_of_root_wave(*wave).len();
                json!({ "name": plan.wave(*wave).name, "tasks": tasks })
            })
            .collect();
        let forecast = plan.forecast();
        let mut told = json!({
            "run": run,
            "name": plan.name,
            "status": status,
            "waves": waves,
            "expected_seconds": forecast.parallel.as_secs_f64().round(),
            "next": "monitor_orchestration_health waits for news of it, review_orchestration_outcomes for its end",
        });
        if was_there {
            told["note"] =
                "you have started this run before, with the same inputs: no second one was started"
                    .into();
        }
        Managed { told: Ok(told.to_string()), note: Some(RunNote::Started(run)) }
    }
}

/// A failure as models read it: what is wrong, what can be done, and the first findings about documents.
pub(super) fn in_words(failure: &Failure) -> String {
    const FINDINGS: usize = 5;
    let mut parts = vec![failure.message.clone()];
    if let Some(found) = &failure.diagnostics {
        let (sources, diagnostics) = found.as_ref();
        parts.extend(diagnostics.iter().take(FINDINGS).map(|finding| {
            let span = finding.primary.span;
            let place = sources.get(span.source).map(|source| {
                let place = source.position(span.start);
                format!("{}:{}:{}: ", source.name(), place.line, place.column)
            });
            format!("{}{}", place.unwrap_or_default(), finding.message)
        }));
    }
    parts.extend(failure.hints.iter().cloned());
    parts.join("; ")
}
