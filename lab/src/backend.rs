//! What answers requests: an emulator in this process, LocalStack, or AWS itself.

mod embedded;
mod fidelity;
mod guest;
pub(crate) mod interrupted;
mod localstack;
mod over_http;
mod probe;
mod recall;

#[cfg(feature = "aws")]
mod aws;

use crate::request::{Request, Response};
use embedded::Embedded;
use tokio::runtime::{Builder, Runtime};

pub(crate) use fidelity::Fidelity;
pub(crate) use recall::{Recall, TableState};

/// Which backend a run uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `ferrokinesis` and `dynoxide-rs` in this process.
    Embedded,
    /// A LocalStack that listens somewhere.
    LocalStack,
    /// An AWS account.
    Aws,
}

impl Kind {
    /// The name that `LAB_BACKEND` takes.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Embedded => "embedded",
            Kind::LocalStack => "localstack",
            Kind::Aws => "aws",
        }
    }

    /// Reads a name as `LAB_BACKEND` takes it.
    ///
    /// # Errors
    /// Any other name.
    pub fn parse(name: &str) -> Result<Self, BackendError> {
        [Kind::Embedded, Kind::LocalStack, Kind::Aws]
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| BackendError::Unknown(name.to_owned()))
    }

    /// What `LAB_BACKEND` asks for: `embedded` where it is not set.
    ///
    /// # Errors
    /// An unknown name.
    pub fn from_env() -> Result<Self, BackendError> {
        match std::env::var("LAB_BACKEND") {
            Ok(name) if !name.is_empty() => Kind::parse(&name),
            _ => Ok(Kind::Embedded),
        }
    }
}

/// Why a backend cannot be used. Each message says what happened, to what, and what to do.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BackendError {
    /// `LAB_BACKEND` holds something else.
    #[error(
        "LAB_BACKEND is `{0}`, which is no backend: use `embedded` (the default), `localstack` or `aws`."
    )]
    Unknown(String),
    /// `AWS_ENDPOINT_URL` cannot be used.
    #[error(
        "AWS_ENDPOINT_URL is `{0}`, which is no address of the form http://127.0.0.1:4566: mend it or unset it."
    )]
    Endpoint(String),
    /// Nobody answers.
    #[error(
        "Nothing answers at {endpoint} ({reason}): start LocalStack with `docker compose up --detach`, \
         or set AWS_ENDPOINT_URL to where it listens, or leave LAB_BACKEND unset to use the embedded backend."
    )]
    Unreachable {
        /// Where nobody answers.
        endpoint: String,
        /// What the attempt ended with.
        reason: String,
    },
    /// An emulator does not do what AWS does, in something that a lesson needs.
    #[error("The server at {endpoint} cannot carry this course: {difference}. {advice}")]
    Unfaithful {
        /// Where it listens.
        endpoint: String,
        /// What it does, and what AWS does.
        difference: String,
        /// What to do.
        advice: &'static str,
    },
    /// A request of the lab's own was refused.
    #[error("{operation} {resource} failed on the {backend} backend: {reason}")]
    Refused {
        /// The backend's name.
        backend: &'static str,
        /// The operation.
        operation: String,
        /// The table or stream.
        resource: String,
        /// What was answered.
        reason: String,
    },
    /// Streams or tables of a run are still there.
    #[error(
        "Not deleted on the {backend} backend: {names}. If that is an AWS account, delete it yourself: it costs money."
    )]
    LeftBehind {
        /// The backend's name.
        backend: &'static str,
        /// Their full names, and why each could not be deleted.
        names: String,
    },
    /// A run failed, and left something behind.
    #[error("{0}\n{1}")]
    Both(Box<BackendError>, Box<BackendError>),
    /// The real AWS was asked for without the consent that it needs.
    #[error(
        "LAB_BACKEND=aws creates streams and tables in your AWS account, which costs money: \
         set LAB_AWS_MAY_COST_MONEY=yes as well if that is what you want."
    )]
    NoConsent,
    /// The lab was built without the `aws` feature.
    #[error(
        "This build cannot reach AWS, since only that needs TLS: add `--features lab/aws` to the command."
    )]
    NotBuilt,
    /// A demo on two terminals was asked for on a backend that lives in one process.
    #[error(
        "The embedded backend lives inside one process, and its streams end with it: \
         two terminals need `--backend localstack` or `--backend aws`."
    )]
    OneProcess,
    /// It is not known where in AWS the streams and tables belong.
    #[error(
        "No AWS region is set: set AWS_REGION, as in AWS_REGION=eu-central-1, or run `aws configure`."
    )]
    NoRegion,
    /// This machine trusts nobody.
    #[error(
        "No certificate authorities were found on this machine ({0}): install its package of CA certificates."
    )]
    NoCertificates(String),
    /// No usable credentials.
    #[error(
        "No AWS credentials were found ({0}): run `aws configure` or `aws sso login`, or set AWS_PROFILE."
    )]
    NoCredentials(String),
}

/// Nobody answered: the connection failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoAnswer(pub String);

thread_local! {
    /// The runtime on which this thread's backends live: their sockets and tasks never belong to code under test.
    static LAB: Runtime = Builder::new_current_thread().enable_all().build().expect("a Tokio runtime starts");
}

/// Runs the lab's own work to its end, on this thread.
///
/// Not from inside another runtime: code under test stands still meanwhile, its clock included,
/// which is what makes its runs repeatable.
pub(crate) fn on_lab<T>(work: impl Future<Output = T>) -> T {
    LAB.with(|runtime| runtime.block_on(work))
}

/// Whether a run's streams and tables are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// Nobody else uses these names.
    Fresh,
    /// Whoever asks for shared names gets the same ones.
    Shared,
}

/// A place for the streams and tables of one run.
pub(crate) enum Backend {
    Embedded(Embedded),
    /// The same, with a memory that it shares with other runs.
    Recall(Recall),
    LocalStack(localstack::LocalStack),
    #[cfg(feature = "aws")]
    Aws(aws::Aws),
}

impl Backend {
    /// Opens a place for one run.
    pub(crate) async fn open(kind: Kind, names: Names) -> Result<Self, BackendError> {
        Ok(match kind {
            // Nobody outside this process could share it.
            Kind::Embedded => Backend::Embedded(Embedded::start().await),
            Kind::LocalStack => Backend::LocalStack(localstack::LocalStack::open(names).await?),
            #[cfg(feature = "aws")]
            Kind::Aws => Backend::Aws(aws::Aws::open(names).await?),
            #[cfg(not(feature = "aws"))]
            Kind::Aws => return Err(BackendError::NotBuilt),
        })
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Backend::Embedded(_) | Backend::Recall(_) => Kind::Embedded,
            Backend::LocalStack(_) => Kind::LocalStack,
            #[cfg(feature = "aws")]
            Backend::Aws(_) => Kind::Aws,
        }
    }

    /// What every name of a stream or table begins with, so that runs do not meet.
    pub(crate) fn prefix(&self) -> &str {
        match self {
            // A run has the whole emulator to itself.
            Backend::Embedded(_) | Backend::Recall(_) => "",
            Backend::LocalStack(localstack) => localstack.prefix(),
            #[cfg(feature = "aws")]
            Backend::Aws(aws) => aws.prefix(),
        }
    }

    /// Sends one request and waits for its answer.
    pub(crate) async fn answer(&self, request: &Request) -> Result<Response, NoAnswer> {
        match self {
            Backend::Embedded(embedded) => embedded.answer(request).await,
            Backend::Recall(recall) => recall.answer(request).await,
            Backend::LocalStack(localstack) => localstack.answer(request).await,
            #[cfg(feature = "aws")]
            Backend::Aws(aws) => aws.answer(request).await,
        }
    }
}
