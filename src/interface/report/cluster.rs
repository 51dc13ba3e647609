//! How servers are.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use super::units::bytes;
use crate::language::document::Digests;
use crate::runtime::cluster::{
    DifferentModel, ModelInfo, ServerReport, different_models, different_versions,
};

/// The servers as machine output has them.
pub fn cluster_json(reports: &[ServerReport]) -> Value {
    let servers: Vec<Value> = reports
        .iter()
        .map(|report| {
            json!({
                "name": report.name,
                "url": report.url,
                "up": report.is_up(),
                "simulated": report.is_simulated,
                "trouble": report.trouble,
                "version": report.version,
                "models": report.models.as_ref().map(|models| list_json(models)),
                "resident": report.resident.as_ref().map(|models| list_json(models)),
            })
        })
        .collect();
    json!({ "servers": servers })
}

fn list_json(models: &[ModelInfo]) -> Value {
    models
        .iter()
        .map(|model| {
            json!({
                "name": model.name,
                "digest": model.digest,
                "size": model.size,
                "size_vram": model.gpu,
                "parameters": model.parameters,
                "quantization": model.quantization,
                "capabilities": model.capabilities,
                "context_length": model.context_length,
                "expires_at": model.expires_at,
            })
        })
        .collect()
}

/// The servers for people.
pub fn cluster_text(reports: &[ServerReport], paint: Paint) -> String {
    let mut text = String::new();
    for report in reports {
        let state = match &report.trouble {
            None => paint.good("up"),
            Some(trouble) => format!("{} {trouble}", paint.bad("down")),
        };
        let version =
            report.version.as_deref().map(|v| format!("  Ollama {v}")).unwrap_or_default();
        let name = paint.bold(&report.name_and_place());
        let simulated = if report.is_simulated { "  simulated" } else { "" };
        let _ = writeln!(text, "{name}  {state}{version}{}", paint.notice(simulated));
        for model in report.models.iter().flatten() {
            let resident = report.resident.iter().flatten().find(|r| r.name == model.name);
            let loaded = match resident {
                Some(resident) => {
                    let window = resident.context_length.map(|n| format!(", window {n}"));
                    format!("  {}{}", paint.good("loaded"), window.unwrap_or_default())
                }
                None => String::new(),
            };
            let kind: Vec<&str> = [&model.parameters, &model.quantization]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            let able = model.capabilities.as_ref().map(|c| c.join(", ")).unwrap_or_default();
            let _ = writeln!(
                text,
                "  {:<28} {:>8}  {:<14} {}{loaded}",
                model.name,
                bytes(model.size),
                kind.join(" "),
                paint.dim(&able)
            );
        }
        if report.is_up() && report.models.as_ref().is_some_and(Vec::is_empty) {
            let _ = writeln!(text, "  no models; pull one: ollama pull llama3.1:8b");
        }
    }
    for line in difference_lines(reports, &different_models(reports, None), Digests::Any) {
        let _ = writeln!(text, "{} {line}", paint.notice("note:"));
    }
    text
}

/// Models of one name that differ, and versions: what else leads to answers that nobody can explain.
pub(super) fn difference_lines(
    reports: &[ServerReport],
    models: &[DifferentModel],
    digests: Digests,
) -> Vec<String> {
    let models = models.iter().map(|model| match (digests, model.digests.first()) {
        (Digests::One, Some((_, servers))) => {
            format!("{}; only {} will be asked for it", model.describe(), servers.join(", "))
        }
        _ => format!(
            "{}; pull it again on all of them, or write `digests: one` in the cluster",
            model.describe()
        ),
    });
    let versions = different_versions(reports);
    let sides: Vec<String> = versions
        .iter()
        .map(|(version, servers)| format!("{version} on {}", servers.join(", ")))
        .collect();
    let versions = (!sides.is_empty())
        .then(|| format!("Ollama's versions differ, and so may defaults: {}", sides.join("; ")));
    models.chain(versions).collect()
}
