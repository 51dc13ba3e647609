//! `partita cluster`

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;

use super::CommandResult;
use super::environment::Environment;
use super::options::{Output, Servers};
use super::run::runtime;
use super::signals::Signals;
use crate::interface::app::{
    Failure, FailureKind, Intent, SimulatedServers, WorldRequest, choose_world,
};
use crate::interface::report::{cluster_json, cluster_text};
use crate::runtime::cluster::{Client, ServerReport, survey};

/// How long a server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Look at the servers, or start simulated ones
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partita cluster status
  partita cluster status --server http://gpu1:11434 --json
  partita cluster simulate
  partita cluster simulate rehearsal.yaml --servers 4")]
pub(super) struct Cluster {
    #[command(subcommand)]
    command: ClusterCommand,
}

#[derive(Debug, Subcommand)]
enum ClusterCommand {
    Status(Status),
    Simulate(Simulate),
}

/// Show which servers answer, which models they have and which they have loaded
#[derive(Debug, Args)]
#[command(after_help = "Exits with 3 when no server can be reached.")]
struct Status {
    #[command(flatten)]
    servers: Servers,

    #[command(flatten)]
    output: Output,
}

/// Start simulated Ollama servers on the loopback interface, until Ctrl-C
///
/// They speak Ollama's protocol and invent their answers; anything that talks to Ollama can talk
/// to them.
#[derive(Debug, Args)]
struct Simulate {
    /// How they behave: a simulation file
    file: Option<PathBuf>,

    /// How many, instead of those in the file
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    servers: Option<u16>,

    /// The first one's port; the others follow [default: free ones]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,

    /// What every invented answer follows from
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    #[command(flatten)]
    output: Output,
}

impl Cluster {
    pub(super) fn is_json(&self) -> bool {
        match &self.command {
            ClusterCommand::Status(status) => status.output.is_json(),
            ClusterCommand::Simulate(simulate) => simulate.output.is_json(),
        }
    }

    pub(super) fn execute(&self, environment: &Environment) -> CommandResult {
        match &self.command {
            ClusterCommand::Status(status) => status.execute(environment),
            ClusterCommand::Simulate(simulate) => simulate.execute(environment),
        }
    }
}

impl Status {
    fn execute(&self, environment: &Environment) -> CommandResult {
        let request = self.servers.request(environment);
        if request.simulate || request.simulation.is_some() {
            let message = "simulated servers have no status before they are started";
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("start some with `partita cluster simulate`, then name them with --server"));
        }
        let choice = choose_world(&request, &environment.project, Intent::default())?;
        let servers = Client::new()?.with_cloud_models().servers_of(&choice.setup.cluster);
        let runtime = runtime()?;
        let reports = runtime.block_on(async {
            let mut reports = survey(&servers, TIMEOUT).await;
            for (server, report) in servers.iter().zip(&mut reports) {
                for model in report.models.iter_mut().flatten() {
                    server.describe(model, TIMEOUT).await;
                }
            }
            reports
        });
        let screen = &environment.screen;
        if self.output.is_json() {
            screen.json(&cluster_json(&reports));
        } else {
            screen.print(&cluster_text(&reports, screen.out));
        }
        if reports.iter().any(ServerReport::is_up) {
            return Ok(0);
        }
        screen.note(&format!("these servers come from {}", choice.by));
        Ok(FailureKind::NoServer.exit_code())
    }
}

impl Simulate {
    fn execute(&self, environment: &Environment) -> CommandResult {
        let request = WorldRequest {
            simulate: true,
            simulation: self.file.clone(),
            seed: self.seed,
            ..WorldRequest::default()
        };
        let choice = choose_world(&request, &environment.project, Intent::default())?;
        let mut profile = choice.setup.simulation.unwrap_or_default();
        if let Some(count) = self.servers {
            profile.set_server_count(usize::from(count));
        }
        if let Some(first) = self.port {
            for (server, offset) in profile.servers.iter_mut().zip(0..) {
                let port = first.checked_add(offset).ok_or_else(|| {
                    let message = "there are no more ports above 65535";
                    Failure::new(FailureKind::Usage, message).hint("begin with a lower --port")
                })?;
                server.port = Some(port);
            }
        }
        let cluster = SimulatedServers::start(profile)?;
        let screen = &environment.screen;
        if self.output.is_json() {
            let servers: Vec<_> = cluster
                .servers()
                .iter()
                .map(|s| json!({ "name": s.name, "url": s.url, "models": s.models }))
                .collect();
            screen.line(&json!({ "simulated": true, "servers": servers }).to_string());
        } else {
            screen.line("SIMULATED Ollama servers: no model is asked, every answer is invented");
            for server in cluster.servers() {
                screen.line(&format!("  {}  {}", server.name, server.url));
            }
            screen.line("Ctrl-C stops them");
        }
        runtime()?.block_on(async { Signals::register().next().await });
        cluster.shutdown();
        Ok(0)
    }
}
