//! `partita advise`

use std::path::PathBuf;

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use super::list::library;
use super::options::Output;
use super::run::runtime;
use crate::engine::Time;
use crate::insight::advisor::{Adjustments, Advice, Approach, Circumstances};
use crate::interface::app::{
    Estimate, Failure, Intent, Opinions, WorldRequest, adjustments_for, advise, advisor_of,
    choose_world, estimate_of, evaluate, model_billions, read_labelled, record_advice,
};
use crate::interface::report::{
    AdviceView, advice_json, advice_text, evaluation_json, evaluation_text,
};
use crate::runtime::clock::Clock;

/// Say how much orchestration a request needs, and which pattern fits it
///
/// The request is compared with what the patterns say of themselves, offline and in milliseconds. Small
/// requests get one agent and no pattern.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita advise \"Our payment system was down on Tuesday. Write the review without blaming anybody.\"
  partita advise \"Fix the typo in this sentence\"
  partita advise @request.txt --explain     a longer request from a file, and what the scores are made of
  partita advise \"Plan our trade fair\" --model qwen3:32b      a model is asked where the advice is unsure
  partita run trade_fair --advice A7        what comes of the run is learned of (docs/learning.md)
  partita advise --evaluate requests.yaml   how often the advice is right on requests of your own
  partita advise \"Plan our trade fair\" --json")]
pub(super) struct Advise {
    /// The request in plain words; @FILE is read from the file
    #[arg(required_unless_present = "evaluate", conflicts_with = "evaluate")]
    request: Option<String>,

    /// Show what the scores are made of
    #[arg(long)]
    explain: bool,

    /// How often the advice is right: a list of requests with `approach` and `pattern`
    #[arg(long, value_name = "FILE")]
    evaluate: Option<PathBuf>,

    /// Ask this model of the cluster where the advice is unsure between patterns
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// The cluster for the estimate and the model [default: that of a run]
    #[arg(long, value_name = "FILE")]
    cluster: Option<PathBuf>,

    /// An Ollama server; may be given several times
    #[arg(long = "server", value_name = "URL")]
    servers: Vec<String>,

    /// Do not keep the advice: no run follows it, and nothing is learned of it
    #[arg(long)]
    no_record: bool,

    #[command(flatten)]
    pub(super) output: Output,
}

impl Advise {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let library = library(environment);
        let advisor = advisor_of(&library);
        let world = WorldRequest {
            cluster: self.cluster.clone(),
            servers: self.servers.clone(),
            ollama_host: environment.ollama_host.clone(),
            ..WorldRequest::default()
        };
        let project = &environment.project;
        let screen = &environment.screen;
        let tokio = self.model.as_ref().map(|_| runtime()).transpose()?;
        let opinions = match (&self.model, &tokio) {
            (Some(model), Some(tokio)) => {
                Some(Opinions::of(model, &world, project, &library, tokio)?)
            }
            _ => None,
        };
        let refine = |request: &str, advice: &mut Advice| {
            if let Some(opinions) = &opinions {
                opinions.refine(request, advice);
            }
        };
        if let Some(path) = &self.evaluate {
            let rows = read_labelled(path)?;
            let circumstances = Circumstances::default();
            let evaluation = evaluate(&advisor, rows, &circumstances, |request, advice| {
                refine(request, advice);
                Ok(())
            })?;
            match self.output.is_json() {
                true => screen.json(&evaluation_json(&evaluation)),
                false => screen.print(&evaluation_text(&evaluation, screen.out, screen.width)),
            }
            return Ok(0);
        }
        let request = self.request()?;
        let now = Clock::start().now();
        let folder = &project.root;
        let known = (&library, &advisor);
        let learned = adjustments_for(&environment.journal, folder, known, &request, now);
        let circumstances = Circumstances {
            model_billions: self.model_billions(environment, &world)?,
            adjustments: learned.unwrap_or_else(|failure| {
                let message = failure.message;
                screen.note(&format!("warning: what was learned cannot be read: {message}"));
                Adjustments::new()
            }),
        };
        let mut advice = advise(&advisor, &request, &circumstances)?;
        refine(&request, &mut advice);
        let estimate = self.estimate(&advice, environment, &world);
        let id = self.kept(&request, (&advice, estimate.as_ref()), environment, now);
        let commands = commands(&advice, id.as_deref());
        let view = AdviceView {
            request: &request,
            advice: &advice,
            id: id.as_deref(),
            estimate: estimate.as_ref(),
            commands: &commands,
        };
        match self.output.is_json() {
            true => screen.json(&advice_json(view)),
            false => {
                screen.print(&advice_text(view, screen.out, screen.width, self.explain));
            }
        }
        Ok(0)
    }

    fn request(&self) -> Result<String, Failure> {
        let written = self.request.as_deref().unwrap_or_default();
        super::options::text_or_file(written)
    }

    /// Keeps the advice. Whoever asks gets it also where that cannot be done.
    fn kept(
        &self,
        request: &str,
        said: (&Advice, Option<&Estimate>),
        environment: &Environment,
        now: Time,
    ) -> Option<String> {
        if self.no_record {
            return None;
        }
        let (journal, folder) = (&environment.journal, &environment.project.root);
        match record_advice(journal, folder, request, said, now) {
            Ok(id) => Some(id),
            Err(failure) => {
                let message = failure.message;
                environment.screen.note(&format!("warning: the advice cannot be kept: {message}"));
                None
            }
        }
    }

    /// The size of the model that would be asked, as far as somebody has named one.
    fn model_billions(
        &self,
        environment: &Environment,
        world: &WorldRequest,
    ) -> Result<Option<f64>, Failure> {
        let choice = choose_world(world, &environment.project, Intent::default())?;
        let named = self.model.clone().or(choice.setup.cluster.default_model);
        Ok(named.as_deref().and_then(model_billions))
    }

    /// What the recommended pattern would take. A pattern that does not fit the cluster is told by `partita plan`.
    fn estimate(
        &self,
        advice: &Advice,
        environment: &Environment,
        world: &WorldRequest,
    ) -> Option<Estimate> {
        let pattern = advice.pattern.as_ref()?;
        estimate_of(&environment.project, pattern, world, &environment.journal).ok()
    }
}

/// What to run next.
fn commands(advice: &Advice, id: Option<&str>) -> Vec<String> {
    let name = advice.pattern.as_ref().or(advice.coordination_pattern.as_ref());
    match (name, advice.approach) {
        (Some(name), _) => vec![
            format!("partita patterns show {name}"),
            format!("partita plan {name}"),
            format!("partita render {name}"),
            format!("partita run {name} --simulate"),
            match id {
                Some(id) => format!("partita run {name} --advice {id} -i NAME=VALUE"),
                None => format!("partita run {name} -i NAME=VALUE"),
            },
        ],
        (None, Approach::Direct) => Vec::new(),
        (None, _) => vec!["partita new pattern NAME".to_owned()],
    }
}
