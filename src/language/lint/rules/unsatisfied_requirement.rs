//! `unsatisfied-requirement`

use std::collections::BTreeSet;

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::servers::{WrittenServer, written_servers};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("unsatisfied-requirement"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "An agent requires a tag that no server of the cluster has.",
    explanation: "\
**Symptom.** An agent with `requires: [gpu]`, and a pipeline whose cluster has no server with all of its
tags.

**Impact.** The agent's tasks fail as soon as it is their turn: no server may take them.

**Fix.** Give the `tags` to a server that can do it, or drop the requirement.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let Some(cluster) = orchestration.cluster() else { return };
    let servers = written_servers(cluster);
    if servers.is_empty() {
        return;
    }
    let Some(team) = orchestration.team else { return };
    let mut seen = BTreeSet::new();
    for task in orchestration.asking_tasks() {
        let Some(member) = orchestration.agent_of(task) else { continue };
        let required = member.value.get("requires").and_then(Value::as_array);
        let required: Vec<&str> =
            required.into_iter().flatten().filter_map(Value::as_str).collect();
        let has_all = |server: &WrittenServer<'_>| {
            required.iter().all(|tag| server.tags().any(|own| own == *tag))
        };
        if required.is_empty() || servers.iter().any(has_all) || !seen.insert(&member.agent.id) {
            continue;
        }
        let requires = team.document.span(&format!("{}/requires", member.pointer));
        let tags = required.join("`, `");
        let message = format!("no server has `{tags}`, which `{}` requires", member.agent.role);
        let place = orchestration.place_for(task, requires);
        let finding = Diagnostic::new(RULE.code, place, message)
            .related(cluster.key_span("/cluster/servers"), "the servers are listed here")
            .help(format!("give a server `tags: [{}]`, or require less", required.join(", ")));
        let is_elsewhere = place != requires;
        found.push(if is_elsewhere { finding.related(requires, "required here") } else { finding });
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::{check, check_files};

    fn with(cluster: &str) -> String {
        format!(
            "pipeline: {{ name: example }}\n\
             team: {{ name: t, agents: [{{ role: Writer, requires: [gpu, large] }}] }}\n\
             cluster: {cluster}\ntasks:\n  draft: {{ agent: writer, prompt: Write. }}\n"
        )
    }

    #[test]
    fn one_server_must_have_all_tags() {
        let message = "no server has `gpu`, `large`, which `Writer` requires";
        check(&RULE, &with("{ servers: [gpu1] }"), &[message]);
        let split = "{ servers: [{ url: a, tags: [gpu] }, { url: b, tags: [large] }] }";
        check(&RULE, &with(split), &[message]);
        check(&RULE, &with("{ servers: [a, { url: b, tags: [large, gpu, x] }] }"), &[]);
    }

    #[test]
    fn a_cluster_file_counts_where_it_is_read() {
        let pipeline = with("../gpus.yaml").replace("../", "");
        let cluster = "cluster: { servers: [gpu1] }\n";
        let message = "no server has `gpu`, `large`, which `Writer` requires";
        check_files(&RULE, &[("p/a.yaml", &pipeline), ("p/gpus.yaml", cluster)], &[message]);
        check_files(&RULE, &[("p/a.yaml", &pipeline)], &[]);
    }
}
