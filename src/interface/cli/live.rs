//! The live view of a run on a terminal: a line for every task at work. indicatif's only home.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::engine::{AttemptId, Fact, Next, Recorded, Rung, Wait};
use crate::insight::History;
use crate::interface::report::{Paint, wait_text};
use crate::language::plan::{Plan, TaskId};

/// So many tasks are shown; the rest is counted.
const SHOWN_TASKS: usize = 24;

/// Shorter waits than this say nothing.
const SHOWN_AFTER: Duration = Duration::from_secs(2);

/// No column is wider, in characters.
const WIDEST: usize = 40;

pub(super) struct Live {
    plan: Arc<Plan>,
    paint: Paint,
    bars: MultiProgress,
    total: ProgressBar,
    tasks: BTreeMap<TaskId, ProgressBar>,
    texts: BTreeMap<TaskId, String>,
    /// Second attempts beside slow ones.
    hedges: BTreeMap<TaskId, AttemptId>,
    hidden: usize,
    widths: Widths,
}

/// The widths of columns, in characters.
struct Widths {
    task: usize,
    wave: usize,
    agent: usize,
}

/// A view that somebody else draws.
pub(super) struct LiveHandle(MultiProgress);

impl LiveHandle {
    /// Does something with the view out of the way.
    pub(super) fn suspend(&self, action: impl FnOnce()) {
        self.0.suspend(action);
    }
}

impl Live {
    pub(super) fn new(plan: &Arc<Plan>, paint: Paint) -> Live {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        let total = bars.add(ProgressBar::new(plan.tasks.len() as u64));
        total.set_style(style("{spinner} {pos}/{len} tasks  {elapsed}  {msg}"));
        total.enable_steady_tick(Duration::from_millis(250));
        let widest = |names: &mut dyn Iterator<Item = &str>| {
            names.map(|name| name.chars().count()).max().unwrap_or(0).min(WIDEST)
        };
        let waves = plan.root().waves.iter().map(|wave| plan.wave(*wave).name.as_str());
        let widths = Widths {
            task: widest(&mut plan.tasks.iter().map(|task| task.path.as_str())),
            wave: widest(&mut { waves }),
            agent: widest(&mut plan.agents.iter().map(|agent| agent.agent.id.as_str())),
        };
        Live {
            plan: Arc::clone(plan),
            paint,
            bars,
            total,
            tasks: BTreeMap::new(),
            texts: BTreeMap::new(),
            hedges: BTreeMap::new(),
            hidden: 0,
            widths,
        }
    }

    /// The view itself, to write above it from any thread.
    pub(super) fn handle(&self) -> LiveHandle {
        LiveHandle(self.bars.clone())
    }

    /// Puts the view away while a person is typing.
    pub(super) fn hide(&mut self) {
        self.hidden += 1;
        let _ = self.bars.clear();
        self.bars.set_draw_target(ProgressDrawTarget::hidden());
    }

    pub(super) fn unhide(&mut self) {
        if self.hidden > 0 {
            self.hidden -= 1;
            if self.hidden == 0 {
                self.bars.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            }
        }
    }

    pub(super) fn close(&mut self) {
        for (_, bar) in std::mem::take(&mut self.tasks) {
            bar.finish_and_clear();
        }
        self.total.finish_and_clear();
        let _ = self.bars.clear();
    }

    pub(super) fn fact(&mut self, history: &History, recorded: &Recorded) {
        match &recorded.fact {
            Fact::AttemptStarted { attempt, server, hedge: true, .. } => {
                self.hedges.insert(attempt.task, *attempt);
                self.say(attempt.task, &format!("hedged on {}", history.server_name(*server)));
            }
            Fact::AttemptEnded { attempt, next: Next::GoesOn, .. } => {
                let left = history.task(attempt.task).deciding_attempt();
                let left = left.map_or("", |left| &history.servers[left.server].name);
                self.hedges.remove(&attempt.task);
                self.say(attempt.task, &format!("now only on {left}"));
            }
            Fact::AttemptStarted { attempt, server, model, .. } => {
                self.show(attempt.task, history.server_name(*server), model);
            }
            Fact::ToolCalled { attempt, tool } if tool.rung == Rung::Task => {
                self.show(attempt.task, "tool", &tool.tool);
            }
            Fact::AttemptEnded { attempt, .. }
            | Fact::PermissionAsked { attempt, .. }
            | Fact::RunsAwaited { attempt, .. } => {
                self.drop_bar(attempt.task);
            }
            Fact::TaskCancelled { task } => self.drop_bar(*task),
            _ => {}
        }
        self.total.set_position(history.ended_tasks() as u64);
        let more = self.texts.len().saturating_sub(self.tasks.len());
        self.total.set_message(if more > 0 {
            format!("and {more} more at work")
        } else {
            String::new()
        });
    }

    pub(super) fn progress(&mut self, attempt: AttemptId, pieces: u32) {
        // Of two attempts at a task the second one is told, which is expected to end first.
        if self.hedges.get(&attempt.task).is_some_and(|hedge| *hedge != attempt) {
            return;
        }
        if let (Some(bar), Some(text)) =
            (self.tasks.get(&attempt.task), self.texts.get(&attempt.task))
        {
            bar.set_message(format!("{text}  answers  {pieces} tokens"));
        }
    }

    pub(super) fn waits(&mut self, waits: &[Wait], history: &History) {
        for wait in waits.iter().filter(|wait| wait.waited >= SHOWN_AFTER) {
            let text = wait_text(wait, history.server_name(wait.server));
            for attempt in &wait.attempts {
                if let (Some(bar), Some(task)) =
                    (self.tasks.get(&attempt.task), self.texts.get(&attempt.task))
                {
                    bar.set_message(format!("{task}  waits {text}"));
                }
            }
        }
    }

    fn show(&mut self, task: TaskId, server: &str, model: &str) {
        let planned = self.plan.task(task);
        let wave = &self.plan.wave(self.plan.root_wave(task)).name;
        let agent = self.plan.agent_of(planned).map(|agent| agent.agent.id.as_str());
        let Widths { task: a, wave: b, agent: c } = self.widths;
        let text = format!(
            "{:<a$}  {wave:<b$}  {:<c$}  {server}  {model}",
            planned.path,
            agent.unwrap_or_default()
        );
        let text = self.paint.dim(&text);
        self.texts.insert(task, text.clone());
        if self.tasks.len() < SHOWN_TASKS {
            let bar = self.bars.insert_before(&self.total, ProgressBar::new_spinner());
            bar.set_style(style("{spinner} {msg}  {elapsed}"));
            bar.set_message(format!("{text}  asked"));
            bar.enable_steady_tick(Duration::from_millis(250));
            self.tasks.insert(task, bar);
        }
    }

    /// What more there is to say of a task that is shown.
    fn say(&mut self, task: TaskId, more: &str) {
        if let Some(text) = self.texts.get_mut(&task) {
            *text = format!("{text}  {more}");
            if let Some(bar) = self.tasks.get(&task) {
                bar.set_message(text.clone());
            }
        }
    }

    fn drop_bar(&mut self, task: TaskId) {
        self.hedges.remove(&task);
        self.texts.remove(&task);
        if let Some(bar) = self.tasks.remove(&task) {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
