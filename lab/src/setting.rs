//! Where all runs of a scenario begin: the streams and tables as they were made.

use crate::backend::{BackendError, Kind, on_lab};
use crate::data::Data;
use crate::fault::Strike;
use crate::locked::locked;
use crate::run::{Run, run, run_in};
use crate::scenario::Scenario;
use crate::sequel::Sequels;
use crate::world::World;
use std::sync::{Arc, Mutex};

/// A scenario on a backend, of which there are to be many runs.
///
/// On the embedded backend they share what they learn of it; elsewhere each has streams and tables of its own.
pub struct Setting<'a> {
    kind: Kind,
    scenario: &'a Scenario,
    data: Data,
    /// What its runs share, once there has been one.
    made: Mutex<Option<Arc<Made>>>,
}

/// What the runs of a scenario share.
struct Made {
    /// The world as it was made.
    world: World,
    sequels: Sequels,
}

impl<'a> Setting<'a> {
    /// Nothing is made yet.
    pub fn new(kind: Kind, scenario: &'a Scenario) -> Self {
        Setting {
            kind,
            scenario,
            data: Data::Usual,
            made: Mutex::default(),
        }
    }

    /// The scenario is about these data of its check.
    pub(crate) fn with(mut self, data: Data) -> Self {
        self.data = data;
        self
    }

    /// Runs it once under `plan`.
    ///
    /// # Errors
    /// As [`run`].
    pub fn run(&self, plan: &[Strike]) -> Result<Run, BackendError> {
        let data = self.data;
        self.run_anew_or_shared(plan).map(|run| Run { data, ..run })
    }

    fn run_anew_or_shared(&self, plan: &[Strike]) -> Result<Run, BackendError> {
        if self.kind == Kind::Embedded {
            let made = self.made()?;
            if let Some(world) = made.world.again() {
                let run = run_in(Arc::new(world), self.scenario, plan, &made.sequels)?;
                // Else it has written to the streams, or met what another one wrote there.
                if made.world.is_as_made() {
                    return Ok(run);
                }
            }
        }
        run(self.kind, self.scenario, plan)
    }

    fn made(&self) -> Result<Arc<Made>, BackendError> {
        let mut made = locked(&self.made);
        if let Some(made) = &*made
            && !made.world.is_old()
        {
            return Ok(made.clone());
        }
        let scenario = self.scenario;
        let world = on_lab(async move {
            let world = World::open(Kind::Embedded).await?;
            scenario.set_up(&world).await?;
            Ok(world.remembering())
        })?;
        let sequels = Sequels::default();
        Ok(made.insert(Arc::new(Made { world, sequels })).clone())
    }
}
