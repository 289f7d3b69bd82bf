//! Starting and ending the production: three servers on free ports of 127.0.0.1, the traffic and the scraper, all on
//! one thread of its own. It ends when it is dropped, and leaves no process, port or file behind.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use tokio::sync::oneshot;

use super::pace::Pace;
use super::series::Store;
use super::site::Site;
use super::{app, control, prometheus, tools, traffic};

/// How often the counters are sampled, as written.
const SCRAPE_EVERY: Duration = Duration::from_secs(5);
/// How far back the series go, in seconds as written.
const RETENTION: f64 = 2.0 * 3600.0;
/// The production is ready when this much, as written, has been observed: a query over `[1m]` then has an answer.
const SETTLED: Duration = Duration::from_secs(75);

/// What is broken in the new release, or around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The new way of logging in answers with 500.
    Errors,
    /// The new way of logging in takes more than 800 ms.
    Latency,
    /// As `Errors`; and once raised, the flag cannot be lowered any more (503).
    Flag,
    /// The new release is well, but the metrics are lost some minutes after the flag first went up (503).
    Prometheus,
}

impl Break {
    /// Every way to break it, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Errors, Self::Latency, Self::Flag, Self::Prometheus];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Latency => "latency",
            Self::Flag => "flag",
            Self::Prometheus => "prometheus",
        }
    }
}

/// How a production is to be.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many seconds of the runbook pass in a real second: `[1m]` in a query looks back 60/speed real seconds.
    pub speed: f64,
    /// What is broken, if anything.
    pub fault: Option<Break>,
}

/// A running production.
#[derive(Debug)]
pub struct Production {
    app: SocketAddr,
    prometheus: SocketAddr,
    control: SocketAddr,
    directory: tempfile::TempDir,
    settled: Receiver<()>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the servers of one production share.
pub(super) struct Shared {
    pub(super) pace: Pace,
    site: Mutex<Site>,
    store: Mutex<Store>,
}

impl Shared {
    /// The app's state. A panic in another holder leaves it as usable as it was: every change is a single assignment.
    pub(super) fn site(&self) -> MutexGuard<'_, Site> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time series, under the same rule.
    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Production {
    /// Starts a production. It serves at once; its metrics mean something after `wait_ready`.
    ///
    /// # Errors
    /// When no port, thread or directory for temporary files can be had.
    pub fn start(options: Options) -> io::Result<Self> {
        let pace = Pace::new(options.speed);
        let store = Store::new(pace.real_seconds(RETENTION));
        let shared = Arc::new(Shared {
            pace,
            site: Mutex::new(Site::new(options.fault)),
            store: Mutex::new(store),
        });

        let listeners = Listeners {
            app: listen()?,
            prometheus: listen()?,
            control: listen()?,
        };
        let app = listeners.app.local_addr()?;
        let prometheus = listeners.prometheus.local_addr()?;
        let control = listeners.control.local_addr()?;
        crate::execute::prepare_tls();
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .map_err(io::Error::other)?;
        let directory = tempfile::Builder::new().prefix("runbook-demo-").tempdir()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;

        let (stop, stopped) = oneshot::channel();
        let (settling, settled) = sync_channel(1);
        let world = async move {
            let users = traffic::run(app, client);
            let serving = listeners.serve(&shared);
            // Whatever ends first ends the rest; in practice that is the owner's wish to stop.
            tokio::select! {
                () = users => {}
                () = scrape(&shared, settling) => {}
                _ = serving => {}
                _ = stopped => {}
            }
        };
        let named = std::thread::Builder::new().name("demo production".to_owned());
        let thread = named.spawn(move || runtime.block_on(world))?;
        Ok(Self {
            app,
            prometheus,
            control,
            directory,
            settled,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Waits until there are enough samples for the queries of the demo's runbook.
    ///
    /// # Errors
    /// When that takes longer than `limit`, in real time.
    pub fn wait_ready(&self, limit: Duration) -> io::Result<()> {
        let late = |_| {
            io::Error::new(
                io::ErrorKind::TimedOut,
                "the demo's production did not get ready in time",
            )
        };
        self.settled.recv_timeout(limit).map_err(late)
    }

    /// The address of the app's health, a whole URL.
    #[must_use]
    pub fn health_url(&self) -> String {
        format!("http://{}/health", self.app)
    }

    /// The base URL of the Prometheus query API.
    #[must_use]
    pub fn prometheus_url(&self) -> String {
        format!("http://{}", self.prometheus)
    }

    /// Where `tools::main` finds this production: `address:port`, the value of `RUNBOOK_DEMO`.
    #[must_use]
    pub fn control_address(&self) -> String {
        self.control.to_string()
    }

    /// A directory for this production's files; it is removed together with the production.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Writes `flagctl` and `appctl` into a directory, to be put on the `PATH` of a run, and returns that directory.
    /// Each calls `runbook __demo TOOL …` with `RUNBOOK_DEMO` set.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write_tools(&self, runbook: &Path) -> io::Result<PathBuf> {
        let bin = self.directory.path().join("bin");
        tools::write_wrappers(&bin, runbook, &self.control_address())?;
        Ok(bin)
    }
}

impl Drop for Production {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Listeners {
    app: TcpListener,
    prometheus: TcpListener,
    control: TcpListener,
}

impl Listeners {
    async fn serve(self, shared: &Arc<Shared>) -> io::Result<()> {
        tokio::try_join!(
            serve(self.app, app::routes(Arc::clone(shared))),
            serve(self.prometheus, prometheus::routes(Arc::clone(shared))),
            serve(self.control, control::routes(Arc::clone(shared))),
        )?;
        Ok(())
    }
}

fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

async fn serve(listener: TcpListener, routes: Router) -> io::Result<()> {
    axum::serve(tokio::net::TcpListener::from_std(listener)?, routes).await
}

/// Samples the app's counters for ever, and says once when the production has settled.
async fn scrape(shared: &Shared, settling: SyncSender<()>) {
    let begun = shared.pace.now();
    let settled = shared.pace.real(SETTLED).as_secs_f64();
    let mut tick = tokio::time::interval(shared.pace.real(SCRAPE_EVERY));
    loop {
        tick.tick().await;
        let samples = shared.site().samples();
        let now = shared.pace.now();
        shared.store().append(now, samples);
        if now >= begun + settled {
            // Nobody may be waiting, or nobody any more; both are fine.
            let _ = settling.try_send(());
        }
    }
}
