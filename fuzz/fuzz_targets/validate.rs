//! The bytes of a file through everything that `partita validate` and `partita plan` do with them.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/integration/pipeline.rs"]
mod pipeline;

fuzz_target!(|bytes: &[u8]| {
    pipeline::run(bytes);
});
