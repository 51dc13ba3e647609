//! What advice costs in a library of 500 patterns of somebody else, beside the limit of 20 ms.
//!
//! `cargo bench --bench advice` prints a table; `-- 1000` takes another number of patterns. With
//! `-- check` it ends with 1 where advice takes longer than the limit.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures and prints"
)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use partita::insight::advisor::{Advisor, Circumstances, Profile};
use partita::interface::app::{profiles_of, vocabularies_of};
use partita::language::document::Library;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LIMIT: Duration = Duration::from_millis(20);
const TIMES: u32 = 50;

const REQUESTS: [&str; 4] = [
    "Fix the typo in this sentence.",
    "Our payment system was down for three hours; write the review without blaming anybody.",
    "We bring a new product to market in October. Marketing, sales, support, legal and production have to be ready on the \
     same day, the board decides go or no-go two weeks before, and if it is no, somebody has to tell the shops. I want each \
     department's position with gaps and risks, and one plan.",
    "Wir ziehen im Juni in ein neues Gebäude um und brauchen einen Plan.",
];

fn main() -> ExitCode {
    let number = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(500);
    let is_check = std::env::args().any(|word| word == "check");
    let library = Library::of_files([]).with_builtins();
    let own = profiles_of(&library);
    let many: Vec<Profile> = (0..number)
        .map(|place| {
            let like = &own[place % own.len()];
            Profile {
                name: format!("{}_{place}", like.name),
                requests: like
                    .requests
                    .iter()
                    .map(|one| format!("{one} Case k{place}x."))
                    .collect(),
                ..like.clone()
            }
        })
        .collect();
    let vocabulary = vocabularies_of(&library);
    let began = Instant::now();
    let advisor = Advisor::new(many, &vocabulary);
    println!("{number} patterns made ready in {:.1} ms", milliseconds(began.elapsed()));
    let mut slowest = Duration::ZERO;
    for request in REQUESTS {
        let began = Instant::now();
        for _ in 0..TIMES {
            let advice = advisor.advise(request, &Circumstances::default());
            assert!(advice.is_ok(), "{request}");
        }
        let took = began.elapsed() / TIMES;
        slowest = slowest.max(took);
        let ratio = took.as_secs_f64() / LIMIT.as_secs_f64();
        println!("{:>8.2} ms  {ratio:>5.2} of the limit  {:.60}", milliseconds(took), request);
    }
    ExitCode::from(u8::from(is_check && slowest > LIMIT))
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
