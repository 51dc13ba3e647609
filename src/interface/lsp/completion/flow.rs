//! Inside `[…]` and `{…}`: how far a text that begins with a bracket or a quote goes.

use super::cursor::Step;

/// Where a text ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FlowEnd {
    /// Behind the last bracket or quote.
    Closed,
    /// At a key of the mapping at the path, of which this much is written.
    Key { path: Vec<Step>, word: String },
    /// At the value at the path, of which this much is written.
    Value { path: Vec<Step>, text: String },
}

struct Frame {
    is_mapping: bool,
    items: usize,
    key: Option<String>,
    /// What is written since the last bracket, comma or colon.
    token: String,
}

/// Reads a text that begins with a bracket or a quote.
pub(super) fn read(text: &str) -> FlowEnd {
    let mut frames: Vec<Frame> = Vec::new();
    let mut quote: Option<char> = None;
    let mut characters = text.chars().peekable();
    let mut quoted = String::new();
    while let Some(character) = characters.next() {
        if let Some(open) = quote {
            if character == '\\' && open == '"' {
                quoted.push(character);
                quoted.extend(characters.next());
            } else if character == open {
                quote = None;
                match frames.last_mut() {
                    Some(frame) => frame.token.push_str(&quoted),
                    None => return FlowEnd::Closed,
                }
            } else {
                quoted.push(character);
            }
            continue;
        }
        let begins = frames.last().is_none_or(|frame| frame.token.trim().is_empty());
        match character {
            '"' | '\'' if begins => {
                quote = Some(character);
                quoted.clear();
            }
            '[' | '{' if begins => frames.push(Frame {
                is_mapping: character == '{',
                items: 0,
                key: None,
                token: String::new(),
            }),
            ']' | '}' => {
                frames.pop();
                match frames.last_mut() {
                    // Stands for the value that has just ended.
                    Some(frame) => frame.token = "…".to_owned(),
                    None => return FlowEnd::Closed,
                }
            }
            ',' => {
                if let Some(frame) = frames.last_mut() {
                    frame.items += 1;
                    frame.key = None;
                    frame.token.clear();
                }
            }
            ':' if characters.peek().is_none_or(|next| " \n\"'".contains(*next)) => {
                if let Some(frame) = frames.last_mut() {
                    if frame.is_mapping && frame.key.is_none() {
                        frame.key = Some(frame.token.trim().to_owned());
                        frame.token.clear();
                    } else {
                        frame.token.push(character);
                    }
                }
            }
            other => {
                if let Some(frame) = frames.last_mut() {
                    frame.token.push(other);
                }
            }
        }
    }
    ending(&frames, quote.map(|_| quoted))
}

fn ending(frames: &[Frame], quoted: Option<String>) -> FlowEnd {
    let Some((last, outer)) = frames.split_last() else {
        return FlowEnd::Value { path: Vec::new(), text: quoted.unwrap_or_default() };
    };
    let step = |frame: &Frame| match &frame.key {
        Some(key) => Step::Key(key.clone()),
        None => Step::Item(frame.items),
    };
    let mut path: Vec<Step> = outer.iter().map(step).collect();
    let text = quoted.unwrap_or_else(|| last.token.trim_start().to_owned());
    if last.is_mapping && last.key.is_none() {
        return FlowEnd::Key { path, word: text };
    }
    path.push(step(last));
    FlowEnd::Value { path, text }
}

/// A line with the brackets closed that are open at its end; `None` if none is.
pub(super) fn closed(line: &str) -> Option<String> {
    let mut closers = Vec::new();
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), _) => quote = Some(open).filter(|open| *open != character),
            (None, '"' | '\'') => quote = Some(character),
            (None, '[') => closers.push(']'),
            (None, '{') => closers.push('}'),
            (None, ']' | '}') => {
                closers.pop();
            }
            _ => {}
        }
    }
    if closers.is_empty() {
        return None;
    }
    let mut closed = line.to_owned();
    closed.extend(quote);
    if line.ends_with(':') {
        closed.push_str(" \"\"");
    }
    closed.extend(closers.iter().rev());
    Some(closed)
}
