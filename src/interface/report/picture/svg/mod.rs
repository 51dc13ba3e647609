//! A plan as an SVG picture, drawn here: no script, no outside font, readable on light and dark
//! ground.

mod draw;
mod layers;
mod layout;
mod place;

use std::fmt::Write as _;

use self::draw::{IdPrefix, outline_of, scope};
use self::layout::Layout;
use super::elements::{Area, Line, escaped, number, text};
use super::letters::{SMALL, fitted, text_width};
use super::outline::{Outline, Shape, description, outline};
use crate::interface::report::plan::Depth;
use crate::interface::report::units::roughly;
use crate::language::plan::{NeedKind, Plan};

/// Around everything.
const MARGIN: f64 = 20.0;
/// The plan's name, its summary.
const HEAD: f64 = 56.0;
/// What the signs mean.
const LEGEND: f64 = 40.0;

/// Classes rather than attributes, so that a dark ground can be answered. Variables would be
/// shorter, and several viewers do not know them.
const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;fill:#1f2328}
.title{font-size:18px;font-weight:600}.name{font-size:13px;font-weight:600}
.small{font-size:11px;fill:#59636e}.when{font-style:italic}
.paper{fill:#ffffff}.wave{fill:#f3f5f7;stroke:#d5dae0}
.card{fill:#ffffff;stroke:#818b98;stroke-width:1.2}.open{fill:#ffffff;fill-opacity:.55}
.bars{stroke:#818b98;stroke-width:1.2}
.edge{fill:none;stroke:#818b98;stroke-width:1.2}.order{stroke-dasharray:5 4}
.barrier{stroke:#b6bec7;stroke-width:2;stroke-dasharray:2 4}
.head{fill:#818b98}.headless{fill:#ffffff;stroke:#818b98;stroke-width:1.2}
.critical .card{stroke:#c2410c;stroke-width:2.6}.edge.critical{stroke:#c2410c;stroke-width:2.6}
.head.critical{fill:#c2410c}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.small{fill:#9198a1}.paper{fill:#0d1117}
.wave{fill:#151b23;stroke:#3d444d}.card{fill:#212830;stroke:#818b98}.barrier{stroke:#59636e}
.headless{fill:#0d1117}.critical .card,.edge.critical{stroke:#fb8f44}.head.critical{fill:#fb8f44}}
";

/// The plan as an SVG picture, with so many levels of used patterns opened.
pub fn plan_svg(plan: &Plan, depth: Depth) -> String {
    let outline = outline(plan, depth);
    let layout = Layout::of(&outline);
    let fingerprint = plan.fingerprint();
    let prefix = format!("partita-{}", fingerprint.short());
    let ids = IdPrefix(&prefix);
    let legend = legend(&outline, ids);
    let heading = heading(plan);
    let least = text_width(&heading, SMALL).min(900.0);
    let width = layout.width.max(legend.width).max(least) + 2.0 * MARGIN;
    let height = layout.height + HEAD + LEGEND + MARGIN;
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" \
         viewBox=\"0 0 {0} {1}\" role=\"img\" aria-labelledby=\"{prefix}-title {prefix}-about\">",
        number(width),
        number(height)
    );
    let _ = writeln!(svg, "<title id=\"{prefix}-title\">{}</title>", escaped(&plan.name));
    let about = escaped(&description(plan));
    let _ = writeln!(svg, "<desc id=\"{prefix}-about\">{about}</desc>");
    let _ = writeln!(svg, "<style>\n{STYLE}</style>");
    markers(ids, &mut svg);
    svg.push_str("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
    text(&Line { class: "title", x: MARGIN, y: 28.0, text: &plan.name }, &mut svg);
    let room = width - 2.0 * MARGIN;
    let heading = fitted(&heading, SMALL, room);
    text(&Line { class: "small", x: MARGIN, y: 45.0, text: &heading }, &mut svg);
    scope(plan, &outline, &layout, (MARGIN, HEAD), ids, &mut svg);
    let y = HEAD + layout.height + 12.0;
    let _ = writeln!(svg, "<g transform=\"translate({} {})\">", number(MARGIN), number(y));
    svg.push_str(&legend.svg);
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn heading(plan: &Plan) -> String {
    let forecast = plan.forecast();
    let summary = plan.summary.trim();
    let stop = if summary.ends_with(char::is_alphanumeric) { "." } else { "" };
    format!(
        "{summary}{stop} About {} if servers are never busy, {} one task after the other.",
        roughly(forecast.parallel),
        roughly(forecast.sequential)
    )
}

fn markers(ids: IdPrefix<'_>, svg: &mut String) {
    let prefix = ids.0;
    let arrow = "M0 0L8 4L0 8Z";
    let _ = writeln!(
        svg,
        "<defs>\n\
         <marker id=\"{prefix}-arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
         <path class=\"head\" d=\"{arrow}\"/></marker>\n\
         <marker id=\"{prefix}-critical\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" \
         markerWidth=\"11\" markerHeight=\"11\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
         <path class=\"head critical\" d=\"{arrow}\"/></marker>\n\
         <marker id=\"{prefix}-ring\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" \
         markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\">\
         <circle class=\"headless\" cx=\"5\" cy=\"5\" r=\"4\"/></marker>\n\
         </defs>"
    );
}

struct Legend {
    svg: String,
    width: f64,
}

impl Legend {
    /// Adds what a sign means; the sign is 30 wide and 16 high.
    fn add(&mut self, sign: &str, meaning: &str) {
        let _ = writeln!(self.svg, "<g transform=\"translate({} 0)\">{sign}", number(self.width));
        text(&Line { class: "small", x: 36.0, y: 12.0, text: meaning }, &mut self.svg);
        self.svg.push_str("</g>\n");
        self.width += 36.0 + text_width(meaning, SMALL) + 18.0;
    }
}

/// What the signs mean that are in the picture.
fn legend(outline: &Outline, ids: IdPrefix<'_>) -> Legend {
    let mut legend = Legend { svg: String::new(), width: 0.0 };
    let line = |class: &str, end: &str| {
        format!("<path class=\"edge {class}\" marker-end=\"url(#{}-{end})\" d=\"M0 8H30\"/>", ids.0)
    };
    let card = |shape: Shape| {
        let mut svg = String::new();
        outline_of(shape, Area { x: 0.0, y: -1.0, width: 30.0, height: 18.0 }, &mut svg);
        svg
    };
    legend.add(&line("critical", "critical"), "critical path");
    if outline.has_edges(|kind| matches!(kind, NeedKind::Value | NeedKind::Message)) {
        legend.add(&line("", "arrow"), "needs its value");
    }
    if outline.has_edges(|kind| kind == NeedKind::Source) {
        legend.add(&line("", "ring"), "one of several results");
    }
    if outline.has_edges(|kind| kind == NeedKind::Order) {
        legend.add(&line("order", "arrow"), "only waits for it");
    }
    if outline.has_barriers() {
        legend.add("<path class=\"barrier\" d=\"M15 0V16\"/>", "a barrier: waits for all before");
    }
    for (shape, meaning) in [
        (Shape::Synthesis, "synthesis"),
        (Shape::Check, "check"),
        (Shape::Approval, "a person decides"),
        (Shape::Pattern, "uses a pattern"),
        (Shape::Tool, "calls a tool"),
        (Shape::Message, "a message is sent"),
    ] {
        if outline.has_cards(shape) {
            legend.add(&card(shape), meaning);
        }
    }
    legend
}

impl Outline {
    fn all(&self) -> Vec<&Outline> {
        let nodes = self.waves.iter().flat_map(|wave| &wave.nodes);
        let inner = nodes.filter_map(|node| node.inside.as_ref()).flat_map(Outline::all);
        std::iter::once(self).chain(inner).collect()
    }

    fn has_edges(&self, of: impl Fn(NeedKind) -> bool) -> bool {
        let mut edges = self.all().into_iter().flat_map(|outline| &outline.edges);
        edges.any(|edge| of(edge.kind))
    }

    fn has_barriers(&self) -> bool {
        self.all().into_iter().flat_map(|outline| &outline.waves).any(|wave| wave.barrier)
    }

    fn has_cards(&self, shape: Shape) -> bool {
        let waves = self.all().into_iter().flat_map(|outline| &outline.waves);
        let mut nodes = waves.flat_map(|wave| &wave.nodes);
        nodes.any(|node| node.shape == shape && node.inside.is_none())
    }
}
