//! Which task stands in which column, in which order from top to bottom, and which way the edges
//! take that pass a column.
//!
//! The method is that of Sugiyama, Tagawa and Toda (1981): an edge over several columns has a lane
//! in each that it passes, and a column is ordered by the mean place of what its items are
//! connected with (the barycentre), to and fro, as long as fewer edges cross.

use std::collections::BTreeMap;

use crate::language::plan::TaskId;

use super::super::outline::Outline;

/// How often columns are ordered from left to right and back.
const SWEEPS: usize = 6;

/// The columns of a scope from left to right.
#[derive(Debug)]
pub(super) struct Layers {
    pub(super) layers: Vec<Layer>,
    /// For each layer but the last, what leads from its items to those of the next, as places in
    /// both.
    pub(super) links: Vec<Vec<(usize, usize)>>,
}

/// A column.
#[derive(Debug)]
pub(super) struct Layer {
    /// The wave that it belongs to, as a place in the outline.
    pub(super) wave: usize,
    /// From top to bottom.
    pub(super) items: Vec<Item>,
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
    /// The columns of an outline. A wave has one, or several where its tasks need each other.
    pub(super) fn of(outline: &Outline) -> Layers {
        let column = columns(outline);
        let mut layers: Vec<Layer> = Vec::new();
        for (wave, drawn) in outline.waves.iter().enumerate() {
            let first = layers.len();
            for node in &drawn.nodes {
                let place = column[&node.id];
                while layers.len() <= place.max(first) {
                    layers.push(Layer { wave, items: Vec::new() });
                }
                layers[place].items.push(Item::Task(node.id));
            }
        }
        let mut last_target: BTreeMap<TaskId, usize> = BTreeMap::new();
        for edge in &outline.edges {
            let end = last_target.entry(edge.from).or_default();
            *end = column[&edge.to].max(*end);
        }
        for (task, end) in last_target {
            for layer in layers.iter_mut().take(end).skip(column[&task] + 1) {
                layer.items.push(Item::Lane(task));
            }
        }
        let mut layers = Layers { links: Vec::new(), layers };
        layers.order(outline, &column);
        layers
    }

    /// Orders the items of all layers so that few edges cross.
    fn order(&mut self, outline: &Outline, column: &BTreeMap<TaskId, usize>) {
        self.links = self.find_links(outline, column);
        let mut best: Vec<Vec<Item>> = self.layers.iter().map(|l| l.items.clone()).collect();
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
                best = self.layers.iter().map(|layer| layer.items.clone()).collect();
            }
        }
        for (layer, items) in self.layers.iter_mut().zip(best) {
            layer.items = items;
        }
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
            self.layers[place].items.iter().enumerate().map(|(i, item)| (wish(i), *item)).collect();
        wishes.sort_by(|first, second| first.0.total_cmp(&second.0));
        self.layers[place].items = wishes.into_iter().map(|(_, item)| item).collect();
    }

    fn find_links(
        &self,
        outline: &Outline,
        column: &BTreeMap<TaskId, usize>,
    ) -> Vec<Vec<(usize, usize)>> {
        let places: Vec<BTreeMap<Item, usize>> = self
            .layers
            .iter()
            .map(|layer| layer.items.iter().enumerate().map(|(i, item)| (*item, i)).collect())
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
            .map(|(links, right)| crossings_between(links, right.items.len()))
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

/// The column of each task: behind those of all earlier waves, and behind what it needs of its own.
pub(super) fn columns(outline: &Outline) -> BTreeMap<TaskId, usize> {
    let mut column: BTreeMap<TaskId, usize> = BTreeMap::new();
    let mut first = 0;
    for wave in &outline.waves {
        for node in &wave.nodes {
            column.insert(node.id, first);
        }
        // As often as there are tasks: a chain may be written backwards.
        for _ in &wave.nodes {
            let mut settled = true;
            for edge in &outline.edges {
                let (from, to) = (column.get(&edge.from).copied(), column.get(&edge.to).copied());
                if let (Some(from), Some(to)) = (from, to)
                    && from >= first
                    && to <= from
                {
                    column.insert(edge.to, from + 1);
                    settled = false;
                }
            }
            if settled {
                break;
            }
        }
        let last = wave.nodes.iter().map(|node| column[&node.id]).max();
        first = last.map_or(first, |last| last + 1);
    }
    column
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
