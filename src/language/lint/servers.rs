//! The servers that a document lists, and their addresses as far as advice needs to read them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::Value;

use crate::language::document::Document;
use crate::language::source::value_at;

/// A server as it is written.
#[derive(Debug, Clone)]
pub(super) struct WrittenServer<'d> {
    pub(super) value: &'d Value,
    pub(super) pointer: String,
    pub(super) url: &'d str,
    pub(super) url_pointer: String,
}

impl<'d> WrittenServer<'d> {
    pub(super) fn tags(&self) -> impl Iterator<Item = &'d str> {
        let tags = self.value.get("tags").and_then(Value::as_array);
        tags.into_iter().flatten().filter_map(Value::as_str)
    }
}

/// The servers of a cluster file, or of a pipeline that has its cluster in itself.
pub(super) fn written_servers(document: &Document) -> Vec<WrittenServer<'_>> {
    let servers = value_at(document.value(), "/cluster/servers").and_then(Value::as_array);
    let servers = servers.into_iter().flatten().enumerate();
    servers
        .filter_map(|(place, value)| {
            let pointer = format!("/cluster/servers/{place}");
            let (url, url_pointer) = match value {
                Value::String(url) => (url, pointer.clone()),
                fields => {
                    let Value::String(url) = fields.get("url")? else { return None };
                    (url, format!("{pointer}/url"))
                }
            };
            Some(WrittenServer { value, pointer, url, url_pointer })
        })
        .collect()
}

/// The parts of a server's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) is_encrypted: bool,
    /// In lower case; `127.0.0.1` for every name of this machine.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) path: String,
    /// Where a name and password stand in the text, with the `@` behind them.
    pub(super) credentials: Option<std::ops::Range<usize>>,
}

/// The port of an Ollama server whose address has neither scheme nor port.
const OLLAMA_PORT: u16 = 11434;

impl Address {
    /// Reads an address as Ollama's clients do: `http://host:port`, `host:port`, `host`, `:port`.
    /// None for what is no address.
    pub(super) fn read(written: &str) -> Option<Address> {
        let text = written.trim_end().trim_end_matches('/');
        let (scheme, start) = match text.find("://") {
            Some(end) => (Some(&text[..end]), end + 3),
            None => (None, 0),
        };
        let default_port = match scheme.map(str::to_ascii_lowercase).as_deref() {
            None => OLLAMA_PORT,
            Some("http") => 80,
            Some("https") => 443,
            Some(_) => return None,
        };
        let rest = text.get(start..)?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (place, credentials) = match authority.rfind('@') {
            Some(at) => (&authority[at + 1..], Some(start..start + at + 1)),
            None => (authority, None),
        };
        let (host, port) = match place.rsplit_once(':') {
            // A colon inside brackets belongs to an IPv6 address.
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
            _ => (place, default_port),
        };
        let host = host.to_ascii_lowercase();
        let host = match host.as_str() {
            "" | "0.0.0.0" | "localhost" if scheme.is_none() || !host.is_empty() => {
                "127.0.0.1".to_owned()
            }
            "" => return None,
            _ => host,
        };
        let is_encrypted = default_port == 443;
        Some(Address { is_encrypted, host, port, path: path.to_owned(), credentials })
    }

    /// Whether the way to the host leads through networks of strangers, as far as its name says.
    pub(super) fn is_public(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => is_public_v4(address),
            Ok(IpAddr::V6(address)) => is_public_v6(address),
            Err(_) => is_public_name(bare),
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    // 100.64.0.0/10 is shared inside carriers and used by private overlay networks (RFC 6598).
    let is_shared = address.octets()[0] == 100 && address.octets()[1] & 0b1100_0000 == 64;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || is_shared)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    !(address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local())
}

/// The ends of names that no public server has: reserved ones (RFC 2606, 6762, 8375), what routers
/// and companies use inside, and overlay networks that encrypt by themselves.
const INNER_ENDINGS: [&str; 14] = [
    "local",
    "localhost",
    "localdomain",
    "lan",
    "home",
    "internal",
    "intranet",
    "private",
    "corp",
    "test",
    "invalid",
    "arpa",
    "ts.net",
    "svc",
];

fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name.contains('.')
        && !INNER_ENDINGS
            .iter()
            .any(|ending| name.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_mean_the_same_are_the_same() {
        let same = ["localhost", "127.0.0.1:11434", "http://LOCALHOST:11434/", ":11434"];
        let read: Vec<_> = same.iter().map(|written| Address::read(written)).collect();
        assert!(read.iter().all(|address| *address == read[0] && address.is_some()), "{read:?}");
        for other in ["http://localhost", "https://localhost:11434", "localhost/ollama", "gpu1"] {
            assert_ne!(Address::read(other), read[0], "{other}");
        }
        for none in ["ftp://x", "http://", "gpu1:port"] {
            assert_eq!(Address::read(none), None, "{none}");
        }
    }

    #[test]
    fn credentials_have_their_place() {
        let written = "http://user:word@gpu1:11434";
        let place = Address::read(written).and_then(|address| address.credentials);
        assert_eq!(place.map(|place| &written[place]), Some("user:word@"));
    }

    #[test]
    fn inner_hosts_are_told_from_public_ones() {
        for (host, expected) in [
            ("gpu1", false),
            ("gpu1.lan", false),
            ("ollama.ai.svc", false),
            ("gpu1.tail1234.ts.net", false),
            ("192.168.1.5", false),
            ("10.0.0.2", false),
            ("100.101.102.103", false),
            ("[::1]", false),
            ("[fd00::1]", false),
            ("8.8.8.8", true),
            ("[2001:4860:4860::8888]", true),
            ("ollama.example.com", true),
        ] {
            let address = Address::read(&format!("http://{host}:11434"));
            assert_eq!(address.map(|address| address.is_public()), Some(expected), "{host}");
        }
    }
}
