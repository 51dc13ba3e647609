//! The text of a cluster file.

use super::sheet::Sheet;
use super::wish::DocumentName;
use crate::interface::app::choice::LOCAL;
use crate::language::source::{Surroundings, write_text};

/// The text of a cluster file with these servers (the local one where there are none), and the
/// model of tasks that name none.
pub(super) fn cluster_text(
    name: Option<&DocumentName>,
    urls: &[String],
    default_model: Option<&str>,
) -> String {
    let local = [LOCAL.to_owned()];
    let urls = if urls.is_empty() { &local } else { urls };
    let mut sheet = Sheet::default();
    sheet.comment(0, "The servers that runs may use; nothing is sent to any other.");
    sheet.comment(0, "`partita cluster status` shows which answer and what they have.");
    sheet.key(0, "cluster");
    if let Some(name) = name {
        sheet.text(1, "name", name.as_str());
    }
    sheet.key(1, "servers");
    for url in urls {
        sheet.item(2, "url", url);
    }
    sheet.comment(3, "What a server can take and is good for:");
    sheet.comment(3, "slots: 2         # calls at a time: its OLLAMA_NUM_PARALLEL");
    sheet.comment(3, "max_models: 1    # models that work on it at a time");
    sheet.comment(3, "tags: [gpu]      # for agents that require it");
    sheet.comment(3, "weight: 2.0      # its strength beside the others");
    sheet.comment(2, "A further server:");
    sheet.comment(2, "- url: http://gpu2:11434");
    sheet.blank();
    sheet.comment(
        1,
        "The model of tasks that name none; without it, the one that most servers have.",
    );
    match default_model {
        Some(model) => sheet.text(1, "default_model", model),
        None => {
            let model = write_text("llama3.1:8b", Surroundings::Block);
            sheet.comment(1, &format!("default_model: {model}"));
        }
    }
    sheet.blank();
    sheet.comment(1, "How long a model stays loaded after its last call:");
    sheet.comment(1, "keep_alive: 30m");
    sheet.comment(
        1,
        "How servers are chosen: model_affinity, load_aware, round_robin or capability.",
    );
    sheet.comment(1, "policy: model_affinity");
    sheet.comment(1, "Models that Ollama itself forwards to its cloud:");
    sheet.comment(1, "egress: { cloud_models: true }");
    sheet.into_text()
}
