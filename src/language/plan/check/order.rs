//! That tasks can be put in an order: no circles, and nothing needed that comes later.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::Edge;
use super::route::{route, shown};
use crate::language::diagnostic::{Code, Diagnostic, Findings};
use crate::language::plan::outline::Outline;

pub(super) fn check(outline: &Outline<'_>, edges: &[Edge], found: &mut Findings) {
    let circles = circles(outline.tasks.len(), edges);
    let mut in_circle: BTreeMap<usize, usize> = BTreeMap::new();
    for (number, circle) in circles.iter().enumerate() {
        found.push(describe_circle(outline, &circle.path));
        in_circle.extend(circle.members.iter().map(|member| (*member, number)));
    }
    if !outline.has_waves {
        return;
    }
    let mut said: BTreeSet<(usize, usize)> = BTreeSet::new();
    for edge in edges {
        let (task, needed) = (&outline.tasks[edge.task], &outline.tasks[edge.needs]);
        let circle = in_circle.get(&edge.task);
        let is_in_circle = circle.is_some() && circle == in_circle.get(&edge.needs);
        if needed.wave < task.wave || is_in_circle || !said.insert((edge.task, edge.needs)) {
            continue;
        }
        let wave =
            |place: usize| outline.waves.get(place).and_then(|wave| wave.name).unwrap_or("unnamed");
        let message = if needed.wave == task.wave {
            format!("`{}` needs `{}` of its own wave `{}`", task.name, needed.name, wave(task.wave))
        } else {
            format!(
                "`{}` in wave `{}` needs `{}` of the later wave `{}`",
                task.name,
                wave(task.wave),
                needed.name,
                wave(needed.wave)
            )
        };
        let help = format!(
            "move `{}` to an earlier wave, or `{}` to a wave behind it",
            needed.name, task.name
        );
        found.push(
            Diagnostic::new(Code::NEED_NOT_EARLIER, edge.span, message)
                .related(
                    outline.document.key_span(&needed.pointer),
                    format!("`{}` is in wave `{}`", needed.name, wave(needed.wave)),
                )
                .help(help),
        );
    }
}

/// Tasks that all need each other, and a shortest way round.
struct Circle<'e> {
    members: Vec<usize>,
    path: Vec<&'e Edge>,
}

fn circles(tasks: usize, edges: &[Edge]) -> Vec<Circle<'_>> {
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(tasks, edges.len());
    let nodes: Vec<NodeIndex> = (0..tasks).map(|_| graph.add_node(())).collect();
    let mut onward: Vec<Vec<&Edge>> = vec![Vec::new(); tasks];
    for edge in edges {
        graph.add_edge(nodes[edge.task], nodes[edge.needs], ());
        onward[edge.task].push(edge);
    }
    let needs_itself = |task: usize| onward[task].iter().any(|edge| edge.needs == task);
    let mut circles: Vec<Circle<'_>> = kosaraju_scc(&graph)
        .into_iter()
        .filter(|component| component.len() > 1 || needs_itself(component[0].index()))
        .filter_map(|component| {
            let mut members: Vec<usize> = component.into_iter().map(NodeIndex::index).collect();
            members.sort_unstable();
            let path = shortest_circle(&onward, &members)?;
            Some(Circle { members, path })
        })
        .collect();
    circles.sort_by_key(|circle| circle.members.first().copied());
    circles
}

/// The shortest way from the first member back to itself, breadth first.
fn shortest_circle<'e>(onward: &[Vec<&'e Edge>], members: &[usize]) -> Option<Vec<&'e Edge>> {
    let start = *members.first()?;
    let inside = |edge: &&&Edge| members.binary_search(&edge.needs).is_ok();
    let mut reached_by: BTreeMap<usize, &Edge> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(task) = queue.pop_front() {
        for edge in onward[task].iter().filter(inside) {
            if reached_by.contains_key(&edge.needs) {
                continue;
            }
            reached_by.insert(edge.needs, edge);
            if edge.needs == start {
                let mut path = Vec::new();
                let mut at = start;
                loop {
                    let edge = *reached_by.get(&at)?;
                    path.push(edge);
                    at = edge.task;
                    if at == start {
                        path.reverse();
                        return Some(path);
                    }
                }
            }
            queue.push_back(edge.needs);
        }
    }
    None
}

fn describe_circle(outline: &Outline<'_>, path: &[&Edge]) -> Diagnostic {
    let name = |task: usize| outline.tasks[task].name;
    let mut names: Vec<&str> = path.iter().map(|edge| name(edge.task)).collect();
    names.extend(path.last().map(|edge| name(edge.needs)));
    let message = format!("tasks need each other in a circle: {}", route(&names));
    let step = |edge: &Edge| format!("`{}` needs `{}`", name(edge.task), name(edge.needs));
    let Some((first, rest)) = path.split_first() else {
        // A circle has at least one edge; without one there is nothing to say.
        return outline.document.diagnostic(Code::TASK_CYCLE, "", message);
    };
    let diagnostic = Diagnostic::new(Code::TASK_CYCLE, first.span, message).label(step(first));
    let (near, far) = shown(rest);
    near.iter()
        .chain(far)
        .fold(diagnostic, |diagnostic, edge| diagnostic.related(edge.span, step(edge)))
        .help("drop one of these needs")
}
