//! The elements of a picture.

use std::fmt::Write as _;

use super::super::elements::{Area, Line, attributes, escaped, number, text};
use super::super::letters::{NAMES, SMALL, fitted};
use super::super::outline::{Importance, Node, Outline, Shape};
use super::layout::{BOX_HEAD, BOX_MARGIN, CARD_MARGIN, Card, Curve, Layout, WAVE_MARGIN};
use crate::interface::report::units::period;
use crate::language::plan::{NeedKind, Plan};

/// What begins the ids of a picture, so that several can be on one page.
#[derive(Debug, Clone, Copy)]
pub(super) struct IdPrefix<'a>(pub(super) &'a str);

/// Draws a scope with its upper left corner at `x`, `y`.
pub(super) fn scope(
    plan: &Plan,
    outline: &Outline,
    layout: &Layout<'_>,
    corner: (f64, f64),
    ids: IdPrefix<'_>,
    svg: &mut String,
) {
    let _ = writeln!(svg, "<g transform=\"translate({} {})\">", number(corner.0), number(corner.1));
    for (wave, area) in outline.waves.iter().zip(&layout.waves) {
        let title = fitted(&wave.title, NAMES, area.width - 2.0 * WAVE_MARGIN);
        let times = period(&wave.times);
        let _ = writeln!(svg, "<rect class=\"wave\" {} rx=\"8\"/>", attributes(*area));
        let x = area.x + WAVE_MARGIN;
        text(&Line { class: "name", x, y: 18.0, text: &title }, svg);
        text(&Line { class: "small", x, y: 32.0, text: &times }, svg);
        if wave.barrier {
            let x = number(area.x - 10.0);
            let _ = writeln!(
                svg,
                "<path class=\"barrier\" d=\"M{x} 6V{}\"><title>a barrier: all before must have \
                 ended</title></path>",
                number(layout.height - 6.0)
            );
        }
    }
    let mut curves: Vec<&Curve> = layout.curves.iter().collect();
    curves.sort_by_key(|curve| curve.critical);
    for curve in curves {
        edge(plan, curve, ids, svg);
    }
    for card in &layout.cards {
        task(plan, card, ids, svg);
    }
    svg.push_str("</g>\n");
}

fn task(plan: &Plan, card: &Card<'_>, ids: IdPrefix<'_>, svg: &mut String) {
    let Card { node, area, inside } = card;
    let class = match node.critical {
        Importance::Critical => "task critical",
        Importance::Usual => "task",
    };
    let _ = writeln!(svg, "<g class=\"{class}\">");
    let _ = writeln!(svg, "<title>{}</title>", escaped(&all_about(plan, node)));
    if let (Some(inside), Some(outline)) = (inside, &node.inside) {
        let _ = writeln!(svg, "<rect class=\"card open\" {} rx=\"6\"/>", attributes(*area));
        let title = format!("{}: {}", node.name, node.doer);
        let room = area.width - 2.0 * BOX_MARGIN;
        let title = fitted(&title, NAMES, room);
        text(&Line { class: "name", x: area.x + BOX_MARGIN, y: area.y + 17.0, text: &title }, svg);
        svg.push_str("</g>\n");
        scope(plan, outline, inside, (area.x + BOX_MARGIN, area.y + BOX_HEAD), ids, svg);
        return;
    }
    outline_of(node.shape, *area, svg);
    let (x, room) = (area.x + CARD_MARGIN, area.width - 2.0 * CARD_MARGIN);
    let name = fitted(&node.name, NAMES, room);
    text(&Line { class: "name", x, y: area.y + 18.0, text: &name }, svg);
    let second = fitted(&node.second_line(), SMALL, room);
    text(&Line { class: "small", x, y: area.y + 33.0, text: &second }, svg);
    if let Some(condition) = &node.condition {
        let condition = fitted(&condition_line(condition), SMALL, room);
        text(&Line { class: "small when", x, y: area.y + 48.0, text: &condition }, svg);
    }
    svg.push_str("</g>\n");
}

/// When a task is done at all.
pub(super) fn condition_line(condition: &str) -> String {
    format!("when {condition}")
}

/// What a card has no room for.
fn all_about(plan: &Plan, node: &Node) -> String {
    let task = plan.task(node.id);
    let mut about = format!("{} ({}): {}", node.path, task.verb().as_str(), node.second_line());
    if !task.needs.is_empty() {
        let needs: Vec<&str> =
            task.needs.iter().map(|need| plan.task(need.task).name.as_str()).collect();
        let _ = write!(about, "; needs {}", needs.join(", "));
    }
    if let Some(condition) = &node.condition {
        let _ = write!(about, "; when {condition}");
    }
    about
}

/// The shape of a card.
pub(super) fn outline_of(shape: Shape, area: Area, svg: &mut String) {
    let Area { x, y, width, height } = area;
    // How much is cut off at corners; legends have small cards.
    let cut = (height / 5.0).min(9.0);
    let rectangle = |radius: f64| {
        format!("<rect class=\"card\" {} rx=\"{}\"/>", attributes(area), number(radius))
    };
    let polygon = |corners: &[(f64, f64)]| {
        let corners: Vec<String> = corners
            .iter()
            .map(|(right, down)| format!("{},{}", number(x + right), number(y + down)))
            .collect();
        format!("<polygon class=\"card\" points=\"{}\"/>", corners.join(" "))
    };
    let drawn = match shape {
        Shape::Work => rectangle(5.0),
        Shape::Synthesis => rectangle(height / 2.0),
        Shape::Check => polygon(&[
            (cut, 0.0),
            (width - cut, 0.0),
            (width, height / 2.0),
            (width - cut, height),
            (cut, height),
            (0.0, height / 2.0),
        ]),
        Shape::Approval => polygon(&[
            (cut, 0.0),
            (width - cut, 0.0),
            (width, cut),
            (width, height - cut),
            (width - cut, height),
            (cut, height),
            (0.0, height - cut),
            (0.0, cut),
        ]),
        Shape::Tool => polygon(&[(cut, 0.0), (width, 0.0), (width - cut, height), (0.0, height)]),
        Shape::Pattern => {
            let (left, right) = (number(x + 5.0), number(x + width - 5.0));
            let (top, bottom) = (number(y), number(y + height));
            let bars = format!("M{left} {top}V{bottom}M{right} {top}V{bottom}");
            format!("{}<path class=\"bars\" d=\"{bars}\"/>", rectangle(2.0))
        }
        // An envelope.
        Shape::Message => {
            let (left, right) = (number(x), number(x + width));
            let (top, middle) = (number(y), number(x + width / 2.0));
            let fold = format!("M{left} {top}L{middle} {}L{right} {top}", number(y + cut));
            format!("{}<path class=\"bars\" d=\"{fold}\"/>", rectangle(2.0))
        }
    };
    let _ = writeln!(svg, "{drawn}");
}

fn edge(plan: &Plan, curve: &Curve, ids: IdPrefix<'_>, svg: &mut String) {
    let mut path = String::new();
    let mut at: Option<(f64, f64)> = None;
    for (left, right, y) in &curve.stretches {
        let _ = match at {
            None => write!(path, "M{} {}H{}", number(*left), number(*y), number(*right)),
            Some((x, height)) => {
                let middle = number(f64::midpoint(x, *left));
                let (from, to) = (number(height), number(*y));
                write!(path, "C{middle} {from} {middle} {to} {} {to}", number(*left))
            }
        };
        if at.is_some() && right > left {
            let _ = write!(path, "H{}", number(*right));
        }
        at = Some((*right, *y));
    }
    let kind = match curve.kind {
        NeedKind::Value | NeedKind::Message => "value",
        NeedKind::Source => "source",
        NeedKind::Order => "order",
    };
    let (critical, mut end) = match curve.critical {
        Importance::Critical => (" critical", "critical"),
        Importance::Usual => ("", "arrow"),
    };
    if curve.kind == NeedKind::Source {
        end = "ring";
    }
    let (from, to) = (plan.task(curve.from), plan.task(curve.to));
    let about = format!("{} needs {} ({kind})", to.name, from.name);
    let _ = writeln!(
        svg,
        "<path class=\"edge {kind}{critical}\" marker-end=\"url(#{}-{end})\" d=\"{path}\">\
         <title>{}</title></path>",
        ids.0,
        escaped(&about)
    );
}
