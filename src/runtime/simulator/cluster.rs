//! A set of simulated servers, from start to shutdown.

use std::io;
use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::language::document::HumanDuration;
use crate::language::document::simulation::{Profile, SimulatedModel};

use super::clock::Clock;
use super::connection;
use super::faults::{FaultBook, Matcher};
use super::listener::Port;
use super::log::{Log, RequestRecord};
use super::models::Catalogue;
use super::names::ModelName;
use super::observe::Observed;
use super::profile::{self, ProfileError};
use super::routes;
use super::server::{Server, Shared};
use super::statistics::ServerStatistics;

/// Why simulated servers cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The profile asks for something that cannot be. The author's fault.
    #[error("the simulation profile cannot be used: {0}")]
    Profile(#[from] ProfileError),
    /// A port cannot be opened: mostly because another program has it.
    #[error("the simulated server `{server}` cannot listen on 127.0.0.1 port {port}: {source}")]
    Port {
        /// The server's name.
        server: String,
        /// The port that was asked for; 0 is any free one.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The system gives no thread for the clock.
    #[error("the clock of the simulated servers cannot be started: {0}")]
    Clock(#[source] io::Error),
}

/// Simulated Ollama servers on ports of the loopback interface.
///
/// They run until [`shutdown`](SimulatedCluster::shutdown) or until this is dropped.
pub struct SimulatedCluster {
    running: Vec<RunningServer>,
    observed: Arc<Observed>,
    tasks: Vec<JoinHandle<()>>,
}

/// One server of a running cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningServer {
    /// Its name in the profile.
    pub name: String,
    /// Where it listens, without a slash at the end: `http://127.0.0.1:41234`.
    pub url: String,
    /// Its port.
    pub port: u16,
    /// Slots of each loaded model.
    pub slots: u32,
    /// What `/api/version` says.
    pub version: String,
    /// The names of its models.
    pub models: Vec<String>,
}

impl SimulatedCluster {
    /// Opens the ports of all servers of a profile and begins to serve, on the runtime that this
    /// is called on.
    pub async fn start(profile: Profile) -> Result<SimulatedCluster, StartError> {
        let checked = profile::check(&profile)?;
        let clock = Clock::start(profile.time_scale).map_err(StartError::Clock)?;
        let library: Vec<(ModelName, SimulatedModel)> = checked.iter().flatten().cloned().collect();
        let shared = Arc::new(Shared {
            clock: Arc::new(clock),
            seed: profile.seed,
            answers: profile
                .answers
                .iter()
                .map(|rule| (Matcher::new(&rule.matches), rule.clone()))
                .collect(),
            faults: FaultBook::new(&profile.faults),
            log: Log::new(profile.servers.len()),
            library: Catalogue::new(&library),
        });
        let mut servers = Vec::new();
        for (place, settings) in profile.servers.iter().enumerate() {
            let wanted = settings.port.unwrap_or(0);
            let port = Port::open(wanted, shared.clock.now()).await.map_err(|source| {
                StartError::Port { server: settings.name.clone(), port: wanted, source }
            })?;
            let server = Server::new(place, &profile, &checked[place], port, &shared);
            servers.push(Arc::new(server));
        }
        let observed = Arc::new(Observed { name: profile.name, servers, shared });
        Ok(SimulatedCluster {
            running: observed.servers.iter().map(|server| running(server)).collect(),
            tasks: observed.servers.iter().map(|server| serve(server, &observed)).collect(),
            observed,
        })
    }

    /// The profile's name.
    pub fn name(&self) -> Option<&str> {
        self.observed.name.as_deref()
    }

    /// The servers, in the profile's order.
    pub fn servers(&self) -> &[RunningServer] {
        &self.running
    }

    /// All requests, in order of arrival. The last 100,000 are remembered.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.observed.requests()
    }

    /// What each server has done, in the profile's order.
    pub fn statistics(&self) -> Vec<ServerStatistics> {
        self.observed.statistics()
    }

    /// Forgets the log, the statistics, what fault rules have counted and what slots remember of
    /// prompts; unloads every idle model.
    pub fn reset(&self) {
        self.observed.reset();
    }

    /// Takes a server down as the fault does: it drops all connections and refuses new ones, for
    /// a simulated duration or until [`bring_up`](SimulatedCluster::bring_up). False if there is
    /// no server of this name.
    pub fn take_down(&self, name: &str, duration: Option<HumanDuration>) -> bool {
        let clock = &self.observed.shared.clock;
        let until = duration.map(|duration| clock.now() + clock.real(duration.0));
        self.on_port(name, |port| port.go_down(until))
    }

    /// Ends the outage of a server, soon. False if there is no server of this name.
    pub fn bring_up(&self, name: &str) -> bool {
        let now = self.observed.shared.clock.now();
        self.on_port(name, |port| port.come_up(now))
    }

    fn on_port(&self, name: &str, change: impl FnOnce(&Port)) -> bool {
        let mut servers = self.observed.servers.iter();
        let found = servers.find(|server| server.settings.name == name);
        found.map(|server| change(&server.port)).is_some()
    }

    /// Ends all connections, closes the ports and waits until everything has stopped.
    pub async fn shutdown(mut self) {
        self.close();
        for task in std::mem::take(&mut self.tasks) {
            // A task that was cancelled with its runtime has stopped as well.
            let _ = task.await;
        }
    }

    fn close(&self) {
        for server in &self.observed.servers {
            server.port.close();
        }
    }
}

impl Drop for SimulatedCluster {
    fn drop(&mut self) {
        self.close();
    }
}

fn running(server: &Server) -> RunningServer {
    let address = server.port.address();
    let models = server.catalogue.all();
    RunningServer {
        name: server.settings.name.clone(),
        url: format!("http://{address}"),
        port: address.port(),
        slots: server.settings.slots,
        version: server.settings.version.clone(),
        models: models.iter().map(|model| model.name.to_string()).collect(),
    }
}

fn serve(server: &Arc<Server>, observed: &Arc<Observed>) -> JoinHandle<()> {
    let router = routes::router(server.clone(), observed.clone());
    let local = server.port.address();
    let clock = observed.shared.clock.clone();
    tokio::spawn(
        server
            .port
            .clone()
            .run(clock, move |stream| connection::serve(stream, local, router.clone())),
    )
}
