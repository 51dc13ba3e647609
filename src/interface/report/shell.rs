//! Words of a command line that can be pasted.

use crate::interface::app::Example;

/// A command that rehearses a pattern or pipeline, with a value for every required input.
pub fn example_command(example: &Example) -> String {
    let mut command = format!("partita run {} --simulate", quoted(&example.target));
    for (name, value) in &example.inputs {
        command.push_str(" -i ");
        command.push_str(&quoted(&format!("{name}={value}")));
    }
    command
}

/// A word as a shell takes it: in single quotes where it needs any.
pub(super) fn quoted(word: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_safe) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole() {
        for (word, expected) in [
            ("topic=tea", "topic=tea"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("", "''"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
