//! A plan as a graph for Graphviz.

use std::fmt::Write as _;

use super::outline::{DrawnWave, Edge, Importance, Node, Outline, Shape, description, outline};
use crate::interface::report::plan::Depth;
use crate::interface::report::width::one_line;
use crate::language::plan::{NeedKind, Plan};

/// How tasks, edges and opened patterns of the critical path look.
const CRITICAL: &str = "penwidth=2.5, color=\"#d9480f\"";

/// How waves and other opened patterns look.
const PLAIN: &str = "penwidth=1, color=gray60";

/// The plan in Graphviz's language: a cluster for each wave and each opened pattern.
pub fn plan_dot(plan: &Plan, depth: Depth) -> String {
    let outline = outline(plan, depth);
    let mut text = String::new();
    let _ = writeln!(text, "digraph {} {{", quoted(&plan.name));
    let _ = writeln!(text, "  // {}", one_line(&description(plan)));
    text.push_str(
        "  rankdir=LR; compound=true; newrank=true;\n  \
         graph [fontname=\"sans-serif\", fontsize=11, style=rounded];\n  \
         node [fontname=\"sans-serif\", fontsize=10, shape=box, style=rounded];\n  \
         edge [color=gray40];\n",
    );
    scope_text(&outline, "w", 1, &mut text);
    text.push_str("}\n");
    text
}

/// Waves with their tasks, then what leads from one to another.
fn scope_text(outline: &Outline, prefix: &str, level: usize, text: &mut String) {
    let indent = "  ".repeat(level);
    for (number, wave) in (1..).zip(&outline.waves) {
        let _ = writeln!(text, "{indent}subgraph cluster_{prefix}{number} {{");
        let title = quoted(&wave.title);
        // All of it, or it would look like the cluster around it.
        let _ = writeln!(text, "{indent}  graph [label={title}, {PLAIN}];");
        // Something invisible that puts one wave behind the other.
        let _ = writeln!(text, "{indent}  {prefix}{number} [shape=point, style=invis];");
        for node in &wave.nodes {
            node_text(node, level + 1, text);
        }
        column_text(wave, &format!("{indent}  "), &format!("{prefix}{number}"), text);
        let _ = writeln!(text, "{indent}}}");
    }
    for edge in &outline.edges {
        edge_text(outline, edge, &indent, text);
    }
    for (number, wave) in (1..outline.waves.len()).zip(&outline.waves) {
        let next = number + 1;
        let _ = writeln!(text, "{indent}{prefix}{number} -> {prefix}{next} [style=invis];");
        // An opened pattern has several columns; the next wave stands behind all of them.
        for (node, inside) in
            wave.nodes.iter().filter_map(|node| Some((node, node.inside.as_ref()?)))
        {
            let last = format!("t{}w{}", node.id.0, inside.waves.len());
            let _ = writeln!(text, "{indent}{last} -> {prefix}{next} [style=invis];");
        }
    }
}

/// One column for the tasks of a wave.
fn column_text(wave: &DrawnWave, indent: &str, anchor: &str, text: &mut String) {
    let closed = wave.nodes.iter().filter(|node| node.inside.is_none());
    let ids: String = closed.map(|node| format!(" t{};", node.id.0)).collect();
    let _ = writeln!(text, "{indent}{{ rank=same; {anchor};{ids} }}");
}

fn edge_text(outline: &Outline, edge: &Edge, indent: &str, text: &mut String) {
    let mut attributes = Vec::new();
    let mut ends = Vec::new();
    match edge.kind {
        NeedKind::Value | NeedKind::Message => {}
        NeedKind::Source => attributes.push("arrowhead=odot".to_owned()),
        NeedKind::Order => attributes.push("style=dashed".to_owned()),
    }
    if edge.critical == Importance::Critical {
        attributes.push(CRITICAL.to_owned());
    }
    let nodes = outline.waves.iter().flat_map(|wave| &wave.nodes);
    for (end, task) in [("ltail", edge.from), ("lhead", edge.to)] {
        let opened = nodes.clone().find(|node| node.id == task);
        let opened = opened.and_then(|node| node.inside.as_ref());
        if opened.is_some() {
            attributes.push(format!("{end}=cluster_t{}", task.0));
        }
        // What follows an opened pattern stands behind its last wave.
        ends.push(match opened.map(|inside| inside.waves.len()).filter(|_| end == "ltail") {
            Some(last) => format!("t{}w{last}", task.0),
            None => format!("t{}", task.0),
        });
    }
    let attributes = match attributes.is_empty() {
        true => String::new(),
        false => format!(" [{}]", attributes.join(", ")),
    };
    let _ = writeln!(text, "{indent}{}{attributes};", ends.join(" -> "));
}

fn node_text(node: &Node, level: usize, text: &mut String) {
    let indent = "  ".repeat(level);
    let id = node.id.0;
    if let Some(inside) = &node.inside {
        let title = quoted(&format!("{}: {}", node.name, node.doer));
        let look = match node.critical {
            Importance::Critical => CRITICAL,
            Importance::Usual => PLAIN,
        };
        let _ = writeln!(text, "{indent}subgraph cluster_t{id} {{");
        let _ = writeln!(text, "{indent}  graph [label={title}, {look}];");
        let _ = writeln!(text, "{indent}  t{id} [shape=point, style=invis];");
        scope_text(inside, &format!("t{id}w"), level + 1, text);
        let _ = writeln!(text, "{indent}}}");
        return;
    }
    let mut lines = vec![node.name.clone(), node.second_line()];
    lines.extend(node.condition.as_ref().map(|when| format!("when {when}")));
    let mut attributes = vec![format!("label={}", quoted(&lines.join("\n")))];
    attributes.extend(match node.shape {
        Shape::Work => None,
        Shape::Synthesis => Some("shape=ellipse".to_owned()),
        Shape::Check => Some("shape=hexagon".to_owned()),
        Shape::Approval => Some("shape=diamond".to_owned()),
        Shape::Pattern => Some("shape=box3d".to_owned()),
        Shape::Tool => Some("shape=component".to_owned()),
        Shape::Message => Some("shape=note".to_owned()),
    });
    if node.critical == Importance::Critical {
        attributes.push(CRITICAL.to_owned());
    }
    let _ = writeln!(text, "{indent}t{id} [{}];", attributes.join(", "));
}

/// A text in quotes. In labels Graphviz gives a meaning to what stands behind a backslash, and
/// reads entities as HTML has them.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '&' => quoted.push_str("&amp;"),
            '\n' => quoted.push_str("\\n"),
            _ if character.is_control() => quoted.push(' '),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn labels_mean_nothing_to_graphviz() {
        for (text, written) in [
            ("market", r#""market""#),
            (r#"say "no""#, r#""say \"no\"""#),
            (r"a\Nb", r#""a\\Nb""#),
            ("a && b", r#""a &amp;&amp; b""#),
            ("two\nlines", r#""two\nlines""#),
        ] {
            assert_eq!(quoted(text), written);
        }
    }
}
