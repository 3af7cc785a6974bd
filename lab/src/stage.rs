//! A world in which programs run as processes of their own: what the demo needs, and a grader of untrusted code.
//!
//! Such a program is an ordinary one: it takes AWS's address from `AWS_ENDPOINT_URL`. That address is a small server
//! of the lab's on loopback, behind which its requests pass the same gate and meet the same faults as code in this
//! process. A worker that crashes is killed for real: SIGKILL, or `TerminateProcess` on Windows. A lost response is a
//! connection that breaks: the request has been applied, and the program's SDK sends it again.

use crate::backend::{BackendError, Kind, NoAnswer, on_lab};
use crate::client::{decode_parts, encode_body};
use crate::fault::{Fault, Strike};
use crate::gate::{ATTEMPT_LIMIT, Gate, Passage, Target};
use crate::trace::Entry;
use crate::world::World;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStdout, Command};
use tokio::sync::{Mutex, mpsc};

/// A world, and the processes that work in it.
pub struct Stage {
    world: Arc<World>,
}

/// A program, and what is to happen to it.
pub struct Scene<'a> {
    command: std::process::Command,
    plan: Vec<Strike>,
    target: Option<Target>,
    attempt_limit: u32,
    hear: Box<dyn FnMut(&str) + 'a>,
}

impl<'a> Scene<'a> {
    /// A program to which nothing happens.
    pub fn new(command: std::process::Command) -> Self {
        Scene {
            command,
            plan: Vec::new(),
            target: None,
            attempt_limit: ATTEMPT_LIMIT,
            hear: Box::new(|_| {}),
        }
    }

    /// The faults that strike it, one after another.
    pub fn struck_by(mut self, plan: &[Strike]) -> Self {
        self.plan = plan.to_vec();
        self
    }

    /// Only these calls count as points: the second `PutItem` to `processed-events` is the same call however many
    /// pages it took to read the stream.
    pub fn only_at(mut self, operation: &str, resource: &str) -> Self {
        self.target = Some(Target {
            operation: operation.to_owned(),
            resource: resource.to_owned(),
        });
        self
    }

    /// How many attempts the program may make, where 800 is not the right number.
    pub fn attempts_at_most(mut self, limit: u32) -> Self {
        self.attempt_limit = limit;
        self
    }

    /// Hears each line that the program prints, when it is printed.
    pub fn heard_by(mut self, hear: impl FnMut(&str) + 'a) -> Self {
        self.hear = Box::new(hear);
        self
    }
}

/// What one process did.
#[derive(Debug)]
pub struct Act {
    /// How it ended.
    pub fate: Fate,
    /// What it printed to its standard output, as far as it came.
    pub printed: String,
    /// Its attempts.
    pub trace: Vec<Entry>,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// On its own.
    Ended(ExitStatus),
    /// A fault crashed it: it was killed.
    Crashed(ExitStatus),
    /// It made more attempts than it may: it was killed.
    Runaway(ExitStatus),
}

impl Stage {
    /// Opens a world of its own, or the one that programs on this backend share.
    ///
    /// # Errors
    /// The backend cannot be used.
    pub fn open(kind: Kind, shared: bool) -> Result<Self, BackendError> {
        let world = match shared {
            true => on_lab(World::open_shared(kind))?,
            false => on_lab(World::open(kind))?,
        };
        Ok(Stage {
            world: Arc::new(world),
        })
    }

    /// Does something in the world.
    pub fn with<T>(&self, work: impl AsyncFnOnce(&World) -> T) -> T {
        on_lab(work(&self.world))
    }

    /// Starts a program, and waits until it ends or is killed.
    ///
    /// It finds AWS at `AWS_ENDPOINT_URL`, with a Region and credentials that mean nothing. No clock ends
    /// a program that neither calls nor ends.
    ///
    /// # Errors
    /// The program cannot be started; loopback has no free port; or a fault is planned that needs
    /// more than one worker, which a single process cannot show.
    pub fn play(&self, scene: Scene<'_>) -> std::io::Result<Act> {
        let Scene {
            command,
            plan,
            target,
            attempt_limit,
            hear,
        } = scene;
        let needs_others =
            |fault: Fault| fault == Fault::Zombie || fault.whole_run_points().is_some();
        if let Some(strike) = plan.iter().find(|strike| needs_others(strike.fault)) {
            let reason =
                format!("`{strike}` needs more than one worker, and a scene has one process");
            return Err(std::io::Error::new(
                std::io::ErrorKind::InvalidInput,
                reason,
            ));
        }
        let gate = Gate::with(self.world.clone(), Vec::new(), &plan, target, attempt_limit);
        let gate = Arc::new(gate);
        let (kill, mut killed) = mpsc::channel(1);
        let door = Arc::new(Door {
            gate: gate.clone(),
            kill,
            turn: Mutex::default(),
        });
        on_lab(async move {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
            let endpoint = format!("http://{}", listener.local_addr()?);
            let server = axum::Router::new().fallback(answer).with_state(door);
            let server = tokio::spawn(async move { axum::serve(listener, server).await });
            let mut child = Command::from(command)
                .env("AWS_ENDPOINT_URL", endpoint)
                .env("AWS_REGION", "us-east-1")
                .env("AWS_ACCESS_KEY_ID", "lab")
                .env("AWS_SECRET_ACCESS_KEY", "lab")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .kill_on_drop(true)
                .spawn()?;
            let stdout = child.stdout.take().expect("standard output is piped");
            let mut ear = Ear {
                from: BufReader::new(stdout),
                line: Vec::new(),
                heard: String::new(),
                hear,
            };
            let fate = tokio::select! {
                biased;
                Some(why) = killed.recv() => {
                    child.start_kill()?;
                    // What it said before its death is still in the pipe.
                    ear.listen().await?;
                    let status = child.wait().await?;
                    match why {
                        Kill::Runaway => Fate::Runaway(status),
                        Kill::Crash => Fate::Crashed(status),
                    }
                }
                ended = async {
                    ear.listen().await?;
                    child.wait().await
                } => Fate::Ended(ended?),
            };
            server.abort();
            Ok(Act {
                fate,
                printed: ear.heard,
                trace: gate.record().trace,
            })
        })
    }
}

/// Hears what a process prints, line by line. It may be interrupted and listen again.
struct Ear<'a> {
    from: BufReader<ChildStdout>,
    /// The line that has begun.
    line: Vec<u8>,
    heard: String,
    hear: Box<dyn FnMut(&str) + 'a>,
}

impl Ear<'_> {
    /// Listens until the process says no more.
    async fn listen(&mut self) -> std::io::Result<()> {
        loop {
            let more = self.from.read_until(b'\n', &mut self.line).await? > 0;
            if !self.line.is_empty() {
                let line = String::from_utf8_lossy(&self.line);
                self.heard.push_str(&line);
                (self.hear)(line.trim_end());
                self.line.clear();
            }
            if !more {
                return Ok(());
            }
        }
    }
}

/// Where a child's requests arrive.
struct Door {
    gate: Arc<Gate>,
    kill: mpsc::Sender<Kill>,
    /// One attempt at a time, in the order in which they came: held from an attempt's beginning to its end.
    turn: Mutex<()>,
}

/// Why a child is to be killed.
enum Kill {
    Crash,
    Runaway,
}

/// Answers one request of the child's, as the gate sees fit.
async fn answer(State(door): State<Arc<Door>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let request = match decode_parts(header, &body) {
        Ok(request) => request,
        Err(error) => return (StatusCode::BAD_REQUEST, error).into_response(),
    };
    let _turn = door.turn.lock().await;
    let why = match door.gate.pass(1, &request).await {
        Passage::Back(Ok(response)) => {
            let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::BAD_GATEWAY);
            let content_type = [(header::CONTENT_TYPE, request.service.content_type())];
            return (status, content_type, encode_body(&response)).into_response();
        }
        // The connection breaks in the middle of the answer.
        Passage::Back(Err(NoAnswer(reason))) => {
            let broken = std::io::Error::new(std::io::ErrorKind::ConnectionReset, reason);
            let broken = futures_util::stream::iter([Err::<Bytes, _>(broken)]);
            return Response::new(Body::from_stream(broken));
        }
        Passage::Crashed => Kill::Crash,
        Passage::Stalled(_) => unreachable!("a scene with a zombie is refused before it begins"),
        Passage::Runaway => Kill::Runaway,
    };
    // Whoever is to hear this is gone where the child has just ended by itself.
    let _ = door.kill.send(why).await;
    std::future::pending().await
}
