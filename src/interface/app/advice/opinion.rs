//! A model of the cluster as second opinion.

use tokio::runtime::Runtime;

use super::super::choice::{Intent, WorldRequest, choose_world};
use super::super::failure::{Failure, FailureKind};
use super::super::project::Project;
use crate::engine::content::{Message, Request, Role};
use crate::insight::advisor::{Advice, SecondOpinion, asks_for_another};
use crate::language::document::{Library, ModelOptions};
use crate::runtime::cluster::{ChatCall, Client, Ollama, ServerReport, survey};

/// Servers with a model that gives its opinion.
pub struct Opinions<'a> {
    server: Ollama,
    model: String,
    library: &'a Library,
    tokio: &'a Runtime,
}

impl<'a> Opinions<'a> {
    /// Of a model on the servers where a run would take place: the first that is up and has it.
    ///
    /// # Errors
    /// When no server can be reached, or none has the model.
    pub fn of(
        model: &str,
        request: &WorldRequest,
        project: &Project,
        library: &'a Library,
        tokio: &'a Runtime,
    ) -> Result<Opinions<'a>, Failure> {
        let choice = choose_world(request, project, Intent::default())?;
        let mut client = Client::new()?;
        if choice.setup.cluster.egress.cloud_models {
            client = client.with_cloud_models();
        }
        let servers = client.servers_of(&choice.setup.cluster);
        let reports = tokio.block_on(survey(&servers, choice.setup.cluster.health.timeout.0));
        if !reports.iter().any(ServerReport::is_up) {
            let failure = Failure::new(FailureKind::NoServer, "no Ollama server can be reached");
            return Err(failure
                .hint(format!("these servers come from {}", choice.by))
                .hint("without --model no server is asked"));
        }
        let full = crate::engine::full_name(model);
        let has_it = |report: &ServerReport| {
            let models = report.models.iter().flatten();
            report.is_up()
                && (report.models.is_none()
                    || models.into_iter().any(|found| found.name.eq_ignore_ascii_case(&full)))
        };
        let found = servers.into_iter().zip(&reports).find(|(_, report)| has_it(report));
        let Some((server, _)) = found else {
            let message = format!("no server has the model `{model}`");
            return Err(Failure::new(FailureKind::Failed, message).hint(format!(
                "pull it with `ollama pull {model}`, or name another with --model"
            )));
        };
        Ok(Opinions { server, model: full, library, tokio })
    }

    /// Asks about a request if the advice is unsure, and takes the word of the model as far as it counts. A model that does
    /// not answer changes nothing; the advice says so.
    pub fn refine(&self, request: &str, advice: &mut Advice) {
        if !asks_for_another(advice) {
            return;
        }
        let summary = |name: &str| {
            let document = self.library.orchestration(name);
            let header = document.and_then(|found| found.value().get(found.kind().as_str()));
            let summary = header.and_then(|header| header.get("summary"));
            summary.and_then(|summary| summary.as_str()).unwrap_or_default().to_owned()
        };
        let mut answers = Vec::new();
        for question in SecondOpinion::both(request, advice, summary) {
            match self.ask(question) {
                Ok(answer) => answers.push(answer),
                Err(failure) => {
                    let told = format!("{} did not answer: {}.", self.model, failure.message);
                    advice.reasoning.push(told);
                    return;
                }
            }
        }
        advice.heed(&self.model, &answers);
    }

    fn ask(&self, question: SecondOpinion) -> Result<String, crate::engine::Failure> {
        let message = Message {
            role: Role::User,
            content: question.prompt,
            tool_calls: Vec::new(),
            tool_name: None,
        };
        let call = ChatCall {
            task: "advise".to_owned(),
            attempt: 1,
            model: self.model.clone(),
            request: Request {
                messages: vec![message],
                format: Some(question.format),
                options: ModelOptions { temperature: Some(0.0), ..ModelOptions::default() },
                tools: None,
                planning: None,
            },
            seed: None,
            window: None,
            keep_alive: None,
            tools: Vec::new(),
        };
        let report = self.tokio.block_on(self.server.chat(&call, |_| {}))?;
        Ok(report.answer.text)
    }
}

/// The size of a model in billions of parameters, if its name says it: 8 for `llama3.1:8b`.
pub fn model_billions(name: &str) -> Option<f64> {
    let (_, tag) = name.split_once(':')?;
    tag.split(['-', '_']).find_map(|part| {
        let part = part.to_ascii_lowercase();
        let number = part.strip_suffix('b').and_then(|number| number.parse::<f64>().ok());
        number.filter(|number| *number > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_sizes() {
        assert_eq!(model_billions("llama3.1:8b"), Some(8.0));
        assert_eq!(model_billions("qwen3:0.6b-q4_K_M"), Some(0.6));
        assert_eq!(model_billions("qwen3:latest"), None);
        assert_eq!(model_billions("mistral"), None);
    }
}
