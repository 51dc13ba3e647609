//! Texts that look like secrets: keys of known services, private keys, passwords that are set.

use std::ops::Range;

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Secret {
    /// What it looks like, such as `a GitHub token`.
    pub(super) kind: &'static str,
    pub(super) range: Range<usize>,
}

/// How the keys of a service begin, and how many characters follow.
struct Format {
    kind: &'static str,
    prefix: &'static str,
    least: usize,
    most: usize,
    characters: fn(char) -> bool,
}

const FORMATS: [Format; 20] = [
    key("an OpenAI or Anthropic key", "sk-", 20, 300, is_wide),
    key("a GitHub token", "ghp_", 36, 255, is_alphanumeric),
    key("a GitHub token", "gho_", 36, 255, is_alphanumeric),
    key("a GitHub token", "ghu_", 36, 255, is_alphanumeric),
    key("a GitHub token", "ghs_", 36, 255, is_alphanumeric),
    key("a GitHub token", "ghr_", 36, 255, is_alphanumeric),
    key("a GitHub token", "github_pat_", 22, 255, is_wide),
    key("a GitLab token", "glpat-", 20, 300, is_wide),
    key("a Hugging Face token", "hf_", 30, 60, is_alphanumeric),
    key("an AWS access key", "AKIA", 16, 16, is_upper),
    key("an AWS access key", "ASIA", 16, 16, is_upper),
    key("a Slack token", "xoxb-", 10, 300, is_wide),
    key("a Slack token", "xoxa-", 10, 300, is_wide),
    key("a Slack token", "xoxp-", 10, 300, is_wide),
    key("a Slack token", "xoxr-", 10, 300, is_wide),
    key("a Slack token", "xoxs-", 10, 300, is_wide),
    key("a Google API key", "AIza", 35, 35, is_wide),
    key("a Stripe key", "sk_live_", 16, 255, is_alphanumeric),
    key("an npm token", "npm_", 36, 36, is_alphanumeric),
    key("a bearer token", "Bearer ", 20, 4096, is_token),
];

const fn key(
    kind: &'static str,
    prefix: &'static str,
    least: usize,
    most: usize,
    characters: fn(char) -> bool,
) -> Format {
    Format { kind, prefix, least, most, characters }
}

/// The words in front of `:` or `=` whose value is a secret.
const NAMES: [&str; 9] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
];

/// Every secret in a text, in its order. Each stands on one line.
pub(super) fn secrets_in(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if may_have_one(line) {
            found.extend(on_line(line).into_iter().map(|secret| Secret {
                range: secret.range.start + start..secret.range.end + start,
                ..secret
            }));
        }
        start += line.len();
    }
    found
}

/// Whether a line has a word that looks random: most lines have none and are done with.
fn may_have_one(line: &str) -> bool {
    const SHORTEST: usize = 7;
    let (mut length, mut has_digit, mut has_letter) = (0, false, false);
    for byte in line.bytes() {
        if byte.is_ascii_alphanumeric() {
            length += 1;
            has_digit |= byte.is_ascii_digit();
            has_letter |= byte.is_ascii_alphabetic();
            if length >= SHORTEST && has_digit && has_letter {
                return true;
            }
        } else if byte != b'-' && byte != b'_' {
            (length, has_digit, has_letter) = (0, false, false);
        }
    }
    line.contains("-----BEGIN ")
}

fn on_line(text: &str) -> Vec<Secret> {
    let mut found: Vec<Secret> =
        FORMATS.iter().flat_map(|format| of_format(text, format)).collect();
    found.extend(private_keys(text));
    found.extend(web_tokens(text));
    found.extend(assignments(text));
    found.sort_by_key(|secret| (secret.range.start, std::cmp::Reverse(secret.range.end)));
    let mut end = 0;
    found.retain(|secret| {
        let is_new = secret.range.start >= end;
        end = end.max(secret.range.end);
        is_new
    });
    found
}

fn of_format<'t>(text: &'t str, format: &'t Format) -> impl Iterator<Item = Secret> + 't {
    text.match_indices(format.prefix).filter_map(|(start, _)| {
        let body = text[start + format.prefix.len()..].split(|c| !(format.characters)(c)).next()?;
        let body = body.trim_end_matches(['.', '-', '_']);
        let fits = (format.least..=format.most).contains(&body.len());
        let range = start..start + format.prefix.len() + body.len();
        (fits && begins_a_word(text, start) && is_real(body))
            .then_some(Secret { kind: format.kind, range })
    })
}

/// Not a placeholder, nor words with hyphens between.
fn is_real(body: &str) -> bool {
    let has = |is: fn(&char) -> bool| body.chars().any(|c| is(&c));
    let is_placeholder = ["EXAMPLE", "example", "xxxx", "XXXX", "0000", "1234567890", "your"]
        .iter()
        .any(|word| body.contains(word));
    has(char::is_ascii_digit)
        && has(char::is_ascii_alphabetic)
        && !is_placeholder
        && turns(body) >= 4
}

fn private_keys(text: &str) -> impl Iterator<Item = Secret> + '_ {
    text.match_indices("-----BEGIN ").filter_map(|(start, begin)| {
        let title = text[start + begin.len()..].split("-----").next()?;
        let is_key = title.ends_with("PRIVATE KEY") && !title.contains('\n');
        let end = start + begin.len() + title.len() + "-----".len();
        is_key.then_some(Secret { kind: "a private key", range: start..end.min(text.len()) })
    })
}

/// JSON Web Tokens: three parts, of which the first two begin as every JSON object does.
fn web_tokens(text: &str) -> impl Iterator<Item = Secret> + '_ {
    text.match_indices("eyJ").filter_map(|(start, _)| {
        let whole = text[start..].split(|c| !is_token(c)).next()?.trim_end_matches('.');
        let parts: Vec<&str> = whole.split('.').collect();
        let [head, claims, signature] = parts.as_slice() else { return None };
        let is_one = claims.starts_with("eyJ")
            && [head, claims, signature].iter().all(|part| part.len() >= 10);
        let range = start..start + whole.len();
        (is_one && begins_a_word(text, start)).then_some(Secret { kind: "a web token", range })
    })
}

/// `password: …` and the like, with a value that nobody would say in words.
fn assignments(text: &str) -> Vec<Secret> {
    let lower = text.to_ascii_lowercase();
    let of_name = |name: &'static str| {
        let text = &text;
        lower.match_indices(name).filter_map(move |(start, _)| {
            let rest = &text[start + name.len()..];
            let behind = rest.trim_start_matches(['"', '\'']);
            let value = behind.strip_prefix([':', '='])?.trim_start_matches([' ', '"', '\'', '`']);
            let at = text.len() - value.len();
            let value = value
                .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | '}'))
                .next()?
                .trim_end_matches(['.', ';', ')']);
            let is_one = begins_a_word(text, start)
                && (10..=200).contains(&value.len())
                && !value.contains(['{', '<', '$', '/', ':', '('])
                && is_real(value);
            let range = at..at + value.len();
            is_one.then_some(Secret { kind: "a password or key", range })
        })
    };
    NAMES.iter().flat_map(|name| of_name(name)).collect()
}

/// How often letters of one case, letters of the other, and all else take turns: random texts do
/// so all the time, words do not.
fn turns(text: &str) -> usize {
    let class = |c: char| match c {
        c if c.is_ascii_lowercase() => 0,
        c if c.is_ascii_uppercase() => 1,
        c if c.is_ascii_digit() => 2,
        _ => 3,
    };
    let classes: Vec<u8> = text.chars().map(class).filter(|class| *class < 3).collect();
    classes.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

fn begins_a_word(text: &str, start: usize) -> bool {
    !text[..start].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric())
}

fn is_alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn is_upper(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

fn is_wide(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '/' | '=')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random enough, and written in two pieces so that no scanner takes it for a secret of ours.
    const BODY: &str = "a8Kd03Lq9Zx7Wm2Ty5Vb1Nc4Rf6Hg8Js0Pe3";

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = secrets_in(text).into_iter().map(|secret| secret.kind).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn keys_of_services_are_known_by_their_beginnings() {
        check(&format!("key {}{BODY}.", "sk-proj-"), &["an OpenAI or Anthropic key"]);
        check(&format!("{}{BODY}", "ghp_"), &["a GitHub token"]);
        check(&format!("\"{}{}\"", "AKIA", "Q3ZB7XK2M9PL5TR8"), &["an AWS access key"]);
        check(&format!("({}{BODY})", "glpat-"), &["a GitLab token"]);
        check(&format!("Authorization: Bearer {BODY}"), &["a bearer token"]);
        check("-----BEGIN RSA PRIVATE KEY-----\nMII", &["a private key"]);
        check(&format!("{}.{}.{BODY}", "eyJhbGciOiJI", "eyJzdWIiOiIx"), &["a web token"]);
        check("db_password: x7Kd03Lq9Zx", &["a password or key"]);
        check("API_KEY='x7Kd03Lq9Zx'", &["a password or key"]);
    }

    #[test]
    fn words_and_placeholders_are_none() {
        for text in [
            "sk-learn-is-a-library-for-machine-learning",
            "AKIAIOSFODNN7EXAMPLE",
            "password: string",
            "password: { type: string, min_length: 12 }",
            "token: {{ inputs.token }}",
            "api_key: $OPENAI_API_KEY_2",
            "token: <your-token-here-1a2b3c>",
            "secret: step-2-of-the-plan",
            "max_tokens: 123456789012",
            "token: 2027-03-01T09:00:00Z",
            "-----BEGIN PUBLIC KEY-----",
            "The bearer of Bearer bonds",
            "risk-a8Kd03Lq9Zx7Wm2Ty5Vb1Nc4",
            "model: llama3.1:8b-instruct-q4_K_M",
        ] {
            check(text, &[]);
        }
    }
}
