//! Which task comes before which: by what tasks need, and by the barriers of waves.

use std::collections::BTreeSet;

use crate::language::plan::{Edge, Outline};

/// The order of the tasks of a document, by their places in it. Faulty documents may have circles.
#[derive(Debug)]
pub(super) struct Flow {
    /// What each task needs, each once.
    needs: Vec<Vec<usize>>,
    /// Where the edges of each task are.
    edges: Vec<Vec<usize>>,
    /// How many tasks the longest way to each has before it; those of circles have the most.
    depths: Vec<usize>,
    /// How many barriers stand before each task.
    barriers: Vec<usize>,
}

impl Flow {
    pub(super) fn of(outline: &Outline<'_>, edges: &[Edge]) -> Flow {
        let mut needs = vec![Vec::new(); outline.tasks.len()];
        let mut edges_of = vec![Vec::new(); outline.tasks.len()];
        for (place, edge) in edges.iter().enumerate().filter(|(_, edge)| edge.task != edge.needs) {
            needs[edge.task].push(edge.needs);
            edges_of[edge.task].push(place);
        }
        for needs in &mut needs {
            needs.sort_unstable();
            needs.dedup();
        }
        let mut passed = 0;
        let waves = outline.waves.iter().enumerate();
        let of_waves: Vec<usize> = waves
            .map(|(place, wave)| {
                passed += usize::from(place > 0 && wave.is_barrier);
                passed
            })
            .collect();
        let of_task = |wave: usize| of_waves.get(wave).copied().unwrap_or_default();
        let barriers = outline.tasks.iter().map(|task| of_task(task.wave)).collect();
        let depths = vec![usize::MAX; needs.len()];
        let mut flow = Flow { needs, edges: edges_of, depths, barriers };
        for task in flow.in_order() {
            let before = flow.needs[task].iter().map(|need| flow.depths[*need] + 1);
            flow.depths[task] = before.max().unwrap_or_default();
        }
        flow
    }

    /// The places of a task's edges.
    pub(super) fn edges(&self, task: usize) -> &[usize] {
        &self.edges[task]
    }

    /// The tasks that a task needs, each once.
    pub(super) fn needs(&self, task: usize) -> &[usize] {
        &self.needs[task]
    }

    /// Whether a task needs another, directly or through others.
    pub(super) fn leads(&self, task: usize, needed: usize) -> bool {
        self.leads_from(&self.needs[task], needed)
    }

    /// The need through which a task needs another that it also needs directly.
    pub(super) fn detour(&self, task: usize, needed: usize) -> Option<usize> {
        let others = self.needs[task].iter().copied().filter(|other| *other != needed);
        others.into_iter().find(|other| self.leads(*other, needed))
    }

    /// Whether one of the two has surely ended before the other begins.
    pub(super) fn are_ordered(&self, one: usize, other: usize) -> bool {
        self.barriers[one] != self.barriers[other]
            || self.leads(one, other)
            || self.leads(other, one)
    }

    /// Whether a task has surely ended before another begins.
    pub(super) fn is_before(&self, one: usize, other: usize) -> bool {
        self.barriers[one] < self.barriers[other] || self.leads(other, one)
    }

    /// The tasks so that each comes behind what it needs; those of circles, and behind them, are
    /// left out.
    pub(super) fn in_order(&self) -> Vec<usize> {
        let mut open: Vec<usize> = self.needs.iter().map(Vec::len).collect();
        let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); self.needs.len()];
        for (task, needs) in self.needs.iter().enumerate() {
            for need in needs {
                needed_by[*need].push(task);
            }
        }
        let mut order: Vec<usize> = (0..open.len()).filter(|task| open[*task] == 0).collect();
        let mut done = 0;
        while let Some(task) = order.get(done).copied() {
            done += 1;
            for waiting in &needed_by[task] {
                open[*waiting] -= 1;
                if open[*waiting] == 0 {
                    order.push(*waiting);
                }
            }
        }
        order
    }

    fn leads_from(&self, starts: &[usize], needed: usize) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = starts.to_vec();
        while let Some(task) = open.pop() {
            if task == needed {
                return true;
            }
            // Whatever is as early as the one that is looked for does not need it.
            let may_lead =
                self.depths[task] > self.depths[needed] || self.depths[task] == usize::MAX;
            if may_lead && seen.insert(task) {
                open.extend(&self.needs[task]);
            }
        }
        false
    }
}
