//! Where output goes.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::interface::app::Failure;
use crate::interface::report::{Look, Paint, diagnostics_json, diagnostics_text};

/// Standard output and standard error with their looks. Somebody may close either at any time;
/// that is no failure of ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    pub(super) out: Paint,
    pub(super) err: Paint,
    pub(super) width: usize,
}

impl Screen {
    /// Writes to standard output.
    pub(super) fn print(&self, text: &str) {
        let mut out = io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Writes a line to standard output.
    pub(super) fn line(&self, text: &str) {
        self.print(&format!("{text}\n"));
    }

    /// Writes a line to standard error.
    pub(super) fn note(&self, text: &str) {
        let mut err = io::stderr().lock();
        let _ = err.write_all(format!("{text}\n").as_bytes()).and_then(|()| err.flush());
    }

    /// Writes a value to standard output as JSON.
    pub(super) fn json(&self, value: &Value) {
        let mut out = io::BufWriter::new(io::stdout().lock());
        let written = serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from);
        let _ = written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
    }

    /// Says why a command could not do what it was asked.
    pub(super) fn failure(&self, failure: &Failure) {
        if let Some(found) = &failure.diagnostics {
            let look = Look { colour: self.err.colour, width: self.width };
            self.note(diagnostics_text(&found.0, &found.1, look).trim_end());
        }
        self.note(&format!("{} {}", self.err.bad("error:"), failure.message));
        for hint in &failure.hints {
            self.note(&format!("  {hint}"));
        }
    }
}

/// A failure as machine output has it.
pub(super) fn failure_json(failure: &Failure) -> Value {
    let diagnostics = failure
        .diagnostics
        .as_ref()
        .map(|found| diagnostics_json(&found.0, &found.1))
        .unwrap_or_else(|| json!([]));
    json!({
        "error": {
            "message": failure.message,
            "hints": failure.hints,
            "diagnostics": diagnostics,
            "exit_code": failure.kind.exit_code(),
        },
    })
}
