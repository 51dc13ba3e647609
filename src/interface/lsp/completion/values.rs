//! Values: names of what exists, and what the schema lists.

use std::collections::BTreeSet;

use lsp_types::CompletionItemKind;
use serde_json::Value;

use super::Scene;
use super::candidate::{Candidate, Rank};
use super::cursor::Step;
use super::shapes::Shapes;
use crate::interface::lsp::models::SeenModels;
use crate::language::document::{Document, DocumentKind, VerbKind};
use crate::language::source::value_at;
use crate::organization::{Agent, Layer};

/// The values that can be written at the cursor.
pub(super) fn values(scene: &Scene<'_>, kind: DocumentKind) -> Vec<Candidate> {
    let mut found = names(scene);
    if found.is_empty() {
        found = of_schema(scene, kind);
    }
    found
}

/// The names that belong here: agents, tasks, patterns, teams, models, options.
fn names(scene: &Scene<'_>) -> Vec<Candidate> {
    let path: Vec<&str> = scene.cursor.path.iter().map(Step::name).collect();
    if let Some((task, rest)) = scene.task_path() {
        let rest: Vec<&str> = rest.iter().map(Step::name).collect();
        match rest.as_slice() {
            ["agent" | "from" | "to"]
            | ["to" | "reviewers", "*"]
            | ["synthesize" | "revise" | "compensate", "agent"]
            | ["agents", _]
            | ["expand", "agent"]
            | ["expand", "synthesize", "agent"]
            | ["expand", "catalogue", "agents", "*"]
            | ["on_failure", "escalate", "*", "agent"]
            | ["on_failure", "escalate", "*", "peers", "*"] => return scene.agents(),
            ["needs", "*"] | ["synthesize", "from", "*"] => return scene.tasks(task),
            ["on_message"] | ["on_message", "*"] => return scene.topics(),
            ["uses"] | ["expand", "catalogue", "patterns", "*"] => return scene.patterns(),
            ["team"] => return scene.teams(),
            ["default"] => return scene.options(task),
            ["with", input] => return scene.argument(task, input),
            _ => {}
        }
    }
    match path.as_slice() {
        ["team"] => scene.teams(),
        ["staff", post, "above" | "peer_of"] | ["staff", post, "never", "*"] => {
            scene.agents_before(post)
        }
        ["staff", _, "domain"] => scene.domains(),
        ["staff", _, "skills", "*"] => scene.skills(),
        ["tests", "pattern"] => scene.patterns(),
        [.., "model"] => scene.models(),
        ["agents", "*", "reports_to"] | ["team", "agents", "*", "reports_to"] => scene.managers(),
        [group, "*"] if group.ends_with("_patterns") => scene.patterns(),
        _ => Vec::new(),
    }
}

/// What the schema lists: values, true and false, and how a duration is written.
fn of_schema(scene: &Scene<'_>, kind: DocumentKind) -> Vec<Candidate> {
    let shapes = Shapes::at(kind, &scene.cursor.path, scene.value());
    let mut found: Vec<Candidate> = Vec::new();
    for schema in shapes.alternatives() {
        let described = schema.get("description").and_then(Value::as_str);
        let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
        let listed = listed.chain(schema.get("const"));
        found.extend(listed.map(|value| {
            Candidate::new(plain(value), CompletionItemKind::ENUM_MEMBER)
                .documentation(described.filter(|_| schema.get("const").is_some()))
        }));
        let is = |name: &str| {
            schema.get("type").is_some_and(|kind| match kind {
                Value::Array(kinds) => kinds.iter().any(|kind| kind == name),
                kind => kind == name,
            })
        };
        if is("boolean") {
            let truth = |word| Candidate::new(word, CompletionItemKind::VALUE);
            found.extend(["true", "false"].map(truth));
        }
        if schema.get("format").is_some() {
            let examples = schema.get("examples").and_then(Value::as_array);
            found.extend(examples.into_iter().flatten().filter_map(Value::as_str).map(|example| {
                Candidate::new(example, CompletionItemKind::VALUE)
                    .detail("an example")
                    .rank(Rank::Rare)
            }));
        }
    }
    found.dedup_by(|a, b| a.label == b.label);
    found
}

/// A value as it is written in a line.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Scene<'_> {
    /// The posts, and the members of the team.
    fn agents(&self) -> Vec<Candidate> {
        let posts = self.sketch.iter().flat_map(|sketch| &sketch.posts).map(post);
        posts.chain(self.members().map(agent)).collect()
    }

    /// Those whom a post can name: the posts that are filled before it, and the members of the team.
    fn agents_before(&self, name: &str) -> Vec<Candidate> {
        let posts = self.sketch.iter().flat_map(|sketch| &sketch.posts);
        let before = posts.take_while(|post| post.id.as_str() != name).map(post);
        let everybody = before.chain(self.members().map(agent));
        everybody.filter(|candidate| !self.is_listed(&candidate.label)).collect()
    }

    fn members(&self) -> impl Iterator<Item = &Agent> {
        self.sketch.iter().flat_map(|sketch| &sketch.agents)
    }

    /// The domains in which contributors of the team work, or those of the layer that is written beside.
    fn domains(&self) -> Vec<Candidate> {
        let beside = self.cursor.path.split_last().map_or(&[][..], |(_, post)| post);
        let layer = self.value_at(beside).and_then(|post| post.get("layer")).cloned();
        let layer = layer.and_then(|layer| serde_json::from_value(layer).ok());
        let layer = layer.unwrap_or(Layer::Contributor);
        let of_layer = self.members().filter(|agent| agent.layer == Some(layer));
        let domains: BTreeSet<&str> =
            of_layer.filter_map(|agent| agent.domain.as_deref()).collect();
        words(domains)
    }

    /// The skills of those in the team who may get posts, without those that are listed already.
    fn skills(&self) -> Vec<Candidate> {
        let in_layers = self.members().filter(|agent| agent.layer.is_some());
        let skills: BTreeSet<&str> =
            in_layers.flat_map(|agent| &agent.skills).map(String::as_str).collect();
        words(skills.into_iter().filter(|skill| !self.is_listed(skill)))
    }

    /// Whether something stands in the list that the cursor is in.
    fn is_listed(&self, name: &str) -> bool {
        let Some((Step::Item(_), list)) = self.cursor.path.split_last() else { return false };
        let listed = self.value_at(list).and_then(Value::as_array);
        name != self.cursor.word && listed.into_iter().flatten().any(|other| other == name)
    }

    fn managers(&self) -> Vec<Candidate> {
        let Some(document) = self.document else { return Vec::new() };
        if document.kind() != DocumentKind::Team {
            return self.members().map(agent).collect();
        }
        let members = document.value().get("agents").and_then(Value::as_array);
        let members = members.into_iter().flatten().filter_map(|member| {
            let role = member.get("role").and_then(Value::as_str)?;
            let id = member.get("id").and_then(Value::as_str);
            let id = id.map_or_else(|| crate::organization::role_id(role), str::to_owned);
            Some(Candidate::new(id, CompletionItemKind::VALUE).detail(role))
        });
        members.collect()
    }

    fn tasks(&self, reader: &str) -> Vec<Candidate> {
        let Some(sketch) = &self.sketch else { return Vec::new() };
        let tasks = sketch.may_be_needed_by(Some(reader)).into_iter();
        tasks
            .filter(|task| !self.is_listed(task.name))
            .map(|task| super::templates::task(task))
            .collect()
    }

    /// The topics of the messages that tasks send, each with the first that does.
    fn topics(&self) -> Vec<Candidate> {
        let tasks = self.sketch.iter().flat_map(|sketch| &sketch.tasks);
        let mut found: Vec<Candidate> = Vec::new();
        for task in tasks.filter(|task| task.verb == Some(VerbKind::Send)) {
            let topic = task.value.get("topic").and_then(Value::as_str);
            let Some(topic) = topic.filter(|topic| *topic != self.cursor.word) else { continue };
            if !found.iter().any(|candidate| candidate.label == topic) {
                let candidate = Candidate::new(topic, CompletionItemKind::VALUE);
                found.push(candidate.detail(format!("sent by {}", task.name)));
            }
        }
        found
    }

    fn patterns(&self) -> Vec<Candidate> {
        let own = self.document.and_then(Document::name);
        let mut found: Vec<Candidate> = self
            .library
            .documents()
            .filter(|document| document.kind() == DocumentKind::Pattern && document.name() != own)
            .filter_map(|document| {
                let summary =
                    value_at(document.value(), "/pattern/summary").and_then(Value::as_str);
                let name = self.library.name_in_project(document)?;
                Some(Candidate::new(name, CompletionItemKind::MODULE).documentation(summary))
            })
            .collect();
        let builtin = self
            .builtins
            .documents()
            .filter(|document| document.kind() == DocumentKind::Pattern && document.name() != own);
        for document in builtin {
            let summary = value_at(document.value(), "/pattern/summary").and_then(Value::as_str);
            let name = document.name().unwrap_or_default();
            if !found.iter().any(|candidate| candidate.label == name) {
                found.push(
                    Candidate::new(name, CompletionItemKind::MODULE)
                        .detail("built-in")
                        .documentation(summary)
                        .rank(Rank::Rare),
                );
            }
        }
        found
    }

    fn teams(&self) -> Vec<Candidate> {
        let mut found: Vec<Candidate> = Vec::new();
        let libraries = [self.library, self.builtins].into_iter();
        let all = libraries.flat_map(|library| {
            let documents = library.documents();
            documents
                .filter_map(move |document| Some((document, library.name_in_project(document)?)))
        });
        for (document, name) in all {
            if document.kind() != DocumentKind::Team
                || found.iter().any(|candidate| candidate.label == name)
            {
                continue;
            }
            let purpose = value_at(document.value(), "/team/purpose").and_then(Value::as_str);
            found.push(Candidate::new(name, CompletionItemKind::CLASS).documentation(purpose));
        }
        found
    }

    fn models(&self) -> Vec<Candidate> {
        let mut names = Vec::new();
        for document in self.library.documents() {
            models_in(document.value(), &mut names);
        }
        names.extend(self.models_on_servers.map(SeenModels::names).unwrap_or_default());
        names.sort();
        names.dedup();
        names.retain(|name| *name != self.cursor.word);
        names.into_iter().map(|name| Candidate::new(name, CompletionItemKind::VALUE)).collect()
    }

    fn options(&self, task: &str) -> Vec<Candidate> {
        let task = self.sketch.as_ref().and_then(|sketch| sketch.task(task));
        let options = task.and_then(|task| task.value.get("options")?.as_array());
        let options = options.into_iter().flatten().filter_map(Value::as_str);
        options.map(|option| Candidate::new(option, CompletionItemKind::ENUM_MEMBER)).collect()
    }

    /// The values that an input of a used pattern can have.
    fn argument(&self, task: &str, input: &str) -> Vec<Candidate> {
        let Some(declared) =
            self.callee(task).and_then(|(_, callee)| callee.value().get("inputs")?.get(input))
        else {
            return Vec::new();
        };
        let listed = declared.get("enum").and_then(Value::as_array).into_iter().flatten();
        listed.map(|value| Candidate::new(plain(value), CompletionItemKind::ENUM_MEMBER)).collect()
    }
}

/// A post as a value.
pub(super) fn post(post: &Agent) -> Candidate {
    Candidate::new(post.id.as_str(), CompletionItemKind::VALUE).detail("a post")
}

fn words<'w>(words: impl IntoIterator<Item = &'w str>) -> Vec<Candidate> {
    words.into_iter().map(|word| Candidate::new(word, CompletionItemKind::VALUE)).collect()
}

/// A member of a team as a value.
pub(super) fn agent(agent: &Agent) -> Candidate {
    Candidate::new(agent.id.as_str(), CompletionItemKind::VALUE)
        .detail(agent.role.clone())
        .documentation(Some(agent.purpose.clone()))
}

fn models_in(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(name) if key == "model" && !name.is_empty() => {
                        names.push(name.clone());
                    }
                    other => models_in(other, names),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| models_in(item, names)),
        _ => {}
    }
}
