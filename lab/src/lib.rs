//! A lab that crashes stream processors at every call they make to AWS, and says what survived.
//!
//! A check goes one way through these modules: a [`Scenario`] is set up in a [`World`](world::World), code under
//! test lives through it, every attempt to reach AWS passes one gate where a [`Fault`] may strike, and what is left
//! is audited against a model: [`Ledger`]. The [`Check`] holds the verdict against a snapshot.
//!
//! The runs of a check share what they learn of the embedded backend, so that most of them take few milliseconds:
//! [`Setting`].
//!
//! Code under test gets plain clients of the AWS SDK. It cannot tell the lab from AWS.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod backend;
pub mod request;
pub mod world;

mod arrivals;
mod audit;
mod breaking;
mod cases;
mod check;
mod client;
mod cost;
mod data;
mod diagnosis;
mod dice;
mod drawn_token;
mod exercise;
mod fault;
mod gap;
mod gate;
mod guard;
mod harness;
mod in_part;
mod ledger;
mod life;
mod locked;
mod matrix;
mod payment;
pub mod progress;
mod quiet;
mod record;
mod refused;
mod report;
mod run;
mod scenario;
mod sequel;
mod sequence_number;
mod setting;
mod snapshot;
mod source;
mod stage;
mod trace;
mod verdict;
mod wire;

pub use audit::{Anomaly, AnomalyKind};
pub use breaking::Breaking;
pub use cases::{Blame, Cases};
pub use check::Check;
pub use cost::Cost;
pub use data::Data;
pub use dice::Dice;
pub use exercise::Exercise;
pub use fault::{Fault, Strike};
pub use ledger::Ledger;
pub use life::Aws;
pub use payment::{Decision, Direction, Payment, money};
pub use refused::{Refused, transaction_error};
pub use run::{Run, run};
pub use scenario::{Aftermath, Scenario, Version};
pub use setting::Setting;
pub use snapshot::checks_in;
pub use stage::{Act, Fate, Scene, Stage};
pub use trace::{Entry, Outcome};
pub use verdict::{Budget, Judgement};
