//! Which attribute DynamoDB deletes by, and who else may have switched it.

use super::{EXPIRY, answer, on_tables, tables};
use aws_sdk_dynamodb::types::{TimeToLiveSpecification, TimeToLiveStatus};
use lab::Fault::ThrottledOut;
use lab::{Aftermath, Anomaly, AnomalyKind, Aws, Scenario};

/// An older version has switched time to live on, by an attribute that nobody writes any more.
pub(super) fn on_by_another_attribute() -> Scenario {
    on_tables(|aws| async move {
        if time_to_live(&aws).await?.0 == Some(TimeToLiveStatus::Disabled) {
            switch(&aws, "expiresAt", true).await?;
        }
        try_to_prepare(&aws).await
    })
    .audit(|aftermath| {
        prepared_all_the_same(
            aftermath,
            "UpdateTimeToLive is refused with the same code where another attribute is on: \
             DescribeTimeToLive tells which one, and without its answer nobody knows",
        )
    })
}

/// Somebody has switched time to live off a moment ago.
pub(super) fn being_switched_off() -> Scenario {
    /// More than the lab needs to switch it on. On AWS it takes up to an hour, and there this run sees nothing.
    const LOOKS: u32 = 30;
    on_tables(|aws| async move {
        switch(&aws, EXPIRY, true).await?;
        for _ in 0..LOOKS {
            if time_to_live(&aws).await?.0 == Some(TimeToLiveStatus::Enabled) {
                switch(&aws, EXPIRY, false).await?;
                return try_to_prepare(&aws).await;
            }
        }
        Ok(())
    })
    .audit(|aftermath| {
        prepared_all_the_same(
            aftermath,
            "while time to live is DISABLING its description still names the attribute: look at the status too",
        )
    })
}

async fn switch(aws: &Aws, attribute: &str, on: bool) -> Result<(), answer::Error> {
    let specification = TimeToLiveSpecification::builder()
        .attribute_name(attribute)
        .enabled(on)
        .build()?;
    let update = aws
        .dynamodb
        .update_time_to_live()
        .table_name(aws.name("processed-events"));
    update
        .time_to_live_specification(specification)
        .send()
        .await?;
    Ok(())
}

/// Status and attribute.
async fn time_to_live(
    aws: &Aws,
) -> Result<(Option<TimeToLiveStatus>, Option<String>), answer::Error> {
    let described = aws
        .dynamodb
        .describe_time_to_live()
        .table_name(aws.name("processed-events"))
        .send()
        .await?;
    let ttl = described.time_to_live_description;
    Ok(ttl.map_or((None, None), |ttl| {
        (ttl.time_to_live_status, ttl.attribute_name)
    }))
}

/// Notes by which attribute DynamoDB deletes, or will in a moment.
pub(super) async fn note_time_to_live(aws: &Aws) -> Result<(), answer::Error> {
    let (status, attribute) = time_to_live(aws).await?;
    let is_on = matches!(
        status,
        Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
    );
    let attribute = attribute.filter(|_| is_on);
    aws.note(format!(
        "time to live: {}",
        attribute.as_deref().unwrap_or("off")
    ));
    Ok(())
}

/// How a note begins that tells why time to live was not switched on.
const FAILED: &str = "prepare failed: ";

pub(super) async fn prepare(aws: &Aws) -> Result<(), answer::Error> {
    let prepared = answer::prepare(&aws.dynamodb, &tables(aws)).await;
    if let Err(error) = &prepared {
        aws.note(format!("{FAILED}{error}"));
    }
    prepared
}

/// An error of `prepare` where no call failed for good: time to live is on, whoever has switched it on.
pub(super) fn failed_in_vain(aftermath: &Aftermath) -> Option<Anomaly> {
    let mut notes = aftermath.notes.iter();
    let error = notes.find_map(|(_, note)| note.strip_prefix(FAILED))?;
    let mut struck = aftermath.trace.iter().filter_map(|entry| entry.struck);
    let is_for_good = struck.any(|fault| fault == ThrottledOut);
    (!is_for_good).then(|| {
        let what = format!("prepare failed, and time to live was on: {error}");
        Anomaly::new(AnomalyKind::Stuck, what).because(
            "another worker may have switched it on after you looked, or your own call, whose answer was lost: look again before you take a refusal for an error",
        )
    })
}

async fn try_to_prepare(aws: &Aws) -> Result<(), answer::Error> {
    match answer::prepare(&aws.dynamodb, &tables(aws)).await {
        Ok(()) => note_time_to_live(aws).await,
        Err(_) => Ok(()),
    }
}

fn prepared_all_the_same(aftermath: &Aftermath, why: &'static str) -> Vec<Anomaly> {
    let wrong = wrong_time_to_live(aftermath);
    wrong
        .map(|wrong| {
            let what = format!("prepare succeeded, and {wrong}");
            Anomaly::new(AnomalyKind::Corrupt, what).because(why)
        })
        .into_iter()
        .collect()
}

pub(super) fn wrong_time_to_live(aftermath: &Aftermath) -> Option<String> {
    let mut noted = aftermath
        .notes
        .iter()
        .filter_map(|(_, note)| note.strip_prefix("time to live: "));
    let wrong = noted.find(|attribute| *attribute != EXPIRY)?;
    Some(format!(
        "time to live is {wrong}, expected {EXPIRY}: nothing is ever deleted"
    ))
}
