//! Where a run takes place: which servers, which model, real or simulated.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::runtime::Handle;

use super::failure::{Failure, FailureKind};
use super::project::Project;
use crate::language::diagnostic::Severity;
use crate::language::document::simulation::Profile;
use crate::language::document::suggest::nearest;
use crate::language::document::{
    Body, ClusterReference, ClusterSettings, Document, Expectation, Library, ServerEntry,
};
use crate::language::plan::{Compiled, Plan, Work};
use crate::runtime::cluster::{
    Client, ModelChoice, Ollama, ServerReport, choose_model, server_url, survey,
};
use crate::runtime::journal::Setup;
use crate::runtime::simulator::SimulatedCluster;
use crate::runtime::workspace::read_document;

/// How long a server may take to say that it is there.
const SURVEY_TIMEOUT: Duration = Duration::from_secs(5);

/// Where Ollama listens unless it is told otherwise.
const LOCAL: &str = "http://127.0.0.1:11434";

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

/// The servers that were chosen, and on whose word.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What it takes to go on with the run.
    pub setup: Setup,
    /// Who chose: a flag, a file, the environment, nobody.
    pub by: String,
}

/// Where a run takes place.
pub struct World {
    /// What it takes to go on with the run; the addresses of simulated servers are those of now.
    pub setup: Setup,
    /// The HTTP client.
    pub client: Client,
    /// What was seen of the servers, in their order.
    pub reports: Vec<ServerReport>,
    /// The model of tasks that name none.
    pub model: ModelChoice,
    /// The simulated servers; they stop with it.
    pub simulated: Option<SimulatedCluster>,
}

/// Chooses the servers: flags first, then what the pipeline says, then `cluster.yaml`, then the
/// environment, then the local port. Nothing is simulated unless it is asked for.
///
/// # Errors
/// When a file or an address cannot be read, or flags contradict each other.
pub fn choose_world(
    request: &WorldRequest,
    project: &Project,
    compiled: Option<&Compiled>,
    folder: Option<&Path>,
) -> Result<Choice, Failure> {
    let chosen = |cluster, by: &str| Choice {
        setup: Setup {
            model: request.model.clone(),
            seed: request.seed,
            ..Setup::of_cluster(cluster)
        },
        by: by.to_owned(),
    };
    if request.simulate || request.simulation.is_some() {
        if !request.servers.is_empty() || request.cluster.is_some() {
            let message = "--simulate starts servers of its own and takes no others";
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("leave out --server and --cluster, or leave out --simulate"));
        }
        let mut profile = match &request.simulation {
            Some(path) => read_profile(path)?,
            None => compiled.and_then(|c| c.simulation.clone()).unwrap_or_default(),
        };
        if let Some(seed) = request.seed {
            profile.seed = seed;
        }
        let mut choice = chosen(ClusterSettings::of_urls([]), "--simulate");
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
    match compiled.and_then(|compiled| compiled.cluster.as_ref()) {
        Some(ClusterReference::Inline(settings)) => {
            return Ok(chosen(with_urls(settings.clone())?, "the pipeline"));
        }
        Some(ClusterReference::File(name)) => {
            let path = folder.unwrap_or(Path::new("")).join(name);
            return Ok(chosen(read_cluster(&path)?, &path.display().to_string()));
        }
        None => {}
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
            Ok(chosen(cluster, "nobody: this is the local port"))
        }
    }
}

impl World {
    /// Starts simulated servers where they are asked for, looks at all servers, and settles the
    /// model.
    ///
    /// # Errors
    /// When no server can be reached, or none has a model.
    pub fn open(choice: Choice, tokio: &Handle) -> Result<World, Failure> {
        let Choice { mut setup, by } = choice;
        let simulated = match &setup.simulation {
            Some(profile) => Some(tokio.block_on(start_simulation(profile, &mut setup.cluster))?),
            None => None,
        };
        let client = Client::new()?;
        let servers: Vec<Ollama> = setup
            .cluster
            .servers
            .iter()
            .map(|entry| client.server(entry.name.as_deref().unwrap_or(&entry.url), &entry.url))
            .collect();
        let reports = tokio.block_on(survey(&servers, SURVEY_TIMEOUT));
        if !reports.iter().any(ServerReport::is_up) {
            return Err(no_server(&reports, &by));
        }
        setup.simulated_servers = reports.iter().any(|report| report.is_simulated);
        let named = setup.model.clone().or_else(|| setup.cluster.default_model.clone());
        let model = match named {
            Some(name) => ModelChoice { name, reason: "named".to_owned() },
            None => choose_model(&reports, setup.cluster.egress.cloud_models)
                .ok_or_else(|| no_model(&reports))?,
        };
        Ok(World { setup, client, reports, model, simulated })
    }
}

async fn start_simulation(
    profile: &Profile,
    cluster: &mut ClusterSettings,
) -> Result<SimulatedCluster, Failure> {
    let simulated = SimulatedCluster::start(profile.clone()).await.map_err(|error| {
        Failure::new(FailureKind::Failed, format!("simulated servers cannot be started: {error}"))
    })?;
    cluster.servers = simulated
        .servers()
        .iter()
        .zip(&profile.servers)
        .map(|(running, settings)| ServerEntry {
            name: Some(running.name.clone()),
            url: running.url.clone(),
            slots: running.slots,
            max_models: settings.max_loaded_models,
            tags: Vec::new(),
            weight: settings.speed,
        })
        .collect();
    Ok(simulated)
}

fn no_server(reports: &[ServerReport], by: &str) -> Failure {
    let failure = Failure::new(FailureKind::NoServer, "no Ollama server can be reached");
    let failure = reports.iter().fold(failure, |failure, report| {
        let trouble = report.trouble.as_deref().unwrap_or_default();
        failure.hint(format!("tried {}: {trouble}", report.url))
    });
    failure
        .hint(format!("these servers were chosen by {by}"))
        .hint("start one with `ollama serve`, or name one with --server URL or in cluster.yaml")
        .hint("or rehearse without any model: add --simulate")
}

fn no_model(reports: &[ServerReport]) -> Failure {
    let names: Vec<&str> = reports.iter().filter(|r| r.is_up()).map(|r| r.url.as_str()).collect();
    Failure::new(FailureKind::Failed, format!("no model that can chat is on {}", names.join(", ")))
        .hint("pull one there, for example `ollama pull llama3.1:8b`, or name one with --model")
}

/// Whether every model that a plan names is on some server, as far as servers say.
///
/// # Errors
/// With the tasks and the nearest names where one is not.
pub fn check_models(plan: &Plan, world: &World) -> Result<(), Failure> {
    let up = || world.reports.iter().filter(|report| report.is_up());
    if world.reports.iter().any(|report| !report.is_up() || report.models.is_none()) {
        // Some server may have it and cannot say so now.
        return Ok(());
    }
    let have: Vec<&str> =
        up().flat_map(|r| r.models.iter().flatten()).map(|model| model.name.as_str()).collect();
    for task in &plan.tasks {
        let Work::Ask(ask) = &task.work else { continue };
        let wanted = ask.model.as_deref().unwrap_or(&world.model.name);
        let full =
            if wanted.contains(':') { wanted.to_owned() } else { format!("{wanted}:latest") };
        if !have.iter().any(|name| name.eq_ignore_ascii_case(&full)) {
            let message = format!("no server has the model `{wanted}`, which `{}` asks", task.path);
            let failure = Failure::new(FailureKind::Failed, message);
            let failure = match nearest(wanted, have.iter().copied()) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint(format!("there is {}", have.join(", "))),
            };
            return Err(failure.hint(format!("or pull it: `ollama pull {wanted}`")));
        }
    }
    Ok(())
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
