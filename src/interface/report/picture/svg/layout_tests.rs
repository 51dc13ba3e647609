use std::fmt::Write as _;

use super::*;
use crate::interface::report::picture::outline::outline;
use crate::interface::report::plan::Depth;
use crate::language::document::{Expectation, Library, ProjectFile};
use crate::language::plan::{Plan, compile};

/// A plan of waves with so many tasks each; what a task needs follows from its number.
fn plan(waves: usize, tasks: usize) -> Plan {
    let mut text =
        String::from("pattern: { name: many }\nteam: { name: t, agents: [{ role: A }] }\nwaves:\n");
    let mut names: Vec<String> = Vec::new();
    for wave in 0..waves {
        let barrier = if wave % 3 == 2 { "\n    barrier: false" } else { "" };
        let _ = writeln!(text, "  - name: wave_{wave}{barrier}\n    tasks:");
        let earlier = names.clone();
        let count = earlier.len().max(1);
        for task in 0..tasks {
            let name = format!("task_{wave}_{task}");
            let needs: Vec<String> = (1..=task % 4)
                .filter_map(|step| earlier.get((task * 7 + step * 5 + wave) % count).cloned())
                .collect();
            let work = match task % 6 {
                5 => "uses: parallel_research, with: { question: x }",
                4 => "gate: check, condition: 'true'",
                _ => "agent: a, prompt: x",
            };
            let needs: std::collections::BTreeSet<String> = needs.into_iter().collect();
            let needs: Vec<String> = needs.into_iter().collect();
            let _ = writeln!(text, "      {name}: {{ {work}, needs: [{}] }}", needs.join(", "));
            names.push(name);
        }
    }
    let library = Library::of_files([ProjectFile {
        name: "many.yaml".to_owned(),
        content: Ok(text),
        expectation: Expectation::Named,
    }]);
    let document = library.documents().next().expect("a document");
    compile(&library, document).expect("a plan").plan
}

fn check(waves: usize, tasks: usize, depth: usize) {
    let plan = plan(waves, tasks);
    let outline = outline(&plan, Depth(depth));
    let layout = Layout::of(&outline);
    check_layout(&outline, &layout);
}

fn check_layout(outline: &Outline, layout: &Layout<'_>) {
    let cards: usize = outline.waves.iter().map(|wave| wave.nodes.len()).sum();
    assert_eq!((layout.cards.len(), layout.curves.len()), (cards, outline.edges.len()));
    for (wave, area) in outline.waves.iter().zip(&layout.waves) {
        assert!(area.x >= 0.0 && area.x + area.width <= layout.width + 0.1);
        for node in &wave.nodes {
            let card = layout.cards.iter().find(|card| card.node.id == node.id);
            let card = card.expect("every task has a card");
            assert!(inside(card.area, *area), "{} leaves its wave", node.path);
            if let (Some(inner), Some(outline)) = (&card.inside, &node.inside) {
                assert!(inner.width < card.area.width && inner.height < card.area.height);
                check_layout(outline, inner);
            }
        }
    }
    for (place, card) in layout.cards.iter().enumerate() {
        for other in &layout.cards[place + 1..] {
            assert!(!overlap(card.area, other.area), "{} on {}", card.node.path, other.node.path);
        }
    }
    for curve in &layout.curves {
        let forwards = curve.stretches.windows(2).all(|pair| pair[0].1 <= pair[1].0);
        assert!(forwards && curve.stretches.len() > 1, "{:?}", curve.stretches);
    }
}

fn inside(inner: Area, outer: Area) -> bool {
    inner.x >= outer.x
        && inner.y >= outer.y + WAVE_HEAD - 0.1
        && inner.x + inner.width <= outer.x + outer.width
        && inner.y + inner.height <= outer.y + outer.height
}

fn overlap(first: Area, second: Area) -> bool {
    let apart = first.x + first.width <= second.x
        || second.x + second.width <= first.x
        || first.y + first.height <= second.y
        || second.y + second.height <= first.y;
    !apart
}

#[test]
fn everything_has_a_place_of_its_own() {
    for (waves, tasks) in [(1, 1), (1, 30), (6, 1), (3, 7), (5, 12)] {
        check(waves, tasks, 0);
        check(waves, tasks, 1);
    }
}

#[test]
fn three_hundred_tasks_are_drawn() {
    check(10, 30, 0);
}
