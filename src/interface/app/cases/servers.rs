//! Real servers, asked for answers that are recorded.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::engine::content::{Request, windows};
use crate::engine::{Failure as TaskFailure, FailureClass, full_name};
use crate::interface::app::choice::{Intent, WorldRequest, choose_world};
use crate::interface::app::failure::{Failure, FailureKind};
use crate::interface::app::project::Project;
use crate::interface::app::world::{World, check_models};
use crate::language::plan::{Compiled, Plan, Task, Work, in_plan};
use crate::runtime::cluster::{CallReport, ChatCall, Ollama, ServerReport};

/// What it takes to record.
#[derive(Clone, Copy)]
pub struct Recorder<'a> {
    /// Where is asked.
    pub request: &'a WorldRequest,
    /// Where calls run.
    pub tokio: &'a Runtime,
    /// Told of every answer, in words.
    pub told: &'a (dyn Fn(&str) + Sync),
}

/// The servers that are asked for the answers of a plan.
pub(super) struct RealServers<'a> {
    recorder: Recorder<'a>,
    servers: Vec<Ollama>,
    /// Which of them is asked next.
    next: AtomicUsize,
    windows: BTreeMap<String, u32>,
    /// The model of tasks that name none, by its full name.
    pub(super) model: String,
    /// Whether one of them invents its answers.
    pub(super) simulated: bool,
    /// How many calls may be under way.
    pub(super) slots: usize,
}

impl<'a> RealServers<'a> {
    /// Looks at the servers.
    ///
    /// # Errors
    /// When none can be reached, or a model is missing.
    pub(super) fn open(
        recorder: Recorder<'a>,
        project: &Project,
        compiled: &Compiled,
    ) -> Result<RealServers<'a>, Failure> {
        let intent = Intent {
            plan: Some(&compiled.plan),
            cluster: compiled.cluster.as_ref(),
            ..Intent::default()
        };
        let choice = choose_world(recorder.request, project, intent)?;
        if choice.setup.simulation.is_some() {
            let failure =
                Failure::new(FailureKind::Usage, "there is nothing to record of --simulate");
            return Err(failure.hint("name servers with --server URL or --cluster FILE"));
        }
        let world = World::open(choice, &compiled.plan, recorder.tokio)?;
        check_models(&compiled.plan, &world)?;
        let up = world.reports.iter().map(ServerReport::is_up);
        let all = world.client.servers_of(&world.setup.cluster).into_iter();
        let servers: Vec<Ollama> =
            all.zip(up).filter(|(_, is_up)| *is_up).map(|(server, _)| server).collect();
        let slots = world.setup.cluster.servers.iter().map(|server| server.slots as usize).sum();
        Ok(RealServers {
            recorder,
            servers,
            next: AtomicUsize::new(0),
            windows: windows(&compiled.plan, &world.model.name),
            model: full_name(&world.model.name),
            simulated: world.reports.iter().any(|report| report.is_simulated),
            slots,
        })
    }

    /// Asks one server after the other until one answers.
    ///
    /// # Errors
    /// What the last of them said, or why the answer is of no use.
    pub(super) fn ask(
        &self,
        task: &Task,
        attempt: u32,
        request: &Request,
    ) -> Result<CallReport, TaskFailure> {
        let model = model_of(task, &self.model);
        let call = ChatCall {
            task: task.path.clone(),
            attempt,
            request: request.clone(),
            seed: None,
            window: self.windows.get(&model).copied(),
            keep_alive: None,
            // Tools are not used for a recording: what they do is not the same again.
            tools: Vec::new(),
            model,
        };
        let nobody = TaskFailure::new(FailureClass::Connection, "no server is there to be asked");
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let mut last = Err(nobody);
        for place in 0..self.servers.len() {
            let server = &self.servers[(first + place) % self.servers.len()];
            let most = task.limits.total.0;
            let chat = async { timeout(most, server.chat(&call, |_| {})).await };
            last = self.recorder.tokio.block_on(chat).unwrap_or_else(|_| {
                let message = format!("no answer in {}", task.limits.total);
                Err(TaskFailure::new(FailureClass::TotalTimeout, message))
            });
            if last.is_ok() {
                break;
            }
        }
        let report = last?;
        if report.answer.cut_by_length || report.answer.withheld.is_some() {
            let message = "the answer was cut or withheld, and is of no use as a recording";
            return Err(TaskFailure::new(FailureClass::CutByLength, message));
        }
        (self.recorder.told)(&format!("recorded {}", task.path));
        Ok(report)
    }
}

/// The model of a task by its full name.
pub(super) fn model_of(task: &Task, default: &str) -> String {
    match &task.work {
        Work::Ask(ask) => ask.model.as_deref().map_or_else(|| default.to_owned(), full_name),
        _ => default.to_owned(),
    }
}

/// The task at an address, as it is done for any item where it is done for several.
pub(super) fn task_at<'p>(plan: &'p Plan, path: &str) -> Option<&'p Task> {
    let tasks = plan.all_tasks();
    let at = |path: &str| tasks.iter().copied().find(|task| task.path == path);
    at(path).or_else(|| in_plan(path).iter().find_map(|path| at(path)))
}
