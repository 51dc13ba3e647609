//! The binary as its users start it: in an empty environment, in a folder of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a journal beside it, in which the binary is started.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Place {
        Place { folder: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// A command of the binary. Nothing of our own environment reaches it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partita"));
        command
            .args(arguments)
            .env_clear()
            .env("PARTITA_JOURNAL", self.folder.path().join("journal"))
            .env("USER", "tester")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().expect("the binary starts"))
    }
}

/// What a command wrote and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Standard output, which must be one JSON value.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn expect(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }
}

/// Simulated servers in a process of their own, which outlives runs.
pub(crate) struct Servers {
    child: Child,
    _out: BufReader<ChildStdout>,
    pub(crate) urls: Vec<String>,
}

impl Servers {
    pub(crate) fn start(place: &Place, profile: &str) -> Servers {
        place.write("servers.yaml", profile);
        let mut child = place
            .command(&["cluster", "simulate", "servers.yaml", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        let started: Value = serde_json::from_str(&line).expect("JSON");
        let servers = started["servers"].as_array().expect("servers");
        let urls = servers.iter().map(|s| s["url"].as_str().expect("a URL").to_owned()).collect();
        Servers { child, _out: out, urls }
    }

    /// The options that name these servers.
    pub(crate) fn options(&self) -> Vec<&str> {
        self.urls.iter().flat_map(|url| ["--server", url.as_str()]).collect()
    }

    /// All requests for tasks so far: task and status.
    pub(crate) fn requests(&self) -> Vec<(String, u64)> {
        let log = get(&format!("{}/simulator/requests", self.urls[0]));
        let log: Value = serde_json::from_str(&log).expect("JSON");
        let records =
            log.as_array().or_else(|| log["requests"].as_array()).expect("a list").clone();
        records
            .iter()
            .filter_map(|record| {
                Some((record["task"].as_str()?.to_owned(), record["status"].as_u64().unwrap_or(0)))
            })
            .collect()
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A page from a server of ours, over a plain socket.
pub(crate) fn get(url: &str) -> String {
    use std::io::{Read, Write};
    let rest = url.strip_prefix("http://").expect("http");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = std::net::TcpStream::connect(host).expect("a connection");
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
        .expect("sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    if !head.to_lowercase().contains("transfer-encoding: chunked") {
        return body.to_owned();
    }
    let mut whole = String::new();
    let mut rest = body;
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).expect("a size");
        if size == 0 {
            break;
        }
        whole.push_str(&after[..size]);
        rest = after[size..].trim_start_matches("\r\n");
    }
    whole
}

/// Sends a signal to a process.
pub(crate) fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "kill {name}");
}

/// Waits for a process to end, for at most a minute.
pub(crate) fn wait(mut child: Child) -> Ran {
    let begun = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the process does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
    Ran::of(child.wait_with_output().expect("its output"))
}

/// Waits until something is so, for at most a minute.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not come to this: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A file of this repository.
pub(crate) fn repository(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).display().to_string()
}
