//! Where a run is to take place: which servers, real or simulated, and on whose word.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::budgets::BudgetChange;
use super::definition::Definition;
use super::failure::{Failure, FailureKind};

use super::project::Project;
use crate::engine::full_name;
use crate::language::diagnostic::Severity;
use crate::language::document::simulation::{Profile, SimulatedModel};
use crate::language::document::{
    Body, ClusterReference, ClusterSettings, Document, Expectation, Library,
};
use crate::language::plan::Plan;
use crate::runtime::cluster::server_url;
use crate::runtime::journal::Setup;
use crate::runtime::workspace::read_document;

/// Where Ollama listens unless it is told otherwise.
pub(super) const LOCAL: &str = "http://127.0.0.1:11434";

/// What somebody says about where a run takes place.
#[derive(Debug, Clone, Default)]
pub struct WorldRequest {
    /// Rehearse with simulated servers.
    pub simulate: bool,
    /// How they behave: a file.
    pub simulation: Option<PathBuf>,
    /// A cluster file.
    pub cluster: Option<PathBuf>,
    /// Servers.
    pub servers: Vec<String>,
    /// The model of tasks that name none.
    pub model: Option<String>,
    /// What every task's seed follows from.
    pub seed: Option<u64>,
    /// What the environment says (`OLLAMA_HOST`).
    pub ollama_host: Option<String>,
}

/// What is to run, as far as it says where.
#[derive(Debug, Clone, Copy, Default)]
pub struct Intent<'a> {
    /// What is run.
    pub plan: Option<&'a Plan>,
    /// The cluster that its pipeline names.
    pub cluster: Option<&'a ClusterReference>,
    /// How its pipeline wants to be rehearsed.
    pub simulation: Option<&'a Profile>,
    /// The folder of its file.
    pub folder: Option<&'a Path>,
}

impl<'a> Intent<'a> {
    /// A definition, with the folder of its file.
    pub fn of(definition: &'a Definition, folder: Option<&'a Path>) -> Intent<'a> {
        Intent {
            plan: Some(definition.plan()),
            cluster: definition.cluster(),
            simulation: definition.simulation(),
            folder,
        }
    }
}

/// The servers that were chosen, and on whose word.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What it takes to go on with the run.
    pub setup: Setup,
    /// Who chose: a flag, a file, the environment, nobody.
    pub by: String,
    /// How budgets are to be different from those of the setup and the plan.
    pub budgets: Vec<BudgetChange>,
}

/// Chooses the servers: flags first, then what the pipeline says, then `cluster.yaml`, then the
/// environment, then the local port. Nothing is simulated unless it is asked for.
///
/// # Errors
/// When a file or an address cannot be read, or flags contradict each other.
pub fn choose_world(
    request: &WorldRequest,
    project: &Project,
    intent: Intent<'_>,
) -> Result<Choice, Failure> {
    let chosen = |cluster, by: &str| Choice {
        setup: Setup {
            model: request.model.clone(),
            seed: request.seed,
            ..Setup::of_cluster(cluster)
        },
        by: by.to_owned(),
        budgets: Vec::new(),
    };
    if request.simulate || request.simulation.is_some() {
        if !request.servers.is_empty() || request.cluster.is_some() {
            let message = "--simulate starts servers of its own and takes no others";
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("leave out --server and --cluster, or leave out --simulate"));
        }
        let written = match &request.simulation {
            Some(path) => Some(read_profile(path)?),
            None => intent.simulation.cloned(),
        };
        let cluster = match intent.cluster {
            Some(reference) => own_cluster(reference, intent.folder)?.0,
            None => ClusterSettings::of_urls([]),
        };
        let mut profile = written.unwrap_or_else(|| {
            let models = [request.model.as_deref(), cluster.default_model.as_deref()];
            profile_of(intent.plan, models.into_iter().flatten())
        });
        if let Some(seed) = request.seed {
            profile.seed = seed;
        }
        let mut choice = chosen(cluster, "--simulate");
        choice.setup.simulation = Some(profile);
        return Ok(choice);
    }
    if !request.servers.is_empty() {
        let urls = request.servers.iter().map(|written| server_url(written));
        let urls: Vec<String> = urls.collect::<Result<_, _>>()?;
        let mut cluster = match &request.cluster {
            Some(path) => read_cluster(path)?,
            None => ClusterSettings::of_urls([]),
        };
        cluster.servers = ClusterSettings::of_urls(urls).servers;
        return Ok(chosen(cluster, "--server"));
    }
    if let Some(path) = &request.cluster {
        return Ok(chosen(read_cluster(path)?, &format!("--cluster {}", path.display())));
    }
    if let Some(reference) = intent.cluster {
        let (cluster, by) = own_cluster(reference, intent.folder)?;
        return Ok(chosen(cluster, &by));
    }
    let own = project.shown(Path::new("cluster.yaml"));
    if own.is_file() {
        return Ok(chosen(read_cluster(&own)?, &own.display().to_string()));
    }
    match request.ollama_host.as_deref().filter(|host| !host.trim().is_empty()) {
        Some(host) => {
            let url = server_url(host)?;
            Ok(chosen(ClusterSettings::of_urls([url]), "OLLAMA_HOST"))
        }
        None => {
            let cluster = ClusterSettings::of_urls([LOCAL.to_owned()]);
            Ok(chosen(cluster, "the default, the port on which Ollama listens"))
        }
    }
}

/// The cluster of a pipeline, and what says so.
fn own_cluster(
    reference: &ClusterReference,
    folder: Option<&Path>,
) -> Result<(ClusterSettings, String), Failure> {
    match reference {
        ClusterReference::Inline(settings) => {
            let mut settings = with_urls(settings.as_ref().clone())?;
            // Only a file of whoever runs it says which programs it may run.
            settings.commands = None;
            Ok((settings, "the pipeline".to_owned()))
        }
        ClusterReference::File(name) => {
            let path = folder.unwrap_or(Path::new("")).join(name);
            Ok((read_cluster(&path)?, path.display().to_string()))
        }
    }
}

/// Simulated servers on which a plan can be rehearsed: they have what it asks for.
fn profile_of<'a>(plan: Option<&'a Plan>, models: impl Iterator<Item = &'a str>) -> Profile {
    let mut profile = Profile::default();
    let asked = plan.into_iter().flat_map(Plan::asks).flat_map(|(_, ask)| ask.models()).flatten();
    for name in asked.chain(models).map(full_name) {
        if !profile.models.iter().any(|known| known.name == name) {
            profile.models.push(SimulatedModel { name, ..SimulatedModel::default() });
        }
    }
    let agents = plan.into_iter().flat_map(|plan| &plan.agents);
    let tags: BTreeSet<&String> = agents.flat_map(|agent| &agent.requires).collect();
    for server in &mut profile.servers {
        server.tags = tags.iter().map(|tag| (*tag).clone()).collect();
    }
    profile
}

fn read_cluster(path: &Path) -> Result<ClusterSettings, Failure> {
    match read_body(path)? {
        Body::Cluster(document) => with_urls(document.cluster),
        _ => Err(Failure::new(
            FailureKind::Usage,
            format!("{} is not a cluster file", path.display()),
        )),
    }
}

fn read_profile(path: &Path) -> Result<Profile, Failure> {
    match read_body(path)? {
        Body::Simulation(document) => Ok(document.simulation),
        _ => Err(Failure::new(
            FailureKind::Usage,
            format!("{} is not a simulation file", path.display()),
        )),
    }
}

fn with_urls(mut settings: ClusterSettings) -> Result<ClusterSettings, Failure> {
    for server in &mut settings.servers {
        server.url = server_url(&server.url)?;
    }
    Ok(settings)
}

/// The content of a file that must be a document without fault.
fn read_body(path: &Path) -> Result<Body, Failure> {
    let library = Library::of_files([read_document(path, Expectation::Named)]);
    let faulty = library.diagnostics().iter().any(|found| found.severity == Severity::Error);
    let body = library.documents().next().and_then(Document::body);
    match body.filter(|_| !faulty) {
        Some(body) => Ok(body.clone()),
        None => Err(Failure::new(
            FailureKind::Failed,
            format!("{} cannot be used as it is", path.display()),
        )
        .with_diagnostics(library.sources(), library.diagnostics().to_vec())),
    }
}
