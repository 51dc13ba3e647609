//! Limits of clusters, and what tasks and agents take of them: what could never start is an error.
//!
//! Nothing else can wait for ever: a call takes all that it needs at once or waits and holds nothing,
//! and tasks that use a pattern or ask a person take nothing (`takes` is no key of theirs).

use std::collections::BTreeSet;

use serde_json::Value;

use super::meant;
use crate::language::diagnostic::{Code, Diagnostic, Findings};
use crate::language::document::suggest::nearest;
use crate::language::document::{Document, DocumentKind, Library};
use crate::language::plan::outline::entries;
use crate::language::plan::outlines::Outlines;
use crate::language::plan::team_outline::TeamOutline;
use crate::language::source::{child_pointer, member, value_at};
use crate::organization::Agent;

/// What somebody says to take.
struct Taken<'d> {
    name: &'d str,
    count: u64,
    pointer: String,
}

/// What a pipeline takes of the cluster that it names or has in itself.
pub(super) fn check_own<'l>(outlines: &Outlines<'l>, document: &'l Document, found: &mut Findings) {
    if value_at(document.value(), "/cluster/commands").is_some_and(Value::is_object) {
        let message = "a pipeline does not say itself which programs it may run";
        found.push(
            document
                .key_diagnostic(Code::INVALID_VALUE, "/cluster/commands", message.to_owned())
                .help("whoever runs it says so: write `commands` into a cluster file"),
        );
    }
    if let Some(cluster) = own_cluster(outlines.library(), document) {
        let diagnostics = unavailable(outlines, document, &[cluster], found);
        found.extend(diagnostics);
    }
}

/// What the project's documents take of the project's clusters, and limits that nobody reaches.
pub(crate) fn check_project(outlines: &Outlines<'_>) -> Vec<Diagnostic> {
    let library = outlines.library();
    let clusters: Vec<&Document> =
        library.project_documents().filter(|document| has_cluster(document)).collect();
    let mut diagnostics = Vec::new();
    if !clusters.is_empty() {
        for document in library.project_documents() {
            if document.value().get("cluster").is_none() {
                let found = Findings::default();
                diagnostics.extend(unavailable(outlines, document, &clusters, &found));
            }
        }
    }
    let has_work = library
        .project_documents()
        .any(|document| matches!(document.kind(), DocumentKind::Pattern | DocumentKind::Pipeline));
    let limited = || clusters.iter().filter(|cluster| limits(cluster).is_some());
    if has_work && limited().next().is_some() {
        let asked = Asked::of(outlines);
        diagnostics.extend(limited().flat_map(|cluster| asked.idle_limits(cluster)));
    }
    diagnostics
}

/// Whether a document says which servers there are.
fn has_cluster(document: &Document) -> bool {
    document.value().get("cluster").is_some_and(Value::is_object)
}

fn limits(cluster: &Document) -> Option<&Value> {
    value_at(cluster.value(), "/cluster/limits")
}

/// The document with the cluster that a pipeline names, or it itself; `None` where it has none, or
/// its file was not read.
fn own_cluster<'l>(library: &'l Library, document: &'l Document) -> Option<&'l Document> {
    match document.value().get("cluster")? {
        Value::String(file) => library.beside(document, file).filter(|found| has_cluster(found)),
        Value::Object(_) => Some(document),
        _ => None,
    }
}

/// What a document takes and none of some clusters has, or has enough of.
fn unavailable<'l>(
    outlines: &Outlines<'l>,
    document: &'l Document,
    clusters: &[&Document],
    found: &Findings,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for taken in all_taken(outlines, document) {
        let pointer = child_pointer("/cluster/limits/resources", taken.name);
        let offers = clusters
            .iter()
            .filter_map(|cluster| Some((value_at(cluster.value(), &pointer)?.as_u64()?, cluster)));
        let Some((most, cluster)) = offers.max_by_key(|(most, _)| *most) else {
            diagnostics.push(unknown(document, clusters, &taken, found));
            continue;
        };
        if taken.count > most {
            let Taken { name, count, pointer: place } = taken;
            let message = format!("{count} of `{name}` can never be had: the cluster has {most}");
            diagnostics.push(
                document
                    .diagnostic(Code::TAKES_TOO_MUCH, &place, message)
                    .related(cluster.span(&pointer), "the limit is here")
                    .help("take less, or raise the limit"),
            );
        }
    }
    diagnostics
}

fn unknown(
    document: &Document,
    clusters: &[&Document],
    taken: &Taken<'_>,
    found: &Findings,
) -> Diagnostic {
    let names = clusters.iter().flat_map(|cluster| {
        entries(value_at(cluster.value(), "/cluster/limits/resources")).map(|(name, _)| name)
    });
    let near = meant(found, taken.name, names.map(String::as_str));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let entry = format!("limits: {{ resources: {{ {}: 1 }} }}", taken.name);
            format!("say in the cluster how many there are: `{entry}`")
        }
    };
    let message = format!("no cluster has the resource `{}`", taken.name);
    // In a list the name is the value, in a mapping the key.
    let span = document.key_span(&taken.pointer);
    let fix = near.and_then(|near| document.respelling_at(span, taken.name, near));
    let diagnostic = document.key_diagnostic(Code::UNKNOWN_RESOURCE, &taken.pointer, message);
    match clusters {
        [cluster] => diagnostic.related(cluster.key_span("/cluster/limits"), "the cluster is here"),
        _ => diagnostic,
    }
    .help(help)
    .maybe_fix(fix)
}

/// What the tasks and the agents of a document take.
fn all_taken<'d>(outlines: &Outlines<'d>, document: &'d Document) -> Vec<Taken<'d>> {
    let is_team = document.kind() == DocumentKind::Team;
    let place = if is_team { "/agents" } else { "/team/agents" };
    let members = TeamOutline::listed(document, place).members;
    let mut found: Vec<Taken<'d>> =
        members.iter().flat_map(|member| taken(member.value, &member.pointer)).collect();
    if matches!(document.kind(), DocumentKind::Pattern | DocumentKind::Pipeline) {
        let tasks = &outlines.get(document).tasks;
        found.extend(tasks.iter().flat_map(|task| taken(task.value, &task.pointer)));
    }
    found
}

/// What a task or an agent takes, in either form.
fn taken<'d>(holder: &'d Value, pointer: &str) -> Vec<Taken<'d>> {
    let pointer = format!("{pointer}/takes");
    match holder.as_object().and_then(|holder| member(holder, "takes")) {
        Some(Value::Array(names)) => {
            let named = names.iter().enumerate().filter_map(|(place, name)| {
                Some(Taken {
                    name: name.as_str()?,
                    count: 1,
                    pointer: format!("{pointer}/{place}"),
                })
            });
            named.collect()
        }
        takes => entries(takes)
            .map(|(name, count)| Taken {
                name,
                count: count.as_u64().unwrap_or(1),
                pointer: child_pointer(&pointer, name),
            })
            .collect(),
    }
}

/// Whom and what the documents of a library ask and take.
struct Asked<'l> {
    agents: Vec<Agent>,
    models: BTreeSet<&'l str>,
    resources: BTreeSet<&'l str>,
}

impl<'l> Asked<'l> {
    fn of(outlines: &Outlines<'l>) -> Asked<'l> {
        let mut asked =
            Asked { agents: Vec::new(), models: BTreeSet::new(), resources: BTreeSet::new() };
        for document in outlines.library().documents() {
            for place in ["/agents", "/team/agents"] {
                let members = TeamOutline::listed(document, place).members;
                asked.agents.extend(members.into_iter().map(|member| member.agent));
            }
            let taken = all_taken(outlines, document);
            asked.resources.extend(taken.into_iter().map(|taken| taken.name));
            named_models(document.value(), &mut asked.models);
        }
        asked
    }

    /// The limits of a cluster that nobody can reach, since nobody asks or takes what they limit.
    fn idle_limits(&self, cluster: &Document) -> Vec<Diagnostic> {
        let limits = |kind: &str| {
            let pointer = format!("/cluster/limits/{kind}");
            let names = entries(value_at(cluster.value(), &pointer));
            names.map(|(name, _)| (name, child_pointer(&pointer, name))).collect::<Vec<_>>()
        };
        let mut found = Vec::new();
        let mut idle = |pointer: &str, message: String, near: Option<&str>| {
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "leave it out, unless it is meant for later".to_owned(),
            };
            found.push(cluster.key_diagnostic(Code::IDLE_LIMIT, pointer, message).help(help));
        };
        for (name, pointer) in limits("agents") {
            if !self.agents.iter().any(|agent| agent.is_called(name)) {
                let ids = self.agents.iter().map(|agent| agent.id.as_str());
                let near = nearest(name, ids);
                idle(&pointer, format!("no agent is called `{name}`"), near);
            }
        }
        for (name, pointer) in limits("models") {
            let is_asked = |model: &&str| is_same_model(model, name);
            if !self.models.iter().any(is_asked) {
                let near = nearest(name, self.models.iter().copied());
                idle(&pointer, format!("nothing asks the model `{name}`"), near);
            }
        }
        for (name, pointer) in limits("resources") {
            if !self.resources.contains(name.as_str()) {
                let near = nearest(name, self.resources.iter().copied());
                idle(&pointer, format!("nothing takes the resource `{name}`"), near);
            }
        }
        found
    }
}

/// The models that a document names for tasks, agents, teams and clusters.
fn named_models<'l>(value: &'l Value, models: &mut BTreeSet<&'l str>) {
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(items) => pending.extend(items),
            Value::Object(fields) => {
                for (key, field) in fields {
                    match field {
                        Value::String(name) if key == "model" || key == "default_model" => {
                            models.insert(name);
                        }
                        _ => pending.push(field),
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether two names mean one model: letters and the tag `latest` make no difference.
fn is_same_model(one: &str, other: &str) -> bool {
    let simple = |name: &str| {
        let name = name.to_lowercase();
        name.strip_suffix(":latest").map_or(name.clone(), str::to_owned)
    };
    simple(one) == simple(other)
}
