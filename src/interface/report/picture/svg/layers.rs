//! Which task stands in which column, in which order from top to bottom, and which way the edges
//! take that pass a column.
//!
//! The method is that of Sugiyama, Tagawa and Toda (1981): an edge over several columns has a lane
//! in each that it passes, and a column is ordered by the mean place of what its items are
//! connected with (the barycentre), to and fro, as long as fewer edges cross.

use std::collections::BTreeMap;

use crate::language::plan::TaskId;

use super::super::outline::{DrawnWave, Outline};

/// How often columns are ordered from left to right and back.
const SWEEPS: usize = 6;

/// The columns of a scope from left to right, one a wave: no task needs another of its own wave.
#[derive(Debug)]
pub(super) struct Layers {
    /// For each column its items from top to bottom.
    pub(super) layers: Vec<Vec<Item>>,
    /// For each column but the last, what leads from its items to those of the next, as places in
    /// both.
    pub(super) links: Vec<Vec<(usize, usize)>>,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    /// A task.
    Task(TaskId),
    /// Where edges from a task pass through.
    Lane(TaskId),
}

impl Layers {
    /// The columns of an outline.
    pub(super) fn of(outline: &Outline) -> Layers {
        let column = columns(outline);
        let tasks = |wave: &DrawnWave| wave.nodes.iter().map(|node| Item::Task(node.id)).collect();
        let mut layers: Vec<Vec<Item>> = outline.waves.iter().map(tasks).collect();
        let mut last_target: BTreeMap<TaskId, usize> = BTreeMap::new();
        for edge in &outline.edges {
            let end = last_target.entry(edge.from).or_default();
            *end = column[&edge.to].max(*end);
        }
        for (task, end) in last_target {
            for layer in layers.iter_mut().take(end).skip(column[&task] + 1) {
                layer.push(Item::Lane(task));
            }
        }
        let mut layers = Layers { links: Vec::new(), layers };
        layers.order(outline, &column);
        layers
    }

    /// Orders the items of all layers so that few edges cross.
    fn order(&mut self, outline: &Outline, column: &BTreeMap<TaskId, usize>) {
        self.links = self.find_links(outline, column);
        let mut best: Vec<Vec<Item>> = self.layers.clone();
        let mut least = self.crossings();
        for sweep in 0..SWEEPS {
            let count = self.layers.len();
            for step in 1..count {
                match sweep % 2 {
                    0 => self.order_layer(step, Side::Before),
                    _ => self.order_layer(count - 1 - step, Side::Behind),
                }
                self.links = self.find_links(outline, column);
            }
            let crossings = self.crossings();
            if crossings < least {
                least = crossings;
                best = self.layers.clone();
            }
        }
        self.layers = best;
        self.links = self.find_links(outline, column);
    }

    fn order_layer(&mut self, place: usize, side: Side) {
        let links = match side {
            Side::Before => &self.links[place - 1],
            Side::Behind => &self.links[place],
        };
        let wish = |item: usize| {
            let others: Vec<usize> = links
                .iter()
                .filter_map(|(left, right)| match side {
                    Side::Before => (*right == item).then_some(*left),
                    Side::Behind => (*left == item).then_some(*right),
                })
                .collect();
            mean(&others).unwrap_or(item as f64)
        };
        let mut wishes: Vec<(f64, Item)> =
            self.layers[place].iter().enumerate().map(|(i, item)| (wish(i), *item)).collect();
        wishes.sort_by(|first, second| first.0.total_cmp(&second.0));
        self.layers[place] = wishes.into_iter().map(|(_, item)| item).collect();
    }

    fn find_links(
        &self,
        outline: &Outline,
        column: &BTreeMap<TaskId, usize>,
    ) -> Vec<Vec<(usize, usize)>> {
        let places: Vec<BTreeMap<Item, usize>> = self
            .layers
            .iter()
            .map(|layer| layer.iter().enumerate().map(|(i, item)| (*item, i)).collect())
            .collect();
        let mut links = vec![Vec::new(); self.layers.len().saturating_sub(1)];
        for edge in &outline.edges {
            let steps = passed(edge.from, edge.to, column);
            for (layer, step) in (column[&edge.from]..).zip(steps.windows(2)) {
                links[layer].push((places[layer][&step[0]], places[layer + 1][&step[1]]));
            }
        }
        for links in &mut links {
            links.sort_unstable();
            links.dedup();
        }
        links
    }

    /// How often links cross.
    fn crossings(&self) -> usize {
        self.links
            .iter()
            .zip(self.layers.iter().skip(1))
            .map(|(links, right)| crossings_between(links, right.len()))
            .sum()
    }
}

#[derive(Clone, Copy)]
enum Side {
    Before,
    Behind,
}

/// The items that an edge touches, one a column: its ends, and lanes between them.
pub(super) fn passed(from: TaskId, to: TaskId, column: &BTreeMap<TaskId, usize>) -> Vec<Item> {
    let between = column[&to].saturating_sub(column[&from] + 1);
    let mut items = vec![Item::Task(from)];
    items.extend(std::iter::repeat_n(Item::Lane(from), between));
    items.push(Item::Task(to));
    items
}

/// The column of each task.
pub(super) fn columns(outline: &Outline) -> BTreeMap<TaskId, usize> {
    let waves = outline.waves.iter().enumerate();
    waves.flat_map(|(place, wave)| wave.nodes.iter().map(move |node| (node.id, place))).collect()
}

fn mean(places: &[usize]) -> Option<f64> {
    let sum: usize = places.iter().sum();
    (!places.is_empty()).then(|| sum as f64 / places.len() as f64)
}

/// The number of crossings between sorted links, by counting for each the earlier ones that end
/// below it.
fn crossings_between(links: &[(usize, usize)], right: usize) -> usize {
    let mut ends = vec![0_usize; right];
    let mut crossings = 0;
    for (_, end) in links {
        crossings += ends[end + 1..].iter().sum::<usize>();
        ends[*end] += 1;
    }
    crossings
}

#[cfg(test)]
mod tests {
    use super::crossings_between;

    #[test]
    fn crossings_are_counted() {
        assert_eq!(crossings_between(&[(0, 0), (1, 1)], 2), 0);
        assert_eq!(crossings_between(&[(0, 1), (1, 0)], 2), 1);
        assert_eq!(crossings_between(&[(0, 0), (0, 1), (1, 0), (1, 1)], 2), 1);
    }
}
