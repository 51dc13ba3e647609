//! Who may talk to the server: `Origin` and `Host` (`ollama-protocol.md`, A11).

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

/// What becomes of a request.
pub(super) enum Verdict {
    /// It is answered here.
    Answer(Box<Response>),
    /// It goes on; the origin is to be named in the answer.
    Pass(Origin),
}

/// The origin that an answer has to allow, if the request named one.
pub(super) struct Origin(Option<HeaderValue>);

impl Origin {
    /// Adds the header that lets a browser read the answer.
    pub(super) fn allow(self, mut response: Response) -> Response {
        if let Some(origin) = self.0 {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        response
    }
}

/// Judges a request that came to `local`.
pub(super) fn check(method: &Method, headers: &HeaderMap, local: SocketAddr) -> Verdict {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let origin = headers.get(header::ORIGIN).cloned();
    if let Some(value) = &origin {
        let text = value.to_str().unwrap_or_default();
        let same = text
            .split_once("://")
            .is_some_and(|(scheme, rest)| scheme.starts_with("http") && rest == host);
        if same {
            return pass_host(host, local, Origin(None));
        }
        if !is_allowed_origin(text) {
            return answer(StatusCode::FORBIDDEN);
        }
        if method == Method::OPTIONS {
            return preflight(value);
        }
    }
    pass_host(host, local, Origin(origin))
}

fn pass_host(host: &str, local: SocketAddr, origin: Origin) -> Verdict {
    if local.ip().is_loopback() && !is_allowed_host(host) {
        answer(StatusCode::FORBIDDEN)
    } else {
        Verdict::Pass(origin)
    }
}

fn is_allowed_origin(origin: &str) -> bool {
    let own_schemes = ["app://", "file://", "tauri://", "vscode-webview://", "vscode-file://"];
    if own_schemes.iter().any(|scheme| origin.starts_with(scheme)) {
        return true;
    }
    let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        let (name, port) = rest.rsplit_once(':').unwrap_or((rest, ""));
        ["localhost", "127.0.0.1", "0.0.0.0"].contains(&name)
            && port.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn is_allowed_host(host: &str) -> bool {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return is_near(address.ip());
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return is_near(address);
    }
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.to_ascii_lowercase();
    name.is_empty()
        || name == "localhost"
        || [".localhost", ".local", ".internal"].iter().any(|suffix| name.ends_with(suffix))
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_unspecified()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unspecified()
        }
    }
}

fn answer(status: StatusCode) -> Verdict {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    Verdict::Answer(Box::new(response))
}

fn preflight(origin: &HeaderValue) -> Verdict {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Authorization,Content-Type,User-Agent,Accept,X-Requested-With"),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("43200"));
    Verdict::Answer(Box::new(response))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        for origin in
            ["http://localhost", "https://127.0.0.1:3000", "app://x", "vscode-webview://y"]
        {
            assert!(is_allowed_origin(origin), "{origin}");
        }
        for origin in
            ["https://evil.example", "http://localhost.evil", "null", "http://localhost:x"]
        {
            assert!(!is_allowed_origin(origin), "{origin}");
        }
    }

    #[test]
    fn hosts() {
        for host in [
            "",
            "127.0.0.1:11434",
            "localhost:80",
            "box.local",
            "10.0.0.4",
            "[::1]:80",
            "a.internal",
        ] {
            assert!(is_allowed_host(host), "{host}");
        }
        for host in ["evil.example", "8.8.8.8", "evil.example:11434", "local"] {
            assert!(!is_allowed_host(host), "{host}");
        }
    }
}
