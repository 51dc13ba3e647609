//! The `partita` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    partita::interface::cli::main()
}
