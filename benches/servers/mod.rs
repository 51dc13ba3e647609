//! Simulated servers in a process of their own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// Simulated servers in a process of their own; it ends with this.
pub(crate) struct Servers {
    process: Child,
    pub(crate) urls: Vec<String>,
}

impl Servers {
    pub(crate) fn start(simulation: &Path) -> Servers {
        let mut process = Command::new(env!("CARGO_BIN_EXE_partita"))
            .args(["cluster", "simulate", "--json"])
            .arg(simulation)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("simulated servers");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let told: Value = serde_json::from_str(&line).expect("JSON");
        let urls = told["servers"].as_array().expect("servers").iter();
        let urls = urls.map(|server| server["url"].as_str().expect("an address").to_owned());
        Servers { urls: urls.collect(), process }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
