//! `partita compare`

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::CommandResult;
use super::environment::Environment;
use super::run::WorkOptions;
use crate::interface::app::{
    ContestRequest, Failure, Given, Intent, StartRequest, choose_world, contest, guidance_of,
    no_learnings, read_inputs_file,
};

/// Compare a pattern with one plain call, or with another pattern, on the same inputs
///
/// Both sides do the same work, pair by pair. A judge compares the two results without knowing whose they
/// are, in both orders; a verdict that turns with the order counts for neither. Said are who was better
/// how often and how sure that is, and what each side took in tokens and time for a result.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita compare bug_fix_sprint --simulate              on the inputs of the pattern's cases
  partita compare debate -i question=\"Rent or buy?\" --trials 10
  partita compare research --inputs a.yaml --inputs b.yaml --judge-model qwen3:32b
  partita compare council_with_chair --baseline debate --trials 20
  partita compare research --criteria \"Which one would you act on?\" --json

A comparison is a run like any other: `partita show`, `resume` and `runs` know it.
Exits with 0 whoever is better: read `comparison.preference` of the JSON in CI.")]
pub(super) struct Compare {
    /// The name or the file of a pattern
    name: String,

    /// What it is compared with: `single`, one call that is told everything at once, or a pattern with
    /// the same inputs
    #[arg(long, value_name = "NAME", default_value = "single")]
    baseline: String,

    /// An input; may be given several times. A value @FILE is read from the file
    #[arg(short, long = "input", value_name = "NAME=VALUE")]
    input: Vec<String>,

    /// A YAML or JSON file of inputs; each makes a pair [default: the inputs of the pattern's cases]
    #[arg(long, value_name = "FILE")]
    inputs: Vec<PathBuf>,

    /// How often each set of inputs is tried
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1000))]
    trials: u32,

    /// How many pairs are under way at a time; with more than one, times are not those of a quiet cluster
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1000))]
    parallel: u32,

    /// What makes a result better: a template, which can read `inputs` [default: what the pattern is for]
    #[arg(long, value_name = "TEXT")]
    criteria: Option<String>,

    /// The model of the plain call [default: --model]
    #[arg(long, value_name = "NAME")]
    single_model: Option<String>,

    /// The model of the judge, best one that neither side uses [default: --model]
    #[arg(long, value_name = "NAME")]
    judge_model: Option<String>,

    #[command(flatten)]
    pub(super) work: WorkOptions,
}

impl Compare {
    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        let project = &environment.project;
        let inputs = self.given()?;
        let request = ContestRequest {
            contender: &self.name,
            baseline: &self.baseline,
            inputs: &inputs,
            trials: self.trials,
            parallel: self.parallel,
            criteria: self.criteria.as_deref(),
            single_model: self.single_model.as_deref(),
            judge_model: self.judge_model.as_deref(),
        };
        let contest = contest(project, &request)?;
        let plan = &contest.loaded.compiled.plan;
        let decisions = self.work.watch(environment).decisions(plan)?;
        let folder = contest.loaded.folder.as_deref();
        let intent = Intent { plan: Some(plan), cluster: None, simulation: None, folder };
        let choice = choose_world(&self.work.servers.request(environment), project, intent)?;
        let guidance = Some(guidance_of(plan, &contest.loaded.library, &no_learnings)?);
        let (plan, inputs) = (Arc::new(contest.loaded.compiled.plan), contest.inputs);
        // What is compared is no work of the project.
        let request = StartRequest { guidance, ..StartRequest::of(plan, inputs, choice) };
        self.work.start(request, decisions, environment)
    }

    /// Each file with the single inputs over it, or these alone.
    fn given(&self) -> Result<Vec<Given>, Failure> {
        let with = |file| Given { file, single: self.input.clone() };
        if self.inputs.is_empty() {
            let alone = (!self.input.is_empty()).then(|| with(serde_json::Map::new()));
            return Ok(alone.into_iter().collect());
        }
        self.inputs.iter().map(|path| read_inputs_file(path).map(with)).collect()
    }
}
