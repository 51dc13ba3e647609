//! Where everything is in a picture: waves from left to right, tasks from top to bottom, opened
//! patterns as boxes with the same inside.

use std::collections::BTreeMap;

use super::super::elements::Area;
use super::super::letters::{NAMES, SMALL, text_width};
use super::super::outline::{Importance, Node, Outline};
use super::draw::condition_line;
use super::layers::{Item, Layers, columns, passed};
use super::place::{Slot, placed};
use crate::language::plan::{NeedKind, TaskId};

const CARD_WIDTHS: std::ops::RangeInclusive<f64> = 110.0..=230.0;
const CARD_HEIGHT: f64 = 42.0;
const CONDITION_HEIGHT: f64 = 15.0;
/// What a card keeps free at its sides; rounded and pointed ones need as much.
pub(super) const CARD_MARGIN: f64 = 14.0;
const CARD_GAP: f64 = 14.0;
const LANE: Slot = Slot { height: 1.0, gap: 9.0 };
/// Around the tasks of a wave.
pub(super) const WAVE_MARGIN: f64 = 12.0;
/// The title of a wave and its times.
pub(super) const WAVE_HEAD: f64 = 40.0;
/// Between waves, for edges.
const WAVE_GAP: f64 = 52.0;
/// Around the waves of an opened pattern, and its title.
pub(super) const BOX_MARGIN: f64 = 12.0;
pub(super) const BOX_HEAD: f64 = 26.0;
/// How often columns are pulled towards what they are connected with.
const PULLS: usize = 8;

/// A scope with a place for everything, counted from its own upper left corner.
#[derive(Debug)]
pub(super) struct Layout<'o> {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Each wave's area, in the outline's order.
    pub(super) waves: Vec<Area>,
    pub(super) cards: Vec<Card<'o>>,
    pub(super) curves: Vec<Curve>,
}

/// A task with its place, and what is inside it.
#[derive(Debug)]
pub(super) struct Card<'o> {
    pub(super) node: &'o Node,
    pub(super) area: Area,
    pub(super) inside: Option<Layout<'o>>,
}

/// An edge as the points that it goes through: between two of them it is straight where it passes
/// a column and curved where it leads from one to the next.
#[derive(Debug)]
pub(super) struct Curve {
    pub(super) from: TaskId,
    pub(super) to: TaskId,
    pub(super) kind: NeedKind,
    pub(super) critical: Importance,
    /// For each column that it touches, where it enters and leaves it: x, x, y.
    pub(super) stretches: Vec<(f64, f64, f64)>,
}

/// A column while places are found.
struct Column {
    x: f64,
    width: f64,
    /// Of all cards that are not opened, so that they look alike.
    card_width: f64,
    slots: Vec<Slot>,
    /// The middles of the items.
    middles: Vec<f64>,
}

impl Column {
    /// From the upper edge of the first item to the lower edge of the last.
    fn reach(&self) -> (f64, f64) {
        let edges =
            |sign: f64| move |(slot, middle): (&Slot, &f64)| middle + sign * slot.height / 2.0;
        let items = || self.slots.iter().zip(&self.middles);
        let top = items().map(edges(-1.0)).fold(f64::INFINITY, f64::min);
        let bottom = items().map(edges(1.0)).fold(f64::NEG_INFINITY, f64::max);
        (top, bottom)
    }
}

impl<'o> Layout<'o> {
    /// Finds a place for everything in an outline.
    pub(super) fn of(outline: &'o Outline) -> Layout<'o> {
        let mut nodes: BTreeMap<TaskId, (&Node, Option<Layout<'o>>)> = BTreeMap::new();
        for node in outline.waves.iter().flat_map(|wave| &wave.nodes) {
            nodes.insert(node.id, (node, node.inside.as_ref().map(Layout::of)));
        }
        let layers = Layers::of(outline);
        let size = |item: &Item| match item {
            Item::Lane(_) => (0.0, LANE),
            Item::Task(id) => {
                let (node, inside) = &nodes[id];
                let (width, height) = card_size(node, inside.as_ref());
                (width, Slot { height, gap: CARD_GAP })
            }
        };
        let mut columns_found = Vec::new();
        let mut x = WAVE_MARGIN;
        for (wave, items) in outline.waves.iter().zip(&layers.layers) {
            let sizes: Vec<(f64, Slot)> = items.iter().map(size).collect();
            let title = text_width(&wave.title, NAMES).min(*CARD_WIDTHS.end());
            let width = sizes.iter().map(|(width, _)| *width).fold(title, f64::max);
            let is_plain = |item: &&Item| matches!(item, Item::Task(id) if nodes[id].1.is_none());
            let plain = items.iter().filter(is_plain).map(|item| size(item).0);
            let card_width = plain.fold(0.0, f64::max);
            let slots: Vec<Slot> = sizes.into_iter().map(|(_, slot)| slot).collect();
            let middles = placed(&slots, &vec![0.0; slots.len()]);
            columns_found.push(Column { x, width, card_width, slots, middles });
            x += width + 2.0 * WAVE_MARGIN + WAVE_GAP;
        }
        pull(&mut columns_found, &layers.links);
        finish(outline, nodes, &layers, &columns_found)
    }
}

fn card_size(node: &Node, inside: Option<&Layout<'_>>) -> (f64, f64) {
    if let Some(inside) = inside {
        let height = inside.height + BOX_HEAD + BOX_MARGIN;
        return (inside.width + 2.0 * BOX_MARGIN, height);
    }
    let name = text_width(&node.name, NAMES);
    let doer = text_width(&node.second_line(), SMALL);
    let condition = node.condition.as_deref().map(|when| text_width(&condition_line(when), SMALL));
    let width = name.max(doer).max(condition.unwrap_or_default()) + 2.0 * CARD_MARGIN;
    let height = CARD_HEIGHT + if node.condition.is_some() { CONDITION_HEIGHT } else { 0.0 };
    (width.clamp(*CARD_WIDTHS.start(), *CARD_WIDTHS.end()), height)
}

/// Pulls items to the height of what they are connected with, to and fro.
fn pull(columns: &mut [Column], links: &[Vec<(usize, usize)>]) {
    for pull in 0..PULLS {
        for step in 0..columns.len() {
            let forwards = pull % 2 == 0;
            let place = if forwards { step } else { columns.len() - 1 - step };
            let before = place.checked_sub(1).map(|before| (before, &links[before]));
            let behind = links.get(place).map(|links| (place + 1, links));
            let last = pull + 1 >= PULLS;
            let mut wishes: Vec<Vec<f64>> = vec![Vec::new(); columns[place].slots.len()];
            if let Some((before, links)) = before.filter(|_| forwards || last) {
                for (left, right) in links {
                    wishes[*right].push(columns[before].middles[*left]);
                }
            }
            if let Some((behind, links)) = behind.filter(|_| !forwards || last) {
                for (left, right) in links {
                    wishes[*left].push(columns[behind].middles[*right]);
                }
            }
            let column = &columns[place];
            let wishes: Vec<f64> = wishes
                .iter()
                .zip(&column.middles)
                .map(|(wishes, own)| match wishes.len() {
                    0 => *own,
                    count => wishes.iter().sum::<f64>() / count as f64,
                })
                .collect();
            columns[place].middles = placed(&columns[place].slots, &wishes);
        }
    }
}

/// The layout, moved so that it begins at its upper left corner.
fn finish<'o>(
    outline: &'o Outline,
    mut nodes: BTreeMap<TaskId, (&'o Node, Option<Layout<'o>>)>,
    layers: &Layers,
    found: &[Column],
) -> Layout<'o> {
    let reach = found.iter().filter(|column| !column.slots.is_empty()).map(Column::reach);
    let (top, bottom) = reach
        .fold((f64::INFINITY, f64::NEG_INFINITY), |all, one| (all.0.min(one.0), all.1.max(one.1)));
    let (top, bottom) = if top > bottom { (0.0, 0.0) } else { (top, bottom) };
    let down = WAVE_HEAD - top;
    let height = bottom - top + WAVE_HEAD + WAVE_MARGIN;
    let waves = found.iter().map(|column| Area {
        x: column.x - WAVE_MARGIN,
        y: 0.0,
        width: column.width + 2.0 * WAVE_MARGIN,
        height,
    });
    let waves: Vec<Area> = waves.collect();
    let mut cards = Vec::new();
    let mut places: BTreeMap<(usize, Item), (f64, f64, f64)> = BTreeMap::new();
    for (number, (items, column)) in layers.layers.iter().zip(found).enumerate() {
        for ((item, slot), middle) in items.iter().zip(&column.slots).zip(&column.middles) {
            let y = middle + down;
            places.insert((number, *item), (column.x, column.x + column.width, y));
            if let Item::Task(id) = item
                && let Some((node, inside)) = nodes.remove(id)
            {
                let own = inside.as_ref().map(|inside| card_size(node, Some(inside)).0);
                let width = own.unwrap_or(column.card_width);
                let area =
                    Area { x: column.x, y: y - slot.height / 2.0, width, height: slot.height };
                cards.push(Card { node, area, inside });
            }
        }
    }
    let column = columns(outline);
    let curves = outline.edges.iter().map(|edge| {
        let items = passed(edge.from, edge.to, &column);
        let mut stretches: Vec<(f64, f64, f64)> =
            (column[&edge.from]..).zip(items).map(|place| places[&place]).collect();
        // It begins at the right side of its card and ends at the left side of the other.
        let own = cards.iter().find(|card| card.node.id == edge.from);
        if let (Some(first), Some(own)) = (stretches.first_mut(), own) {
            first.0 = own.area.x + own.area.width;
        }
        if let Some(last) = stretches.last_mut() {
            last.1 = last.0;
        }
        Curve { from: edge.from, to: edge.to, kind: edge.kind, critical: edge.critical, stretches }
    });
    let curves = curves.collect();
    let width = waves.last().map_or(0.0, |wave| wave.x + wave.width);
    Layout { width, height, waves, cards, curves }
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
