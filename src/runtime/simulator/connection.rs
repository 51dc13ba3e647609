//! One connection to a server, and how a request on it can have it reset.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::access;

/// Resets the connection that a request came on. Found among the request's extensions.
#[derive(Clone, Default)]
pub(super) struct Hangup(Arc<Notify>);

impl Hangup {
    /// Resets the connection: what was written is sent, then the peer sees an error.
    pub(super) fn reset(&self) {
        self.0.notify_one();
    }
}

/// Serves one connection until either side ends it.
pub(super) async fn serve(stream: TcpStream, local: SocketAddr, router: Router) {
    // Small chunks must leave at once; a socket that cannot be told so is closed anyway.
    let _ = stream.set_nodelay(true);
    let hangup = Hangup::default();
    let handle = hangup.clone();
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = match access::check(request.method(), request.headers(), local) {
            access::Verdict::Answer(response) => Err(response),
            access::Verdict::Pass(origin) => {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(handle.clone());
                Ok((router.call(request), origin))
            }
        };
        async move {
            match answer {
                Ok((response, origin)) => response.await.map(|response| origin.allow(response)),
                Err(response) => Ok(*response),
            }
        }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // How a connection ends is the peer's business; there is nobody to tell.
        _ = &mut connection => {}
        () = hangup.0.notified() => {
            let stream = connection.into_parts().io.into_inner();
            let _ = stream.set_zero_linger();
        }
    }
}
