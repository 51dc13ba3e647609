//! Addresses of servers as people write them.

/// Why a text is no address of a server. The user's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is nothing to read.
    #[error("an empty text is no server's address")]
    Empty,
    /// It is not an address.
    #[error("`{0}` is no server's address; write http://HOST:PORT")]
    Unreadable(String),
    /// It is neither http nor https.
    #[error("`{0}` is neither http nor https")]
    Scheme(String),
    /// This binary was built without TLS.
    #[error(
        "`{0}` needs TLS; build Partita with `--features tls`, or use http inside your network"
    )]
    NoTls(String),
}

/// The port of an Ollama server that names none.
const PORT: u16 = 11434;

/// A server's URL from what was written: `http://host:port`, `host:port`, `host`, `:port`, as
/// Ollama's own clients take it. Without a port it is 11434, or that of a scheme that is named.
///
/// # Errors
/// When it cannot be read.
pub fn server_url(written: &str) -> Result<String, AddressError> {
    let text = written.trim().trim_end_matches('/');
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    let unreadable = || AddressError::Unreadable(written.to_owned());
    let with_scheme = match text.split_once("://") {
        Some(("http" | "https", _)) => text.to_owned(),
        Some(_) => return Err(AddressError::Scheme(written.to_owned())),
        None if text.starts_with(':') => format!("http://127.0.0.1{text}"),
        None => {
            let (authority, path) = text.split_at(text.find('/').unwrap_or(text.len()));
            let has_port = authority.rsplit_once(':').is_some_and(|(host, port)| {
                // A colon inside brackets belongs to an IPv6 address.
                !host.is_empty() && !port.contains(']') && port.parse::<u16>().is_ok()
            });
            if has_port {
                format!("http://{text}")
            } else {
                format!("http://{authority}:{PORT}{path}")
            }
        }
    };
    let url = reqwest::Url::parse(&with_scheme).map_err(|_| unreadable())?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(unreadable());
    }
    if url.scheme() == "https" && !cfg!(feature = "tls") {
        return Err(AddressError::NoTls(written.to_owned()));
    }
    // 0.0.0.0 is where a server listens; whoever calls it means this machine.
    let shown = with_scheme.replacen("://0.0.0.0", "://127.0.0.1", 1);
    Ok(shown)
}

/// One text for all ways to write a server's address, without what gives access to it.
pub fn place_of(url: &str) -> String {
    let read = server_url(url).ok().and_then(|url| reqwest::Url::parse(&url).ok());
    let Some(url) = read else { return url.to_owned() };
    let host = match url.host_str().unwrap_or_default() {
        "localhost" | "[::1]" => "127.0.0.1",
        host => host,
    };
    let port = url.port_or_known_default().unwrap_or(PORT);
    format!("{host}:{port}{}", url.path().trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_one_place_however_it_is_written() {
        for (written, place) in [
            ("http://gpu1:11434", "gpu1:11434"),
            ("GPU1", "gpu1:11434"),
            ("http://gpu1/", "gpu1:80"),
            ("http://me:secret@gpu1:11434/ollama/", "gpu1:11434/ollama"),
            ("localhost", "127.0.0.1:11434"),
            ("0.0.0.0:11434", "127.0.0.1:11434"),
            ("http://[::1]:11434", "127.0.0.1:11434"),
        ] {
            assert_eq!(place_of(written), place, "{written}");
        }
    }

    #[test]
    fn addresses_are_read_as_ollama_reads_them() {
        for (written, url) in [
            ("http://gpu1:11434", "http://gpu1:11434"),
            ("http://gpu1:11434/", "http://gpu1:11434"),
            ("gpu1", "http://gpu1:11434"),
            ("gpu1:8080", "http://gpu1:8080"),
            (":8080", "http://127.0.0.1:8080"),
            ("0.0.0.0", "http://127.0.0.1:11434"),
            ("http://gpu1", "http://gpu1"),
            ("[::1]", "http://[::1]:11434"),
            ("gpu1/ollama", "http://gpu1:11434/ollama"),
        ] {
            assert_eq!(server_url(written).as_deref(), Ok(url), "{written}");
        }
        for written in ["", "  ", "ftp://x", "http://", "a b"] {
            assert!(server_url(written).is_err(), "{written}");
        }
    }
}
