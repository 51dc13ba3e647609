//! A plan as a Mermaid flowchart, for Markdown that draws them.

use std::fmt::Write as _;

use super::outline::{Edge, Importance, Node, Outline, Shape, outline};
use crate::interface::report::plan::Depth;
use crate::interface::report::width::one_line;
use crate::language::plan::{NeedKind, Plan, TaskId};

/// The plan as a Mermaid flowchart: a subgraph for each wave and each opened pattern.
pub fn plan_mermaid(plan: &Plan, depth: Depth) -> String {
    let mut chart = Chart::default();
    let _ = writeln!(chart.text, "---\ntitle: {}\n---\nflowchart LR", plan.name);
    chart.scope(&outline(plan, depth), "w", 1);
    chart.classes();
    chart.text
}

#[derive(Default)]
struct Chart {
    text: String,
    /// Tasks of the critical path.
    critical: Vec<TaskId>,
    /// Edges of the critical path, by their numbers: that is how Mermaid names them.
    critical_edges: Vec<usize>,
    edges: usize,
}

impl Chart {
    /// Waves with their tasks, then what leads from one to another.
    fn scope(&mut self, outline: &Outline, prefix: &str, level: usize) {
        let indent = "  ".repeat(level);
        for (number, wave) in (1..).zip(&outline.waves) {
            let title = label(&wave.title);
            let _ = writeln!(self.text, "{indent}subgraph {prefix}{number}[\"{title}\"]");
            let _ = writeln!(self.text, "{indent}  direction LR");
            for node in &wave.nodes {
                self.node(node, level + 1);
            }
            let _ = writeln!(self.text, "{indent}end");
        }
        for edge in &outline.edges {
            self.edge(edge, &indent);
        }
        for number in 1..outline.waves.len() {
            // Where only a barrier orders two waves, nothing else would put one behind the other.
            if !outline.leads_into(number) {
                let _ = writeln!(self.text, "{indent}{prefix}{number} ~~~ {prefix}{}", number + 1);
                self.edges += 1;
            }
        }
    }

    fn node(&mut self, node: &Node, level: usize) {
        let indent = "  ".repeat(level);
        let id = node.id.0;
        if node.critical == Importance::Critical {
            self.critical.push(node.id);
        }
        let (name, doer) = (label(&node.name), label(&node.doer));
        if let Some(inside) = &node.inside {
            let _ = writeln!(self.text, "{indent}subgraph t{id}[\"{name}: {doer}\"]");
            let _ = writeln!(self.text, "{indent}  direction LR");
            self.scope(inside, &format!("t{id}w"), level + 1);
            let _ = writeln!(self.text, "{indent}end");
            return;
        }
        let condition = node.condition.as_deref().map(|when| format!("<br/>when {}", label(when)));
        let second = label(&node.second_line());
        let text = format!("{name}<br/>{second}{}", condition.unwrap_or_default());
        let (open, close) = match node.shape {
            Shape::Work => ("[", "]"),
            Shape::Synthesis => ("([", "])"),
            Shape::Check => ("{{", "}}"),
            Shape::Approval => ("{", "}"),
            Shape::Pattern => ("[[", "]]"),
            Shape::Tool => ("[/", "/]"),
            Shape::Message => (">", "]"),
        };
        let _ = writeln!(self.text, "{indent}t{id}{open}\"{text}\"{close}");
    }

    fn edge(&mut self, edge: &Edge, indent: &str) {
        let arrow = match edge.kind {
            NeedKind::Value | NeedKind::Message => "-->",
            NeedKind::Source => "--o",
            NeedKind::Order => "-.->",
        };
        if edge.critical == Importance::Critical {
            self.critical_edges.push(self.edges);
        }
        self.edges += 1;
        let _ = writeln!(self.text, "{indent}t{} {arrow} t{}", edge.from.0, edge.to.0);
    }

    fn classes(&mut self) {
        if self.critical.is_empty() {
            return;
        }
        let ids: Vec<String> = self.critical.iter().map(|id| format!("t{}", id.0)).collect();
        let _ = writeln!(self.text, "  classDef critical stroke:#d9480f,stroke-width:3px");
        let _ = writeln!(self.text, "  class {} critical", ids.join(","));
        if !self.critical_edges.is_empty() {
            let numbers: Vec<String> = self.critical_edges.iter().map(usize::to_string).collect();
            let _ = writeln!(
                self.text,
                "  linkStyle {} stroke:#d9480f,stroke-width:3px",
                numbers.join(",")
            );
        }
    }
}

impl Outline {
    /// Whether a need leads from one of the first waves into the one behind them.
    pub(super) fn leads_into(&self, wave: usize) -> bool {
        self.edges.iter().any(|edge| {
            let inside = |wave: usize, task: TaskId| {
                self.waves[wave].nodes.iter().any(|node| node.id == task)
            };
            inside(wave, edge.to) && !inside(wave, edge.from)
        })
    }
}

/// Text inside a label. Whatever could mean something to Mermaid, to its Markdown, or to HTML is
/// written as an entity.
fn label(text: &str) -> String {
    let mut label = String::new();
    for character in one_line(text).chars() {
        match character {
            ' ' | '_' | '-' | '.' | ',' | ':' | '/' | '+' | '=' | '!' | '?' | '\'' | '(' | ')' => {
                label.push(character);
            }
            _ if character.is_alphanumeric() => label.push(character),
            _ if character.is_control() => {}
            _ => {
                let _ = write!(label, "#{};", u32::from(character));
            }
        }
    }
    label
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn labels_mean_nothing_to_mermaid() {
        for (text, written) in [
            ("market", "market"),
            ("say \"no\"", "say #34;no#34;"),
            ("a[0] -> {b}", "a#91;0#93; -#62; #123;b#125;"),
            ("50 % #1; `x`", "50 #37; #35;1#59; #96;x#96;"),
            ("two\nlines", "two lines"),
            ("お茶 é", "お茶 é"),
        ] {
            assert_eq!(label(text), written);
        }
    }
}
