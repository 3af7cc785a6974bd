//! Runs that share what is known of their tables come to the same as runs that do not.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use aws_sdk_kinesis::types::ShardIteratorType;
use lab::backend::Kind;
use lab::world::item;
use lab::{Aws, Fault, Run, Scenario, Setting, Strike, run};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The faults after which another worker goes on.
const CRASHES: [Fault; 3] = [Fault::CrashBefore, Fault::CrashAfter, Fault::Redelivered];

/// What a worker does beside its payments.
#[derive(Clone, Copy, PartialEq)]
enum Also {
    Nothing,
    ChoosesTokens,
    ReadsNotes,
    SwitchesTimeToLive,
    WritesToAStream,
}

fn scenario(also: Also, started: Arc<AtomicU32>) -> Scenario {
    let record = |n: u8| ("alice".to_owned(), vec![n]);
    Scenario::new(move |aws| {
        started.fetch_add(1, Ordering::SeqCst);
        work(aws, also)
    })
    .stream("payments", 1, [1, 2].map(record).to_vec())
    .output_stream("results")
    .watched_table(
        "balances",
        "account",
        vec![item(
            json!({ "account": { "S": "alice" }, "cents": { "N": "0" } }),
        )],
    )
    .table("applied", "payment", Vec::new())
}

async fn work(aws: Aws, also: Also) -> Result<(), Error> {
    if also == Also::SwitchesTimeToLive {
        switch_time_to_live(&aws).await?;
    }
    let mut iterator = aws
        .kinesis
        .get_shard_iterator()
        .stream_name(aws.name("payments"))
        .shard_id("shardId-000000000000")
        .shard_iterator_type(ShardIteratorType::TrimHorizon)
        .send()
        .await?
        .shard_iterator;
    loop {
        let page = aws
            .kinesis
            .get_records()
            .set_shard_iterator(iterator)
            .limit(1)
            .send()
            .await?;
        for record in page.records() {
            apply(&aws, also, record.data().as_ref()[0]).await?;
        }
        if page.millis_behind_latest() == Some(0) {
            break;
        }
        iterator = page.next_shard_iterator;
    }
    if also == Also::ReadsNotes {
        let notes = aws.notes().len();
        aws.note(format!("{notes} notes so far"));
    }
    Ok(())
}

/// Applies a payment of so many cents, whose number that is.
async fn apply(aws: &Aws, also: Also, cents: u8) -> Result<(), Error> {
    let name = aws.name("applied");
    let key = AttributeValue::S(format!("payment {cents}"));
    let seen = aws
        .dynamodb
        .get_item()
        .table_name(&name)
        .key("payment", key.clone())
        .send()
        .await?;
    aws.note(format!(
        "payment {cents} seen before: {}",
        seen.item().is_some()
    ));
    if also == Also::WritesToAStream {
        aws.kinesis
            .put_record()
            .stream_name(aws.name("results"))
            .partition_key("alice")
            .data(vec![cents].into())
            .send()
            .await?;
    }
    let token = (also == Also::ChoosesTokens).then(|| format!("payment-{cents}"));
    // Who repeats a token has to repeat the whole request.
    let by = match token {
        Some(_) => 0,
        None => aws.life,
    };
    let put = Put::builder()
        .table_name(&name)
        .item("payment", key)
        .item("by", AttributeValue::N(by.to_string()))
        .condition_expression("attribute_not_exists(payment)");
    let add = Update::builder()
        .table_name(aws.name("balances"))
        .key("account", AttributeValue::S("alice".to_owned()))
        .update_expression("ADD cents :cents")
        .expression_attribute_values(":cents", AttributeValue::N(cents.to_string()));
    let sent = aws
        .dynamodb
        .transact_write_items()
        .set_client_request_token(token)
        .transact_items(TransactWriteItem::builder().put(put.build()?).build())
        .transact_items(TransactWriteItem::builder().update(add.build()?).build())
        .send()
        .await;
    match sent.map_err(|error| error.into_service_error()) {
        Ok(_) => aws.note("applied"),
        Err(error) if error.is_transaction_canceled_exception() => {
            aws.note(error.to_string());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn switch_time_to_live(aws: &Aws) -> Result<(), Error> {
    use aws_sdk_dynamodb::types::{TimeToLiveSpecification, TimeToLiveStatus};
    let wanted = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name("until");
    let switched = aws
        .dynamodb
        .update_time_to_live()
        .table_name(aws.name("applied"))
        .time_to_live_specification(wanted.build()?)
        .send()
        .await;
    aws.note(format!("switched: {}", switched.is_ok()));
    let mut looks = 1;
    while aws
        .dynamodb
        .describe_time_to_live()
        .table_name(aws.name("applied"))
        .send()
        .await?
        .time_to_live_description()
        .and_then(|now| now.time_to_live_status())
        != Some(&TimeToLiveStatus::Enabled)
    {
        looks += 1;
    }
    aws.note(format!("on after {looks} looks"));
    Ok(())
}

/// Rows of plans: of one of these faults at point 1, 2, 3 and so on, and some of two faults.
fn rows(faults: &[Fault]) -> Vec<Vec<Vec<Strike>>> {
    const TWO: [(Fault, Fault); 4] = [
        (Fault::CrashBefore, Fault::StaleRead),
        (Fault::CrashAfter, Fault::LostResponse),
        (Fault::EmptyPage, Fault::CrashAfter),
        (Fault::TokenExpired, Fault::Zombie),
    ];
    let row = |plan: &dyn Fn(u32) -> Vec<Strike>| (1..=9).map(plan).collect();
    let ones = faults.iter().map(|&fault| row(&|at| vec![fault.at(at)]));
    let twos = TWO.map(|(one, other)| row(&|at| vec![one.at(at), other.at(2)]));
    ones.chain(twos).collect()
}

/// All of a run but the records' sequence numbers, which are others in each world.
fn told(run: &Run) -> String {
    let mut run = run.clone();
    run.aftermath.sequence_numbers.clear();
    format!("{run:?}")
}

/// Runs everything both ways, and gives how many workers it took: where runs share what is known, and where not.
fn compare(also: Also, faults: &[Fault]) -> (u32, u32) {
    let (shared, alone) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let shares = scenario(also, shared.clone());
    let setting = Setting::new(Kind::Embedded, &shares);
    for row in rows(faults) {
        for plan in row {
            let with = setting.run(&plan).expect("the embedded backend runs");
            let without = run(Kind::Embedded, &scenario(also, alone.clone()), &plan)
                .expect("the embedded backend runs");
            assert_eq!(told(&with), told(&without), "{plan:?}");
            if !with.fired {
                break;
            }
        }
    }
    (shared.load(Ordering::SeqCst), alone.load(Ordering::SeqCst))
}

#[test]
fn what_has_followed_before_is_not_run_again() {
    let (shared, alone) = compare(Also::Nothing, &Fault::ALL);
    assert!(shared < alone * 9 / 10, "{shared} of {alone} workers");
}

#[test]
fn a_token_that_code_has_chosen_is_known_to_its_successor() {
    let (shared, alone) = compare(Also::ChoosesTokens, &Fault::ALL);
    assert!(shared < alone * 9 / 10, "{shared} of {alone} workers");
}

#[test]
fn who_reads_what_others_wrote_is_run_again() {
    let (shared, alone) = compare(Also::ReadsNotes, &CRASHES);
    assert_eq!(shared, alone);
}

#[test]
fn time_to_live_that_is_being_switched_on_is_no_state_of_a_table() {
    compare(Also::SwitchesTimeToLive, &CRASHES);
}

#[test]
fn who_writes_to_a_stream_has_one_of_his_own() {
    compare(Also::WritesToAStream, &CRASHES);
}
