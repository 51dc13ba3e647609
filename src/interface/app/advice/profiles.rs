//! What the documents of a library say of themselves, as the advisor wants it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::insight::advisor::{Advisor, Profile};
use crate::language::document::{
    Body, Document, DocumentKind, Expectation, Library, ProjectFile, VocabularyDocument,
    builtin_vocabularies,
};
use crate::organization::Tier;

/// The advisor of a library: over its patterns and pipelines, with the built-in vocabularies and those of the project.
pub fn advisor_of(library: &Library) -> Advisor {
    Advisor::new(profiles_of(library), &vocabularies_of(library))
}

/// What can be recommended: what the project knows by name, without parts of others. A part is what another pattern
/// uses and what names no request that it is for.
pub fn profiles_of(library: &Library) -> Vec<Profile> {
    let mut used = BTreeSet::new();
    let documents: Vec<&Document> = library
        .documents()
        .filter(|document| {
            matches!(document.kind(), DocumentKind::Pattern | DocumentKind::Pipeline)
                && document.body().is_some()
        })
        .collect();
    for document in &documents {
        let of_it = library.reachable([*document]);
        used.extend(of_it.into_iter().skip(1).map(Document::source));
    }
    let mut profiles: Vec<Profile> = documents
        .into_iter()
        .filter_map(|document| {
            let name = library.name_in_project(document)?;
            let profile = profile_of(library, document, name);
            let is_part = used.contains(&document.source()) && profile.requests.is_empty();
            // A pipeline binds a pattern to inputs and a cluster: it is for what it says, or it is an example.
            let is_example = document.kind() == DocumentKind::Pipeline
                && profile.requests.is_empty()
                && library.is_builtin(document);
            (!is_part && !is_example).then_some(profile)
        })
        .collect();
    profiles.sort_by(|a, b| a.name.cmp(&b.name));
    profiles.dedup_by(|a, b| a.name == b.name);
    profiles
}

fn profile_of(library: &Library, document: &Document, name: String) -> Profile {
    let value = document.value();
    let header = value.get(document.kind().as_str());
    let text = |key: &str| {
        header.and_then(|header| header.get(key)).and_then(Value::as_str).map(str::to_owned)
    };
    let texts = |key: &str| texts(header.and_then(|header| header.get(key)));
    let tier = header.and_then(|header| header.get("tier")).and_then(Value::as_u64);
    let tier = tier.and_then(|tier| u8::try_from(tier).ok());
    Profile {
        name,
        tier: tier.and_then(|tier| Tier::try_from(tier).ok()),
        category: text("category"),
        summary: text("summary").unwrap_or_default(),
        when_to_use: texts("when_to_use"),
        when_not_to_use: texts("when_not_to_use"),
        tags: texts("tags"),
        requests: texts("requests"),
        surroundings: surroundings(library, document),
    }
}

/// Who works on it, what they can do, and what is given to them.
fn surroundings(library: &Library, document: &Document) -> Vec<String> {
    let value = document.value();
    let mut found = Vec::new();
    let named = value.get("team").and_then(Value::as_str);
    let named = named.and_then(|name| library.names_in(document.source()).team(name));
    let agents = match named {
        Some(team) => {
            found.extend(team.value().pointer("/team/purpose").and_then(Value::as_str));
            team.value().get("agents")
        }
        None => {
            found.extend(value.pointer("/team/purpose").and_then(Value::as_str));
            value.pointer("/team/agents")
        }
    };
    for agent in agents.and_then(Value::as_array).into_iter().flatten() {
        for key in ["role", "purpose"] {
            found.extend(agent.get(key).and_then(Value::as_str));
        }
        let skills = agent.get("skills").and_then(Value::as_array).into_iter().flatten();
        found.extend(skills.filter_map(Value::as_str));
    }
    let inputs = value.get("inputs").and_then(Value::as_object).into_iter().flatten();
    for (_, input) in inputs {
        found.extend(input.get("description").and_then(Value::as_str));
        found.extend(input.get("default").and_then(Value::as_str).map(beginning));
    }
    found.into_iter().map(str::to_owned).collect()
}

/// Of a sample as much as says what it is about.
fn beginning(text: &str) -> &str {
    const LETTERS: usize = 300;
    text.char_indices().nth(LETTERS).map_or(text, |(end, _)| &text[..end])
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The built-in vocabularies, then those of the project.
pub fn vocabularies_of(library: &Library) -> Vec<VocabularyDocument> {
    let own = Library::of_files(builtin_vocabularies().map(|builtin| ProjectFile {
        name: builtin.path.to_owned(),
        content: Ok(builtin.text.to_owned()),
        expectation: Expectation::Named,
    }));
    let documents = own.documents().chain(library.project_documents());
    let vocabularies = documents.filter_map(|document| match document.body() {
        Some(Body::Vocabulary(vocabulary)) => Some(vocabulary.as_ref().clone()),
        _ => None,
    });
    vocabularies.collect()
}
