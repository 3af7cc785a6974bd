//! `cargo course demo`: real processors on a real stream, and a real kill.

mod events;
mod process;
mod processors;
mod screen;
mod set;
mod story;

use anyhow::{Result, bail};
use clap::{Subcommand, ValueEnum};
use lab::Stage;
use lab::backend::{BackendError, Kind};
use processors::Processor;
use screen::Screen;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// Where the stream and the tables are [default: LAB_BACKEND, or embedded]
    #[arg(long, global = true)]
    backend: Option<BackendName>,
    /// Leaves the stream and the tables as they are in the end
    #[arg(long)]
    keep: bool,
    #[command(subcommand)]
    step: Option<Step>,
}

#[derive(Subcommand)]
enum Step {
    /// Creates what is missing, and sends the five payments (for two terminals)
    Send,
    /// Processes the stream from its beginning (for two terminals)
    Process {
        /// Which processor
        #[arg(long, default_value = "idempotent")]
        processor: Processor,
    },
    /// Deletes the stream and the tables
    Clean,
    /// The processor itself, in a process of its own
    #[command(hide = true)]
    Worker { processor: Processor },
}

#[derive(Clone, Copy, ValueEnum)]
enum BackendName {
    Embedded,
    Localstack,
    Aws,
}

/// Runs the demo, or one step of it.
///
/// # Errors
/// The backend cannot be used, or a processor cannot be started.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    if let Some(Step::Worker { processor }) = arguments.step {
        return process::work(processor);
    }
    let kind = match arguments.backend {
        Some(BackendName::Embedded) => Kind::Embedded,
        Some(BackendName::Localstack) => Kind::LocalStack,
        Some(BackendName::Aws) => Kind::Aws,
        None => Kind::from_env()?,
    };
    if kind == Kind::Embedded && arguments.step.is_some() {
        return Err(BackendError::OneProcess.into());
    }
    if kind == Kind::Embedded && arguments.keep {
        bail!(
            "The embedded backend ends with this process, and so do its stream and its tables: \
             `--keep` needs `--backend localstack` or `--backend aws`."
        );
    }
    let mut screen = Screen::new();
    match &arguments.step {
        None => {
            let stage = open(kind, arguments.keep)?;
            let told = story::tell(&stage, kind, &mut screen);
            if arguments.keep && told.is_ok() {
                set::say_what_is_left(&stage, kind, &mut screen);
            } else {
                let cleared = stage.with(async |world| world.close().await);
                told?;
                cleared?;
            }
        }
        Some(Step::Send) => {
            let stage = open(kind, true)?;
            set::build_what_is_missing(&stage, &mut screen)?;
            events::send(&stage, &mut screen)?;
        }
        Some(Step::Process { processor }) => {
            let stage = open(kind, true)?;
            set::build_what_is_missing(&stage, &mut screen)?;
            story::process(&stage, *processor, &mut screen)?;
        }
        Some(Step::Clean) => set::clear(&open(kind, true)?, &mut screen)?,
        Some(Step::Worker { .. }) => unreachable!("handled above"),
    }
    Ok(ExitCode::SUCCESS)
}

fn open(kind: Kind, shared: bool) -> Result<Stage> {
    match Stage::open(kind, shared) {
        Err(BackendError::NotBuilt) => {
            let asked: Vec<_> = std::env::args().skip(1).collect();
            bail!(
                "This build cannot reach AWS, since only that needs TLS: run `{} {}`.",
                set::COURSE_ON_AWS,
                asked.join(" ")
            )
        }
        result => Ok(result?),
    }
}
