//! The stream and the tables of the demo.

use super::screen::Screen;
use anyhow::{Result, bail};
use lab::backend::{BackendError, Kind};
use lab::request::Service;
use lab::world::World;
use lab::{Ledger, Stage};

/// The stream.
pub const STREAM: &str = "payment-events";
/// `accountId`, `balanceCents`
pub const BALANCES: &str = "account-balances";
/// `eventId`
pub const PROCESSED: &str = "processed-events";

/// `cargo course` is an alias, and takes no feature.
pub const COURSE_ON_AWS: &str = "cargo run --package course --features lab/aws --";

const ALL: [(Service, &str); 3] = [
    (Service::Kinesis, STREAM),
    (Service::DynamoDb, BALANCES),
    (Service::DynamoDb, PROCESSED),
];

/// Creates everything.
///
/// # Errors
/// Something of that name is there, or the backend refuses.
pub fn build(stage: &Stage, kind: Kind) -> Result<()> {
    stage.with(async |world| {
        for (service, name) in ALL {
            if world.exists(service, name).await? {
                bail!(
                    "`{}` is still there from an earlier demo: remove it with `{}`.",
                    world.name(name),
                    clean_command(kind)
                );
            }
        }
        for (service, name) in ALL {
            create(world, service, name).await?;
        }
        Ok(())
    })
}

/// Creates what is not there yet, with the opening balances. Two terminals may do so at once.
///
/// # Errors
/// The backend refuses.
pub fn build_what_is_missing(stage: &Stage, screen: &mut Screen) -> Result<()> {
    stage.with(async |world| {
        for (service, name) in ALL {
            if !world.exists(service, name).await? {
                match create(world, service, name).await {
                    Ok(()) => screen.faint(&format!("created {}", world.name(name))),
                    // The other terminal was faster.
                    Err(BackendError::Refused { reason, .. })
                        if reason.starts_with("ResourceInUse") => {}
                    Err(error) => return Err(error.into()),
                }
            }
            world.wait_until_usable(service, name).await?;
        }
        // Whoever created the table may not have come to this yet, and what is there may have been paid into.
        for item in Ledger::five_payments().opening_items() {
            world
                .put_item_if_absent(BALANCES, "accountId", &item)
                .await?;
        }
        Ok(())
    })
}

async fn create(world: &World, service: Service, name: &str) -> Result<(), BackendError> {
    match (service, name) {
        (Service::Kinesis, _) => world.create_stream(name, 1).await,
        (_, BALANCES) => world.create_table(name, "accountId").await,
        _ => world.create_table(name, "eventId").await,
    }
}

/// Empties both tables, and puts the opening balances back.
///
/// # Errors
/// The backend refuses.
pub fn reset(stage: &Stage) -> Result<()> {
    stage.with(async |world| {
        world.empty_table(BALANCES, "accountId").await?;
        world.empty_table(PROCESSED, "eventId").await?;
        world
            .put_items(BALANCES, &Ledger::five_payments().opening_items())
            .await?;
        Ok(())
    })
}

/// Deletes everything that is there.
///
/// # Errors
/// The backend refuses.
pub fn clear(stage: &Stage, screen: &mut Screen) -> Result<()> {
    stage.with(async |world| {
        let mut found = Vec::new();
        for (service, name) in ALL {
            if world.exists(service, name).await? {
                world.delete(service, name).await?;
                found.push((service, name));
            }
        }
        for (service, name) in &found {
            // Until it has gone, nobody can create another one of that name.
            world.wait_until_gone(*service, name).await?;
            screen.line(&format!("deleted {}", world.name(name)));
        }
        if found.is_empty() {
            screen.line("There is nothing left to delete.");
        }
        Ok(())
    })
}

/// Says what `--keep` has left.
pub fn say_what_is_left(stage: &Stage, kind: Kind, screen: &mut Screen) {
    let names = stage.with(async |world| ALL.map(|(_, name)| world.name(name)).join(", "));
    screen.line(&format!(
        "\nLeft as they are: {names}. `{}` deletes them.",
        clean_command(kind)
    ));
}

fn clean_command(kind: Kind) -> String {
    let course = match kind {
        Kind::Aws => format!("LAB_AWS_MAY_COST_MONEY=yes {COURSE_ON_AWS}"),
        _ => "cargo course".to_owned(),
    };
    format!("{course} demo clean --backend {}", kind.name())
}
