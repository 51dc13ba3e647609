//! Where a document names models.

use serde_json::Value;

use crate::language::document::Document;
use crate::language::source::{escape_pointer, value_at};

/// A model's name and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedModel<'d> {
    pub(super) name: &'d str,
    pub(super) pointer: String,
}

/// Every model that a document names for its calls, in the order of its parts.
pub(super) fn named_models(document: &Document) -> Vec<NamedModel<'_>> {
    let mut holders: Vec<String> = vec!["/cluster/default_".into(), "/defaults/".into()];
    holders.push("/team/".into());
    let value = document.value();
    for agents in ["/agents", "/team/agents"] {
        let count = value_at(value, agents).and_then(Value::as_array).map_or(0, Vec::len);
        holders.extend((0..count).map(|place| format!("{agents}/{place}/")));
    }
    let waves = value.get("waves").and_then(Value::as_array).map_or(0, Vec::len);
    let waves = (0..waves).map(|wave| format!("/waves/{wave}/tasks"));
    for tasks in waves.chain(std::iter::once("/tasks".to_owned())) {
        let names = value_at(value, &tasks).and_then(Value::as_object).into_iter().flatten();
        holders.extend(names.map(|(name, _)| format!("{tasks}/{}/", escape_pointer(name))));
    }
    let named = |holder: String| {
        let pointer = format!("{holder}model");
        let name = value_at(value, &pointer)?.as_str()?;
        Some(NamedModel { name, pointer })
    };
    holders.into_iter().filter_map(named).collect()
}

/// The tag of a model's name, the part behind the colon; Ollama takes `latest` where there is none.
pub(super) fn tag_of(model: &str) -> Option<&str> {
    // A registry in front may have a port.
    let name = model.rsplit('/').next().unwrap_or(model);
    name.split_once(':').map(|(_, tag)| tag)
}

#[cfg(test)]
mod tests {
    use super::tag_of;

    #[test]
    fn tags_stand_behind_the_last_part() {
        assert_eq!(tag_of("llama3.1:8b"), Some("8b"));
        assert_eq!(tag_of("llama3.1"), None);
        assert_eq!(tag_of("registry.lan:5000/team/llama3"), None);
        assert_eq!(tag_of("registry.lan:5000/team/llama3:8b"), Some("8b"));
    }
}
