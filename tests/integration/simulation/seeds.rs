//! Many seeds, on all cores.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many seeds are tried. `PARTITA_SEEDS=10000..20000` tries others.
const SEEDS: Range<u64> = 0..1200;

/// So many seeds are taken at a time by a thread.
const AT_A_TIME: u64 = 16;

fn seeds() -> Range<u64> {
    let given = std::env::var("PARTITA_SEEDS").ok().map(|text| {
        let (from, to) = text.split_once("..").expect("PARTITA_SEEDS=FROM..TO");
        from.parse().expect("a number")..to.parse().expect("a number")
    });
    given.unwrap_or(SEEDS)
}

/// Tries every so many-th seed. The first that fails, of those that were tried, is told with the
/// command that tries it again.
pub(super) fn for_seeds(every: u64, check: impl Fn(u64) + Sync) {
    let seeds = seeds();
    let next = AtomicU64::new(seeds.start);
    let failed: Mutex<Option<(u64, String)>> = Mutex::new(None);
    let work = || {
        loop {
            let from = next.fetch_add(AT_A_TIME, Ordering::Relaxed);
            if from >= seeds.end || failed.lock().expect("no panic inside").is_some() {
                return;
            }
            tell_progress(from, &seeds);
            for seed in from..seeds.end.min(from + AT_A_TIME) {
                // A single seed is tried whatever its number.
                if seed % every != 0 && seeds.end - seeds.start > 1 {
                    continue;
                }
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(seed))) {
                    let mut failed = failed.lock().expect("no panic inside");
                    if failed.as_ref().is_none_or(|(before, _)| seed < *before) {
                        *failed = Some((seed, words_of(&*panic)));
                    }
                    return;
                }
            }
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    if let Some((seed, words)) = failed.into_inner().expect("no panic inside") {
        let current = std::thread::current();
        let test = current.name().unwrap_or("simulation");
        panic!(
            "seed {seed}: {words}\n\ntry it again with\n  PARTITA_SEEDS={seed}..{} cargo test --test \
             integration -- --exact {test}\n",
            seed + 1
        );
    }
}

/// In a long run each twentieth of it is told.
#[expect(clippy::print_stderr, reason = "a long run says how far it is")]
fn tell_progress(from: u64, seeds: &Range<u64>) {
    let all = seeds.end - seeds.start;
    let part = (all / 20).max(1);
    let done = from - seeds.start;
    if all > 20_000 && done > 0 && done % part < AT_A_TIME {
        let current = std::thread::current();
        eprintln!("{:?}: {done} of {all} seeds", current.name().unwrap_or("simulation"));
    }
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}
