//! How urgent tasks are: as urgent as they say, or as what they lie in says, and as whoever needs them.

use super::model::Plan;
use crate::language::document::Priority;

impl Plan {
    /// How urgent each task is, where that of the first tasks is known, which need none of the others.
    pub fn add_urgencies(&self, urgencies: &mut Vec<Priority>) {
        let known = urgencies.len();
        urgencies.extend(self.tasks[known..].iter().map(|task| task.priority));
        // Who needs a task comes behind it.
        for (place, task) in self.tasks.iter().enumerate().skip(known).rev() {
            let urgency = urgencies[place];
            for need in &task.needs {
                let needed = &mut urgencies[need.task.index()];
                *needed = (*needed).max(urgency);
            }
        }
        // What lies in a task comes behind it, too. Who uses a pattern knows how urgent all of it is.
        for (place, task) in self.tasks.iter().enumerate().skip(known) {
            let caller = self.scope(task.scope).caller;
            let of_caller = caller.map(|caller| urgencies[caller.index()]);
            if let Some(of_caller) = of_caller.filter(|priority| !priority.is_normal()) {
                urgencies[place] = of_caller;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::language::document::{Expectation, Library, Priority, ProjectFile};
    use crate::language::plan::compile;

    #[test]
    fn tasks_are_as_urgent_as_what_needs_them_and_what_they_lie_in() {
        let inner = "pattern: { name: inner }\nteam: { name: u, agents: [{ role: B }] }\ntasks:\n  one: { agent: b, \
                     prompt: x, priority: low }\n  two: { agent: b, prompt: x }\n";
        let outer = "pattern: { name: outer }\nteam: { name: t, agents: [{ role: A }] }\ntasks:\n  first: { agent: a, \
                     prompt: x, priority: low }\n  then: { agent: a, prompt: '{{ tasks.first.output }}', priority: \
                     high }\n  later: { agent: a, prompt: x, priority: low }\n  plain: { agent: a, prompt: x }\n  \
                     part: { uses: inner, priority: high }\n  slow: { uses: inner, priority: low }\n";
        let file = |name: &str, text: &str| ProjectFile {
            name: name.to_owned(),
            content: Ok(text.to_owned()),
            expectation: Expectation::Named,
        };
        let library = Library::of_files([file("outer.yaml", outer), file("inner.yaml", inner)]);
        let document = library.documents().next().expect("a document");
        let plan = compile(&library, document).expect("a plan").plan;
        let mut urgencies = Vec::new();
        plan.add_urgencies(&mut urgencies);
        let of = |path: &str| urgencies[plan.find(path).expect("a task").index()];
        assert_eq!(of("first"), Priority::High);
        assert_eq!(of("then"), Priority::High);
        assert_eq!(of("later"), Priority::Low);
        assert_eq!(of("plain"), Priority::Normal);
        assert_eq!((of("part/one"), of("part/two")), (Priority::High, Priority::High));
        assert_eq!((of("slow/one"), of("slow/two")), (Priority::Low, Priority::Low));
    }
}
