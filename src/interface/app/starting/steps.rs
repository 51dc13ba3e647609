//! Who does what in a new pattern or pipeline, and who reads whose result.

use std::collections::BTreeSet;

use super::wish::is_identifier;
use crate::organization::role_id;

/// Who works in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Worker {
    /// An agent of the team, by its id.
    Agent(String),
    /// A used pattern, by its place in the wish.
    Pattern(usize),
}

/// One task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// The task's name, unique in the document.
    pub(super) name: String,
    /// Which wave it is in; 0 where there are none.
    pub(super) wave: usize,
    /// Who works.
    pub(super) worker: Worker,
    /// The tasks whose results it reads (an agent) or waits for (a pattern).
    pub(super) reads: Vec<String>,
}

/// The tasks of some workers, each with a name that it would like to have.
///
/// Without waves all work at the same time, and the last agent makes one result of theirs; used
/// patterns alone follow each other. With waves the workers are spread over them in order, and a
/// wave reads the results of the one before.
pub(super) fn lay_out(workers: &[(String, Worker)], waves: usize) -> Vec<Step> {
    let count = workers.len();
    let has_agent = workers.iter().any(|(_, worker)| matches!(worker, Worker::Agent(_)));
    let levels = match (waves, has_agent) {
        // The last one closes; or one pattern after the other.
        (0, true) => 2,
        (0, false) => count,
        (waves, _) => waves,
    };
    let level_of = |place: usize| match (waves, has_agent) {
        (0, true) => usize::from(place + 1 == count && count > 1),
        (0, false) => place,
        (waves, _) => place * waves / count.max(waves),
    };
    let mut by_level: Vec<Vec<(String, Worker)>> = vec![Vec::new(); levels];
    for (place, worker) in workers.iter().enumerate() {
        by_level[level_of(place)].push(worker.clone());
    }
    if waves > count {
        // Fewer workers than waves: they come round again.
        for (wave, level) in by_level.iter_mut().enumerate() {
            *level = workers.get(wave % count.max(1)).cloned().into_iter().collect();
        }
    }
    let mut names = BTreeSet::new();
    let mut steps: Vec<Step> = Vec::new();
    let mut before: Vec<String> = Vec::new();
    for (level, workers) in by_level.into_iter().enumerate() {
        let first = steps.len();
        for (wanted, worker) in workers {
            let wave = if waves == 0 { 0 } else { level };
            let name = unique(&wanted, &mut names);
            steps.push(Step { name, wave, worker, reads: before.clone() });
        }
        before = steps[first..].iter().map(|step| step.name.clone()).collect();
    }
    steps
}

/// The tasks whose results no other task reads.
pub(super) fn unread(steps: &[Step]) -> Vec<&str> {
    let read = |name: &String| {
        let by_agent = steps.iter().filter(|step| matches!(step.worker, Worker::Agent(_)));
        by_agent.flat_map(|step| &step.reads).any(|read| read == name)
    };
    steps.iter().map(|step| &step.name).filter(|name| !read(name)).map(String::as_str).collect()
}

/// A name like the one that is wanted, which nothing else has.
pub(super) fn unique(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let wanted = role_id(wanted);
    let wanted = if is_identifier(&wanted) { wanted } else { "task".to_owned() };
    let free = |name: &String| !taken.contains(name);
    let name = std::iter::once(wanted.clone())
        .chain((2..).map(|number| format!("{wanted}_{number}")))
        .find(free)
        .unwrap_or(wanted);
    taken.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(agents: &[&str], patterns: usize, waves: usize, expected: &str) {
        let agents = agents.iter().map(|id| ((*id).to_owned(), Worker::Agent((*id).to_owned())));
        let patterns = (0..patterns).map(|place| ("used".to_owned(), Worker::Pattern(place)));
        let steps = lay_out(&patterns.chain(agents).collect::<Vec<_>>(), waves);
        let shown: Vec<String> = steps
            .iter()
            .map(|step| format!("{}:{}({})", step.wave, step.name, step.reads.join(" ")))
            .collect();
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn without_waves_the_last_agent_closes() {
        check(&["a"], 0, 0, "0:a()");
        check(&["a", "b", "c"], 0, 0, "0:a() 0:b() 0:c(a b)");
        check(&["a"], 1, 0, "0:used() 0:a(used)");
        check(&[], 2, 0, "0:used() 0:used_2(used)");
    }

    #[test]
    fn with_waves_each_reads_the_one_before() {
        check(&["a", "b", "c"], 0, 2, "0:a() 0:b() 1:c(a b)");
        check(&["a"], 0, 2, "0:a() 1:a_2(a)");
        check(&["a", "b"], 0, 1, "0:a() 0:b()");
        check(&["a", "b"], 0, 3, "0:a() 1:b(a) 2:a_2(b)");
    }

    #[test]
    fn results_that_nobody_reads_come_out() {
        let steps = lay_out(
            &[("a".into(), Worker::Agent("a".into())), ("p".into(), Worker::Pattern(0))],
            2,
        );
        assert_eq!(unread(&steps), ["a", "p"]);
    }
}
