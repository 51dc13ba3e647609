//! Simulated servers with threads of their own: whoever asks them holds them up no more than it would
//! real ones.

use tokio::runtime::Runtime;

use super::failure::{Failure, FailureKind};
use crate::language::document::ServerEntry;
use crate::language::document::simulation::Profile;
use crate::runtime::simulator::{RunningServer, SimulatedCluster};

/// Simulated servers that are running.
pub struct SimulatedServers {
    cluster: SimulatedCluster,
    threads: Runtime,
}

impl SimulatedServers {
    /// Starts the servers of a profile.
    ///
    /// # Errors
    /// When the profile asks for something that cannot be, or a port is taken.
    pub fn start(profile: Profile) -> Result<SimulatedServers, Failure> {
        let cannot = |reason: String| {
            let message = format!("simulated servers cannot be started: {reason}");
            Failure::new(FailureKind::Failed, message)
        };
        let threads = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| cannot(error.to_string()))?;
        let cluster = threads
            .block_on(SimulatedCluster::start(profile))
            .map_err(|error| cannot(error.to_string()))?;
        Ok(SimulatedServers { cluster, threads })
    }

    /// The servers, in the profile's order.
    pub fn servers(&self) -> &[RunningServer] {
        self.cluster.servers()
    }

    /// The servers as a cluster file would list them.
    pub fn entries(&self, profile: &Profile) -> Vec<ServerEntry> {
        let servers = self.servers().iter().zip(&profile.servers);
        servers
            .map(|(running, settings)| ServerEntry {
                name: Some(running.name.clone()),
                url: running.url.clone(),
                slots: running.slots,
                max_models: settings.max_loaded_models,
                tags: settings.tags.clone(),
                weight: settings.speed,
            })
            .collect()
    }

    /// Ends all connections and waits until everything has stopped.
    pub fn shutdown(self) {
        self.threads.block_on(self.cluster.shutdown());
    }
}
