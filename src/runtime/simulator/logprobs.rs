//! Invented probabilities of tokens.

use std::fmt::Write as _;

use super::dice::Dice;
use super::json;
use super::lines::Part;
use crate::language::digest::FullHash;

/// Appends the `logprobs` of a part's tokens, with so many others beside each.
pub(super) fn push(out: &mut String, part: Part<'_>, others: u32) {
    let tokens = split(part.thinking, part.content, part.tokens);
    if tokens.is_empty() {
        return;
    }
    out.push_str(",\"logprobs\":[");
    for (place, token) in tokens.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        let mut dice = Dice::from_hash(FullHash::of(token.as_bytes()));
        let probability = -dice.share() * 0.7;
        push_entry(out, token, probability);
        if others > 0 {
            out.push_str(",\"top_logprobs\":[");
            push_entry(out, token, probability);
            out.push('}');
            for other in 1..others {
                out.push(',');
                let unlikelier = probability - f64::from(other) - dice.share();
                push_entry(out, &format!(" simulated{other}"), unlikelier);
                out.push('}');
            }
            out.push(']');
        }
        out.push('}');
    }
    out.push(']');
}

/// Opens an entry; its end is the caller's.
fn push_entry(out: &mut String, token: &str, probability: f64) {
    out.push_str("{\"token\":");
    json::push_string(out, token);
    // Writing to a string cannot fail.
    let _ = write!(out, ",\"logprob\":{probability:.6},\"bytes\":[");
    for (place, byte) in token.bytes().enumerate() {
        let comma = if place > 0 { "," } else { "" };
        let _ = write!(out, "{comma}{byte}");
    }
    out.push(']');
}

/// The text in as many pieces as it has tokens, none of them empty.
fn split<'a>(thinking: &'a str, content: &'a str, tokens: u32) -> Vec<&'a str> {
    let length = thinking.len() + content.len();
    let size = length.div_ceil((tokens as usize).max(1)).max(1);
    let mut pieces = Vec::new();
    for text in [thinking, content] {
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.ceil_char_boundary(size.min(rest.len())));
            pieces.push(piece);
            rest = after;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn entries(others: u32) -> Value {
        let part = Part { content: "Grüße aus", tokens: 3, ..Part::default() };
        let mut out = String::from("{\"done\":false");
        push(&mut out, part, others);
        out.push('}');
        serde_json::from_str::<Value>(&out).unwrap()["logprobs"].clone()
    }

    #[test]
    fn entries_have_token_bytes_and_others() {
        let plain = entries(0);
        assert_eq!(plain.as_array().unwrap().len(), 3);
        assert_eq!(plain[0]["token"], "Grü");
        assert_eq!(plain[0]["bytes"], serde_json::json!([71, 114, 195, 188]));
        assert!(plain[0]["logprob"].as_f64().unwrap() <= 0.0);
        assert!(plain[0].get("top_logprobs").is_none());
        let top = entries(3);
        assert_eq!(top[1]["top_logprobs"].as_array().unwrap().len(), 3);
        assert_eq!(top[1]["top_logprobs"][0]["token"], top[1]["token"]);
    }
}
