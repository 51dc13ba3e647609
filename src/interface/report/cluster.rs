//! How servers are.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use super::units::bytes;
use crate::runtime::cluster::{ModelInfo, ServerReport};

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
    different_digests(reports, paint, &mut text);
    text
}

/// One name for different models leads to answers that nobody can explain.
fn different_digests(reports: &[ServerReport], paint: Paint, text: &mut String) {
    let mut said: Vec<&str> = Vec::new();
    for report in reports {
        for model in report.models.iter().flatten() {
            let other = reports.iter().find(|other| {
                other.models.iter().flatten().any(|m| {
                    m.name == model.name && m.digest != model.digest && !m.digest.is_empty()
                })
            });
            if let Some(other) = other
                && !said.contains(&model.name.as_str())
            {
                said.push(&model.name);
                let _ = writeln!(
                    text,
                    "{} {} differs between {} and {}: pull it on both",
                    paint.notice("warning:"),
                    model.name,
                    report.name,
                    other.name
                );
            }
        }
    }
}
