//! A plan as a graph for Graphviz.

use std::fmt::Write as _;

use super::outline::{Edge, Importance, Node, Outline, Shape, description, outline};
use crate::interface::report::plan::Depth;
use crate::interface::report::width::one_line;
use crate::language::plan::{NeedKind, Plan};

/// The plan in Graphviz's language: a cluster for each wave and each opened pattern.
pub fn plan_dot(plan: &Plan, depth: Depth) -> String {
    let outline = outline(plan, depth);
    let mut text = String::new();
    let _ = writeln!(text, "digraph {} {{", quoted(&plan.name));
    let _ = writeln!(text, "  // {}", one_line(&description(plan)));
    text.push_str(
        "  rankdir=LR; compound=true; newrank=true;\n  \
         graph [fontname=\"sans-serif\", fontsize=11, color=gray60, style=rounded];\n  \
         node [fontname=\"sans-serif\", fontsize=10, shape=box, style=rounded];\n  \
         edge [color=gray40];\n",
    );
    let graph = Graph { outline: &outline };
    graph.write("w", 1, &mut text);
    text.push_str("}\n");
    text
}

struct Graph<'o> {
    outline: &'o Outline,
}

impl Graph<'_> {
    fn write(&self, prefix: &str, level: usize, text: &mut String) {
        let indent = "  ".repeat(level);
        for (number, wave) in (1..).zip(&self.outline.waves) {
            let _ = writeln!(text, "{indent}subgraph cluster_{prefix}{number} {{");
            let _ = writeln!(text, "{indent}  label={};", quoted(&wave.title));
            // Something to lead to and from, invisible.
            let _ = writeln!(text, "{indent}  {prefix}{number} [shape=point, style=invis];");
            for node in &wave.nodes {
                node_text(node, level + 1, text);
            }
            let _ = writeln!(text, "{indent}}}");
        }
        for edge in &self.outline.edges {
            self.edge(edge, &indent, text);
        }
        for number in 1..self.outline.waves.len() {
            if self.outline.waves[number].barrier {
                let _ = writeln!(
                    text,
                    "{indent}{prefix}{number} -> {prefix}{} [style=invis];",
                    number + 1
                );
            }
        }
    }

    fn edge(&self, edge: &Edge, indent: &str, text: &mut String) {
        let mut attributes = Vec::new();
        match edge.kind {
            NeedKind::Value => {}
            NeedKind::Source => attributes.push("arrowhead=odot".to_owned()),
            NeedKind::Order => attributes.push("style=dashed".to_owned()),
        }
        if edge.critical == Importance::Critical {
            attributes.push("penwidth=2.5, color=\"#d9480f\"".to_owned());
        }
        let is_open = |task| {
            let nodes = self.outline.waves.iter().flat_map(|wave| &wave.nodes);
            nodes.into_iter().any(|node| node.id == task && node.inside.is_some())
        };
        if is_open(edge.from) {
            attributes.push(format!("ltail=cluster_t{}", edge.from.0));
        }
        if is_open(edge.to) {
            attributes.push(format!("lhead=cluster_t{}", edge.to.0));
        }
        let attributes = match attributes.is_empty() {
            true => String::new(),
            false => format!(" [{}]", attributes.join(", ")),
        };
        let _ = writeln!(text, "{indent}t{} -> t{}{attributes};", edge.from.0, edge.to.0);
    }
}

fn node_text(node: &Node, level: usize, text: &mut String) {
    let indent = "  ".repeat(level);
    let id = node.id.0;
    let emphasis = match node.critical {
        Importance::Critical => ", penwidth=2.5, color=\"#d9480f\"",
        Importance::Usual => "",
    };
    if let Some(inside) = &node.inside {
        let title = format!("{}: {}", node.name, node.doer);
        let _ = writeln!(text, "{indent}subgraph cluster_t{id} {{");
        let _ = writeln!(text, "{indent}  graph [label={}{emphasis}];", quoted(&title));
        let _ = writeln!(text, "{indent}  t{id} [shape=point, style=invis];");
        Graph { outline: inside }.write(&format!("t{id}w"), level + 1, text);
        let _ = writeln!(text, "{indent}}}");
        return;
    }
    let mut lines = vec![node.name.clone(), node.second_line()];
    lines.extend(node.condition.as_ref().map(|when| format!("when {when}")));
    let shape = match node.shape {
        Shape::Work => "",
        Shape::Synthesis => ", shape=ellipse",
        Shape::Check => ", shape=hexagon",
        Shape::Approval => ", shape=diamond",
        Shape::Pattern => ", shape=box3d",
    };
    let label = quoted(&lines.join("\n"));
    let _ = writeln!(text, "{indent}t{id} [label={label}{shape}{emphasis}];");
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
