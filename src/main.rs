//! The `partita` binary.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Reading documents is allocating: with the system's allocator it takes a fifth longer.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    partita::interface::cli::main()
}
