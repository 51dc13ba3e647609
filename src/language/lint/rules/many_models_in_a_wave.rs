//! `many-models-in-a-wave`

use std::collections::BTreeMap;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::TaskOutline;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("many-models-in-a-wave"),
    severity: Severity::Info,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "The tasks of one wave ask more than two models.",
    explanation: "\
**Symptom.** Tasks that may run at the same time ask three or more models.

**Impact.** A server works with the models that fit into its memory. Where there are more models than
servers, they are swapped to and fro, and each swap costs as long as loading takes.

**Fix.** Give the tasks of a wave one model, or two, or make sure that there is a server for each.",
    check: Check::Orchestrations(check),
};

/// So many models fit into a wave on two servers.
const MOST: usize = 2;

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    if !orchestration.outline.has_waves {
        return;
    }
    let mut by_wave: BTreeMap<usize, BTreeMap<&str, &TaskOutline<'_>>> = BTreeMap::new();
    for task in orchestration.asking_tasks() {
        let model = orchestration.model_of(task).and_then(|model| model.value.as_str());
        if let Some(model) = model {
            by_wave.entry(task.wave).or_default().entry(model).or_insert(task);
        }
    }
    for (place, models) in by_wave {
        if models.len() <= MOST {
            continue;
        }
        let Some(wave) = orchestration.outline.waves.get(place) else { continue };
        let name = wave.name.unwrap_or_default();
        let message = format!("the wave `{name}` asks {} models", models.len());
        let span = orchestration.document.span(&format!("{}/name", wave.pointer));
        let finding = Diagnostic::new(RULE.code, span, message)
            .help("use one or two models in a wave, or see that there is a server for each");
        found.push(models.into_iter().fold(finding, |finding, (model, task)| {
            let named = orchestration.document.key_span(&task.pointer);
            finding.related(named, format!("asks `{model}`"))
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn with(layout: &str, third: &str) -> String {
        let tasks = ["llama3.1:8b", "mistral:7b", third].into_iter().enumerate();
        let tasks: String = tasks
            .map(|(place, model)| {
                format!("      t{place}: {{ agent: writer, prompt: Write., model: \"{model}\" }}\n")
            })
            .collect();
        format!(
            "pattern: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
             {layout}{tasks}"
        )
    }

    #[test]
    fn models_are_counted_wave_by_wave() {
        let waves = "waves:\n  - name: first\n    tasks:\n";
        let message = "the wave `first` asks 3 models";
        check(&RULE, &with(waves, "qwen2.5:14b"), &[message]);
        check(&RULE, &with(waves, "mistral:7b"), &[]);
        // Without waves, only a run can tell what meets.
        check(&RULE, &with("tasks:\n", "qwen2.5:14b"), &[]);
    }
}
