//! The same work for several things at once, on as many threads as the machine has cores.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Less text than this for a thread, in bytes, is not worth starting it.
const LEAST_SHARE: usize = 32 * 1024;

/// As much as the main thread has: parsers recurse, within the limits of their modules.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// Does the work for every item; the results are in the order of the items. `size` says about how
/// much text is behind an item, in bytes.
pub(crate) fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    size: impl Fn(&T) -> usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let shares = items.iter().map(size).sum::<usize>() / LEAST_SHARE;
    // How many cores there are is a question to the system, and most projects are small.
    let threads = if shares < 2 { 1 } else { shares.min(cores()) };
    on_threads(items, threads, work)
}

/// The same where every item is worth a thread.
pub(crate) fn on_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    on_threads(items, cores(), work)
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// The same on so many threads, for work that waits for something else than this machine.
pub(crate) fn on_threads<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let threads = threads.min(items.len());
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take_some = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(place) else {
                return done;
            };
            done.push((place, work(item)));
        }
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        // A thread that cannot be started leaves its share to the others.
        let helpers: Vec<_> = (1..threads)
            .filter_map(|_| {
                thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, take_some).ok()
            })
            .collect();
        let mut done = take_some();
        for helper in helpers {
            match helper.join() {
                Ok(results) => done.extend(results),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_their_order() {
        for count in [0, 1, 7, 1000] {
            let items: Vec<usize> = (0..count).collect();
            for size in [0, LEAST_SHARE] {
                let doubled = in_parallel(&items, |_| size, |item| item * 2);
                assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
            }
        }
    }
}
