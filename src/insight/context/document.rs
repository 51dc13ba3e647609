//! The JSON of a context, to the letter of seed 001. What nobody changes stays as it was written; what
//! is added goes where the seed has it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::written::{self, JsonFault, Part, check, list, object, parts, quoted};

/// The keys of the seed in its order, with `pending_decisions` where its short form has them, and ours
/// behind these.
const KEYS: [&str; 11] = [
    "project_name",
    "created_date",
    "last_session",
    "objectives",
    "completed_tasks",
    "active_tasks",
    "pending_decisions",
    DECISIONS,
    "key_insights",
    "spawned_agents",
    METRICS,
];

/// Where decisions are that were made. The seed counts them; a context that is carried elsewhere keeps
/// them.
pub(super) const DECISIONS: &str = "decisions";
const METRICS: &str = "metrics";

/// The totals that the seed counts.
pub(super) const TOTALS: [&str; 4] =
    ["total_sessions", "total_agents_spawned", "total_tasks_completed", "total_decisions_made"];

/// Lists whose entries are objects with these texts.
const LISTS: [(&str, &[&str]); 5] = [
    ("objectives", &["id", "description"]),
    ("completed_tasks", &["id", "description"]),
    ("active_tasks", &["id", "description"]),
    (DECISIONS, &["id", "question", "choice"]),
    ("spawned_agents", &["id"]),
];

/// The JSON of a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The text, as long as it is as it was read.
    untouched: Option<String>,
    members: Vec<Member>,
    /// What stands behind the last brace.
    tail: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    /// As written, quotes included.
    key: String,
    name: String,
    body: Body,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Body {
    Value(String),
    /// Each element as written.
    List(Vec<String>),
}

impl Document {
    /// The document of a project of which nothing is known.
    pub(super) fn new(project: &str, created: &str) -> Document {
        let body = |name: &str| match name {
            "project_name" => Body::Value(quoted(project)),
            "created_date" => Body::Value(quoted(created)),
            "last_session" => Body::Value(quoted("")),
            METRICS => {
                let totals = TOTALS.map(|total| (quoted(total), "0"));
                Body::Value(object(2, totals.iter().map(|(key, value)| (key.as_str(), *value))))
            }
            _ => Body::List(Vec::new()),
        };
        let names = KEYS.iter().filter(|name| **name != DECISIONS);
        let members =
            names.map(|name| Member { key: quoted(name), name: (*name).into(), body: body(name) });
        Document { untouched: None, members: members.collect(), tail: String::new() }
    }

    /// A document as somebody has written it.
    ///
    /// # Errors
    /// Where it is no JSON of a context.
    pub fn read(text: &str) -> Result<Document, JsonFault> {
        check(text)?;
        let found = parts(text);
        let start = text.len() - text.trim_start().len();
        if !text[start..].starts_with('{') {
            return Err(JsonFault::at(text, start, "a context is an object: `{…}`"));
        }
        let mut members: Vec<Member> = Vec::new();
        for part in &found {
            let name = part.name();
            if members.iter().any(|member| member.name == name) {
                return Err(JsonFault::at(text, part.at, format!("`{name}` is there twice")));
            }
            let body = body_of(text, &name, part)?;
            members.push(Member { key: part.key.to_owned(), name, body });
        }
        no_task_in_both(text, &found)?;
        let end = text.trim_end().len();
        let tail = text[end..].to_owned();
        let document = Document { untouched: Some(text.to_owned()), members, tail };
        if document.text("project_name").is_none_or(|name| name.trim().is_empty()) {
            return Err(JsonFault::at(text, start, "`project_name` is missing or no text"));
        }
        Ok(document)
    }

    /// The document as text: the very bytes that were read, as long as nothing has changed.
    pub fn to_text(&self) -> String {
        if let Some(text) = &self.untouched {
            return text.clone();
        }
        let values: Vec<String> = self
            .members
            .iter()
            .map(|member| match &member.body {
                Body::Value(text) => text.clone(),
                Body::List(elements) => list(2, elements.iter().map(String::as_str)),
            })
            .collect();
        let keys = self.members.iter().map(|member| member.key.as_str());
        let text = object(0, keys.zip(values.iter().map(String::as_str)));
        text + &self.tail
    }

    /// The text under a key.
    pub fn text(&self, name: &str) -> Option<String> {
        match &self.member(name)?.body {
            Body::Value(text) => match serde_json::from_str(text) {
                Ok(Value::String(text)) => Some(text),
                _ => None,
            },
            Body::List(_) => None,
        }
    }

    /// The elements of a list.
    pub(super) fn elements(&self, name: &str) -> Vec<Value> {
        let read = |text: &String| serde_json::from_str(text).unwrap_or_default();
        self.list(name).iter().map(read).collect()
    }

    /// One of the totals that the seed counts.
    pub fn total(&self, name: &str) -> u64 {
        let Some(Member { body: Body::Value(text), .. }) = self.member(METRICS) else { return 0 };
        let metrics: Value = serde_json::from_str(text).unwrap_or_default();
        metrics[name].as_u64().unwrap_or(0)
    }

    /// Adds to one of the totals.
    pub(super) fn count(&mut self, name: &str, more: u64) {
        let total = (self.total(name) + more).to_string();
        let text = match self.member(METRICS) {
            Some(Member { body: Body::Value(text), .. }) => text.clone(),
            _ => "{}".to_owned(),
        };
        self.put(METRICS, Body::Value(with(&text, 2, name, &total)));
    }

    /// Puts a text under a key.
    pub(super) fn set_text(&mut self, name: &str, text: &str) {
        self.put(name, Body::Value(quoted(text)));
    }

    /// Adds a text to a list.
    pub(super) fn push_text(&mut self, name: &str, text: &str) {
        self.push(name, quoted(text));
    }

    /// Adds an object to a list; its members are given with values that are JSON.
    pub(super) fn push_object(&mut self, name: &str, members: &[(&str, String)]) {
        let members: Vec<(String, &str)> =
            members.iter().map(|(key, value)| (quoted(key), value.as_str())).collect();
        self.push(name, object(4, members.iter().map(|(key, value)| (key.as_str(), *value))));
    }

    /// Sets a text of the object with this id in a list.
    pub(super) fn change(&mut self, name: &str, id: &str, key: &str, text: &str) {
        self.edit(name, |elements| {
            if let Some(element) = elements.iter_mut().find(|element| has_id(element, id)) {
                *element = with(element, 4, key, &quoted(text));
            }
        });
    }

    /// Takes the object with this id out of a list and puts it at the end of another with more texts;
    /// all else that it says stays.
    pub(super) fn move_to(&mut self, id: &str, from: &str, to: &str, more: &[(&str, &str)]) {
        let Some(mut element) = self.take(from, id) else { return };
        for (key, text) in more {
            element = with(&element, 4, key, &quoted(text));
        }
        self.push(to, element);
    }

    /// Takes the object with this id, or this very text, out of a list.
    pub(super) fn take(&mut self, name: &str, id: &str) -> Option<String> {
        let is_it = |element: &String| has_id(element, id) || *element == quoted(id);
        let place = self.list(name).iter().position(is_it)?;
        Some(self.edit(name, |elements| elements.remove(place)))
    }

    fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    fn list(&self, name: &str) -> &[String] {
        match self.member(name) {
            Some(Member { body: Body::List(elements), .. }) => elements,
            _ => &[],
        }
    }

    fn push(&mut self, name: &str, element: String) {
        self.edit(name, |elements| elements.push(element));
    }

    /// Changes a list where it stands; one that is not there yet begins empty.
    fn edit<T>(&mut self, name: &str, change: impl FnOnce(&mut Vec<String>) -> T) -> T {
        self.untouched = None;
        let place = self.place(name);
        let body = std::mem::replace(&mut self.members[place].body, Body::List(Vec::new()));
        let mut elements = match body {
            Body::List(elements) => elements,
            // Under the names of lists nothing else is read.
            Body::Value(_) => Vec::new(),
        };
        let result = change(&mut elements);
        self.members[place].body = Body::List(elements);
        result
    }

    /// Sets what stands under a key.
    fn put(&mut self, name: &str, body: Body) {
        self.untouched = None;
        let place = self.place(name);
        self.members[place].body = body;
    }

    /// The place of a key; one that is not there yet is put where the seed has it.
    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.members.iter().position(|member| member.name == name) {
            return place;
        }
        let rank = |name: &str| KEYS.iter().position(|key| *key == name);
        let before = self
            .members
            .iter()
            .rposition(|member| rank(&member.name).is_some_and(|theirs| Some(theirs) < rank(name)));
        let place = before.map_or(0, |place| place + 1);
        let (key, body) = (quoted(name), Body::List(Vec::new()));
        self.members.insert(place, Member { key, name: name.to_owned(), body });
        place
    }
}

fn body_of(text: &str, name: &str, part: &Part<'_>) -> Result<Body, JsonFault> {
    let fault = |byte: usize, what: String| Err(JsonFault::at(text, byte, what));
    let texts = LISTS.iter().find(|(list, _)| *list == name).map(|(_, texts)| *texts);
    let is_list = texts.is_some() || matches!(name, "key_insights" | "pending_decisions");
    if is_list && !part.value.starts_with('[') {
        return fault(part.at, format!("`{name}` is a list: `[…]`"));
    }
    if name == METRICS {
        totals(text, part)?;
    }
    if !is_list {
        return Ok(Body::Value(part.value.to_owned()));
    }
    let mut ids: Vec<String> = Vec::new();
    let elements = parts(part.value);
    for element in &elements {
        let at = part.at + element.at;
        let value: Value = serde_json::from_str(element.value).unwrap_or_default();
        match texts {
            None if value.is_string() => {}
            None if name == "pending_decisions" && value["question"].is_string() => {}
            None if name == "pending_decisions" => {
                return fault(
                    at,
                    "a pending decision is a text, or an object with `question`".into(),
                );
            }
            None => return fault(at, "an insight is a text".into()),
            Some(texts) => {
                if let Some(missing) = texts.iter().find(|key| !value[**key].is_string()) {
                    return fault(
                        at,
                        format!("each of `{name}` is an object with the text `{missing}`"),
                    );
                }
                let id = value["id"].as_str().unwrap_or_default().to_owned();
                if ids.contains(&id) {
                    return fault(at, format!("`{id}` is there twice in `{name}`"));
                }
                ids.push(id);
            }
        }
    }
    Ok(Body::List(elements.iter().map(|element| element.value.to_owned()).collect()))
}

/// That no task is done and to be done.
fn no_task_in_both(text: &str, found: &[Part<'_>]) -> Result<(), JsonFault> {
    let tasks = |list: &'static str| {
        let parts_of = found.iter().filter(move |part| part.name() == list);
        parts_of.flat_map(|part| {
            parts(part.value).into_iter().map(|element| {
                let value: Value = serde_json::from_str(element.value).unwrap_or_default();
                (value["id"].as_str().unwrap_or_default().to_owned(), part.at + element.at)
            })
        })
    };
    let done: BTreeSet<String> = tasks("completed_tasks").map(|(id, _)| id).collect();
    match tasks("active_tasks").find(|(id, _)| done.contains(id)) {
        Some((id, at)) => {
            let message = format!("`{id}` is in `completed_tasks` and in `active_tasks`");
            Err(JsonFault::at(text, at, message))
        }
        None => Ok(()),
    }
}

/// That the totals are whole numbers.
fn totals(text: &str, part: &Part<'_>) -> Result<(), JsonFault> {
    if !part.value.starts_with('{') {
        return Err(JsonFault::at(text, part.at, "`metrics` is an object: `{…}`"));
    }
    for metric in parts(part.value) {
        let name = metric.name();
        if TOTALS.contains(&name.as_str()) && metric.value.parse::<u64>().is_err() {
            let message = format!("`{name}` is a whole number, such as 12");
            return Err(JsonFault::at(text, part.at + metric.at, message));
        }
    }
    Ok(())
}

fn has_id(element: &str, id: &str) -> bool {
    let is_id = |part: &Part<'_>| part.key == "\"id\"" && part.value == quoted(id);
    element.starts_with('{') && parts(element).iter().any(is_id)
}

/// An object with a member set, as it was written but for that.
fn with(text: &str, indent: usize, name: &str, value: &str) -> String {
    let found = parts(text);
    if let Some(part) = found.iter().find(|part| part.name() == name) {
        let end = part.at + part.value.len();
        return format!("{}{value}{}", &text[..part.at], &text[end..]);
    }
    let key = quoted(name);
    let members = found.iter().map(|part| (part.key, part.value));
    written::object(indent, members.chain([(key.as_str(), value)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of seed 001.
    const EXAMPLE: &str =
        include_str!("../../../tests/fixtures/contexts/project_alpha_context.json");

    fn example() -> Document {
        Document::read(EXAMPLE).expect("a context")
    }

    #[test]
    fn the_example_of_the_seed_comes_back_byte_for_byte() {
        assert_eq!(example().to_text(), EXAMPLE);
        // It is also what would be written of its parts.
        let mut document = example();
        document.untouched = None;
        assert_eq!(document.to_text(), EXAMPLE);
    }

    #[test]
    fn only_what_changes_is_written_anew() {
        let text = EXAMPLE
            .replace("\"total_sessions\": 12", "\"speed\": 1.50e3, \"total_sessions\": 12")
            .replace(
                "\"status\": \"active\",",
                "\"status\": \"active\",\n      \"owner\": \"\\u00c4nn\",",
            )
            .replace("{\n  \"project_name\"", "{\n  \"$kept\": [1,2,  3],\n  \"project_name\"")
            + "\n";
        let mut document = Document::read(&text).expect("a context");
        document.change("objectives", "OBJ_001", "status", "completed");
        document.count("total_sessions", 1);
        document.push_text("key_insights", "Say \"no\"");
        let expected = text
            .replace("\"status\": \"active\"", "\"status\": \"completed\"")
            .replace("\"total_sessions\": 12", "\"total_sessions\": 13")
            .replace("by user segment\"", "by user segment\",\n    \"Say \\\"no\\\"\"");
        assert_eq!(document.to_text(), expected);
    }

    #[test]
    fn a_task_that_is_done_keeps_what_else_it_says() {
        let text = EXAMPLE.replace(
            "\"description\": \"Implement Auth0 integration\"",
            "\"description\": \"Implement Auth0 integration\",\n      \"owner\": \"ann\"",
        );
        let mut document = Document::read(&text).expect("a context");
        let more = [("outcome", "Done"), ("completed", "2024-01-16T09:00:00")];
        document.move_to("TASK_025", "active_tasks", "completed_tasks", &more);
        let text = document.to_text();
        assert!(text.contains("\"active_tasks\": [],"), "{text}");
        let expected = "    {\n      \"id\": \"TASK_025\",\n      \"description\": \"Implement Auth0 \
                        integration\",\n      \"owner\": \"ann\",\n      \"outcome\": \"Done\",\n      \
                        \"completed\": \"2024-01-16T09:00:00\"\n    }\n  ],\n  \"active_tasks\"";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn new_keys_go_where_the_seed_has_them() {
        let mut document = example();
        document.push_object("pending_decisions", &[("id", quoted("DEC_016"))]);
        let names: Vec<&str> = document.members.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names[5..8], ["active_tasks", "pending_decisions", "key_insights"]);
        let new = Document::new("alpha", "2024-01-01T10:00:00");
        assert_eq!(Document::read(&new.to_text()).expect("a context").to_text(), new.to_text());
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        let check = |from: &str, to: &str, line: usize, column: usize, message: &str| {
            assert!(EXAMPLE.contains(from), "{from}");
            let fault = Document::read(&EXAMPLE.replacen(from, to, 1)).expect_err("a fault");
            assert_eq!((fault.line, fault.column, fault.message.as_str()), (line, column, message));
        };
        check("\"project_alpha\"", "project_alpha", 2, 19, "expected value");
        check("\"project_alpha\"", "7", 1, 1, "`project_name` is missing or no text");
        check(
            "\"TASK_025\"",
            "25",
            22,
            5,
            "each of `active_tasks` is an object with the text `id`",
        );
        check("\"Auth0 provides", "7, \"", 28, 5, "an insight is a text");
        check("[\n    \"Auth0", "7, \"x\": [\"Auth0", 27, 19, "`key_insights` is a list: `[…]`");
        check("12", "12.5", 40, 23, "`total_sessions` is a whole number, such as 12");
        check("created_date", "project_name", 3, 19, "`project_name` is there twice");
        let twice = "\"active_tasks\": [{\"id\": \"A\", \"description\": \"a\"}, {\"id\": \"A\", \"description\": \"b\"},";
        check("\"active_tasks\": [", twice, 21, 53, "`A` is there twice in `active_tasks`");
        let both = "`TASK_001` is in `completed_tasks` and in `active_tasks`";
        check("TASK_025", "TASK_001", 22, 5, both);
        let list = Document::read(" []").expect_err("a fault");
        assert_eq!((list.line, list.column), (1, 2));
    }
}
