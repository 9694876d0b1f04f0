//! Start, run and stop.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::engine::Engine;
use crate::faults::FaultSettings;
use crate::http::{Server, answer};
use crate::ident::Ids;
use crate::limits::{CONNECTIONS_MAX, MEMORY_CAP_BYTES_DEFAULT};
use crate::snapshot;

/// How often messages that come due are shown to waiting long polls.
const AWAITED_TICK: Duration = Duration::from_millis(10);
/// Every how many of those ticks old messages go and move tasks go on.
const FULL_TICK_EVERY: u64 = 10;
/// How long open connections may take to finish at a stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a connection may stay without a request; SDKs give theirs up after 90 s or less.
const IDLE_TIMEOUT: Duration = Duration::from_mins(5);
/// Pause after a connection could not be accepted, most likely for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How the server shall run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// What queue URLs start with; the `Host` header of each request if missing.
    pub base_url: Option<String>,
    /// Fault switches at the start.
    pub faults: FaultSettings,
    /// Memory that messages may take over all queues, in bytes.
    pub memory_cap_bytes: u64,
    /// Where queues are kept over a clean stop; nowhere if missing.
    pub snapshot_path: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            base_url: None,
            faults: FaultSettings::default(),
            memory_cap_bytes: MEMORY_CAP_BYTES_DEFAULT,
            snapshot_path: None,
        }
    }
}

/// Why the server could not start, or not save its queues.
#[derive(Debug)]
pub struct ServeError {
    what: String,
    source: io::Error,
}

impl ServeError {
    fn new(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self { what, source }
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.source)
    }
}

impl std::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Serves in the calling thread until SIGTERM or SIGINT; `on_ready` gets the address once calls are answered.
pub fn serve(options: &Options, on_ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ServeError::new("the event loop could not be made"))?;
    LocalSet::new().block_on(&runtime, run(options, on_ready))
}

async fn run(options: &Options, on_ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let address = SocketAddr::new(options.host, options.port);
    let listener = TcpListener::bind(address).await.map_err(ServeError::new(format!(
        "can't listen on {address}; stop what uses the port, or take another"
    )))?;
    let address = listener.local_addr().map_err(ServeError::new("the listener has no address"))?;
    let (stop, stopping) = watch::channel(false);
    let engine = Engine::new(Ids::random(), options.memory_cap_bytes, options.faults.clone());
    let server = Rc::new(Server::new(engine, options.base_url.clone(), stopping));
    if let Some(path) = &options.snapshot_path {
        let what = format!("can't read the snapshot {}; move it away to start without", path.display());
        snapshot::load(path, &mut server.engine.borrow_mut(), server.now_ms())
            .map_err(ServeError::new(what))?;
    }
    let ticks = tokio::task::spawn_local(tick(Rc::clone(&server)));
    let signals = stop_signal().map_err(ServeError::new("signals can't be handled"))?;
    on_ready(address);
    accept(&server, listener, signals, &stop).await;
    ticks.abort();
    if let Some(path) = &options.snapshot_path {
        let what = format!("can't write the snapshot {}", path.display());
        snapshot::save(path, &server.engine.borrow(), server.now_ms()).map_err(ServeError::new(what))?;
    }
    Ok(())
}

fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

async fn tick(server: Rc<Server>) {
    let mut ticks = interval(AWAITED_TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for count in 1_u64.. {
        ticks.tick().await;
        let now_ms = server.now_ms();
        let mut engine = server.engine.borrow_mut();
        if count % FULL_TICK_EVERY == 0 {
            engine.tick(now_ms);
        } else {
            engine.promote_awaited(now_ms);
        }
    }
}

async fn accept(
    server: &Rc<Server>,
    listener: TcpListener,
    stop_signal: impl Future<Output = ()>,
    stop: &watch::Sender<bool>,
) {
    let mut stop_signal = std::pin::pin!(stop_signal);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let place = tokio::select! {
            () = &mut stop_signal => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let accepted = tokio::select! {
            () = &mut stop_signal => break,
            accepted = listener.accept() => accepted,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                let server = Rc::clone(server);
                connections.spawn_local(async move {
                    converse(server, stream).await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
    drop(listener);
    stop.send_replace(true);
    // Past the deadline connections are cut; their clients try again elsewhere.
    let _ = timeout(STOP_TIMEOUT, async { while connections.join_next().await.is_some() {} }).await;
}

async fn converse(server: Rc<Server>, stream: TcpStream) {
    // Replies are small and wait for nothing, so they must not wait for more to come.
    let _ = stream.set_nodelay(true);
    let mut stopping = server.stopping.clone();
    let service = service_fn(move |request| answer(Rc::clone(&server), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // An error means that the client went away or a switch cut it off; either way nobody is left to tell.
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|is_stopping| *is_stopping) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
