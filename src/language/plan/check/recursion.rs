//! Patterns that use each other in a circle, too deep, or too often.
//!
//! All ways through the library are looked at together: following each by itself takes a time that
//! doubles with every pattern that two others use.

use std::collections::{BTreeMap, VecDeque};

use super::route::route;
use crate::language::diagnostic::{Code, Diagnostic, Findings};
use crate::language::document::{Document, patterns_of_task};
use crate::language::plan::outlines::Outlines;
use crate::language::source::SourceId;
use crate::language::workers::in_parallel;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// Patterns may use each other to this depth.
pub(crate) const MAX_DEPTH: usize = 16;

/// A plan may have this many tasks, those of used patterns included.
pub(crate) const MAX_TASKS: u64 = 100_000;

/// What is wrong with how these documents, and those they use, use each other.
pub(crate) fn check<'l>(
    outlines: &Outlines<'l>,
    documents: impl IntoIterator<Item = &'l Document>,
) -> Vec<Diagnostic> {
    let documents: Vec<&Document> = documents.into_iter().collect();
    in_parallel(
        &documents,
        |document| document.text_bytes(),
        |document| {
            outlines.get(document);
        },
    );
    let uses = Uses::of(outlines, documents);
    if uses.of.iter().all(Vec::is_empty) {
        return Vec::new();
    }
    let reach = Reach::of(&uses);
    let of_document = |place| {
        let mut found = Findings::default();
        uses.circles(place, &reach, &mut found);
        uses.too_deep(place, &reach, &mut found);
        uses.too_many(place, &reach, &mut found);
        found.finish()
    };
    (0..uses.documents.len()).flat_map(of_document).collect()
}

/// One task of a document uses a pattern.
struct Use {
    /// The place of the task in the outline.
    task: usize,
    callee: usize,
    /// Where in the task.
    below: String,
}

/// Which documents use which; both are places in `documents`.
struct Uses<'o, 'l> {
    outlines: &'o Outlines<'l>,
    documents: Vec<&'l Document>,
    of: Vec<Vec<Use>>,
}

impl<'o, 'l> Uses<'o, 'l> {
    fn of(
        outlines: &'o Outlines<'l>,
        documents: impl IntoIterator<Item = &'l Document>,
    ) -> Uses<'o, 'l> {
        let mut uses = Uses { outlines, documents: Vec::new(), of: Vec::new() };
        let mut places: BTreeMap<SourceId, usize> = BTreeMap::new();
        for document in documents {
            uses.place(&mut places, document);
        }
        let mut next = 0;
        while let Some(document) = uses.documents.get(next).copied() {
            let names = outlines.library().names_in(document.source());
            let mut own = Vec::new();
            for (task, outline) in outlines.get(document).tasks.iter().enumerate() {
                for (name, below) in patterns_of_task(outline.value) {
                    if let Some(callee) = names.pattern(name) {
                        let callee = uses.place(&mut places, callee);
                        own.push(Use { task, callee, below });
                    }
                }
            }
            uses.of.push(own);
            next += 1;
        }
        uses
    }

    fn place(&mut self, places: &mut BTreeMap<SourceId, usize>, document: &'l Document) -> usize {
        *places.entry(document.source()).or_insert_with(|| {
            self.documents.push(document);
            self.documents.len() - 1
        })
    }

    fn name(&self, place: usize) -> &'l str {
        self.documents[place].name().unwrap_or("unnamed")
    }

    fn diagnostic(&self, code: Code, place: usize, used: &Use, message: String) -> Diagnostic {
        let document = self.documents[place];
        let task = &self.outlines.get(document).tasks[used.task];
        document.diagnostic(code, &format!("{}{}", task.pointer, used.below), message)
    }

    /// Every use that leads back to its document, with a shortest way.
    fn circles(&self, start: usize, reach: &Reach, found: &mut Findings) {
        let inside = |place: usize| reach.component[place] == reach.component[start];
        let leads_back = |used: &&Use| inside(used.callee);
        if !self.of[start].iter().any(|used| leads_back(&used)) {
            return;
        }
        let onward = self.ways_to(start, reach);
        for used in self.of[start].iter().filter(leads_back) {
            let mut names = vec![self.name(start), self.name(used.callee)];
            let mut at = used.callee;
            while at != start {
                let Some(next) = onward[at] else { break };
                at = next;
                names.push(self.name(at));
            }
            let message = format!("patterns use each other in a circle: {}", route(&names));
            found.push(self.diagnostic(Code::PATTERN_CYCLE, start, used, message));
        }
    }

    /// The next step of a shortest way to `target`, for each member of its circles.
    fn ways_to(&self, target: usize, reach: &Reach) -> Vec<Option<usize>> {
        let mut onward = vec![None; self.documents.len()];
        let mut queue = VecDeque::from([target]);
        while let Some(at) = queue.pop_front() {
            for caller in &reach.callers[at] {
                if *caller != target && onward[*caller].is_none() {
                    onward[*caller] = Some(at);
                    queue.push_back(*caller);
                }
            }
        }
        onward
    }

    fn too_deep(&self, start: usize, reach: &Reach, found: &mut Findings) {
        for used in &self.of[start] {
            let is_circle = reach.component[used.callee] == reach.component[start];
            if is_circle || reach.height[used.callee] < MAX_DEPTH {
                continue;
            }
            let mut names = vec![self.name(start)];
            let mut next = Some(used.callee);
            while let Some(place) = next.filter(|_| names.len() < MAX_DEPTH) {
                names.push(self.name(place));
                next = reach.deepest[place];
            }
            let message =
                format!("patterns use each other deeper than {MAX_DEPTH}: {}", names.join(" -> "));
            found.push(self.diagnostic(Code::PATTERN_TOO_DEEP, start, used, message));
        }
    }

    fn too_many(&self, start: usize, reach: &Reach, found: &mut Findings) {
        let Some(tasks) = reach.tasks[start].filter(|tasks| *tasks > MAX_TASKS) else {
            return;
        };
        let largest = self.of[start].iter().rev().max_by_key(|used| reach.tasks[used.callee]);
        let Some(used) = largest else { return };
        let count = if tasks == u64::MAX { "countless".to_owned() } else { tasks.to_string() };
        let message = format!(
            "with the patterns that it uses, this is {count} tasks; a plan has at most {MAX_TASKS}"
        );
        let help = "use fewer patterns that use patterns in turn";
        found.push(self.diagnostic(Code::PLAN_TOO_LARGE, start, used, message).help(help));
    }
}

/// What lies behind each document.
struct Reach {
    /// Documents that use each other in circles have one component.
    component: Vec<usize>,
    /// Those of its own component that use a document, each once.
    callers: Vec<Vec<usize>>,
    /// How many documents use each other in a row from here on, this one included.
    height: Vec<usize>,
    /// Where the longest of these rows goes on.
    deepest: Vec<Option<usize>>,
    /// How many tasks a plan of the document has, unless a circle makes them endless.
    tasks: Vec<Option<u64>>,
}

impl Reach {
    fn of(uses: &Uses<'_, '_>) -> Reach {
        let documents = uses.documents.len();
        let mut graph: DiGraph<(), ()> = DiGraph::new();
        let nodes: Vec<NodeIndex> = (0..documents).map(|_| graph.add_node(())).collect();
        for (caller, own) in uses.of.iter().enumerate() {
            for used in own {
                graph.update_edge(nodes[caller], nodes[used.callee], ());
            }
        }
        let mut reach = Reach {
            component: vec![usize::MAX; documents],
            callers: vec![Vec::new(); documents],
            height: vec![1; documents],
            deepest: vec![None; documents],
            tasks: vec![None; documents],
        };
        // What is used comes before what uses it.
        for (number, component) in kosaraju_scc(&graph).into_iter().enumerate() {
            let members: Vec<usize> = component.into_iter().map(NodeIndex::index).collect();
            for member in &members {
                reach.component[*member] = number;
            }
            for member in &members {
                reach.measure(uses, *member, number);
            }
        }
        for edge in graph.raw_edges() {
            let (caller, callee) = (edge.source().index(), edge.target().index());
            if reach.component[caller] == reach.component[callee] {
                reach.callers[callee].push(caller);
            }
        }
        reach
    }

    fn measure(&mut self, uses: &Uses<'_, '_>, place: usize, component: usize) {
        let mut tasks = Some(uses.outlines.get(uses.documents[place]).tasks.len() as u64);
        for used in &uses.of[place] {
            if self.component[used.callee] == component {
                tasks = None;
                continue;
            }
            let more = self.tasks[used.callee];
            tasks = tasks.zip(more).map(|(tasks, more)| tasks.saturating_add(more));
            if self.height[used.callee] >= self.height[place] {
                self.height[place] = self.height[used.callee] + 1;
                self.deepest[place] = Some(used.callee);
            }
        }
        self.tasks[place] = tasks;
    }
}
