//! A way through a graph in words; of a long one the middle is left out.

/// Of more steps than this only some are shown.
const MOST: usize = 16;

/// How many steps at the end of a long way are shown.
const LAST: usize = 6;

/// `a -> b -> c`.
pub(super) fn route(names: &[&str]) -> String {
    let (first, last) = shown(names);
    if last.is_empty() {
        return first.join(" -> ");
    }
    let left_out = names.len() - first.len() - last.len();
    format!("{} -> … {left_out} more … -> {}", first.join(" -> "), last.join(" -> "))
}

/// The steps that are shown: all of a short way, else the first and the last of them.
pub(super) fn shown<T>(steps: &[T]) -> (&[T], &[T]) {
    if steps.len() <= MOST {
        return (steps, &[]);
    }
    (&steps[..MOST - LAST], &steps[steps.len() - LAST..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_long_way_is_left_out() {
        assert_eq!(route(&["a", "b", "a"]), "a -> b -> a");
        let long = ["a"; 1000];
        let text = route(&long);
        assert!(text.starts_with("a -> a -> "), "{text}");
        assert!(text.contains("-> … 984 more … ->"), "{text}");
        assert!(text.len() < 100, "{text}");
    }
}
