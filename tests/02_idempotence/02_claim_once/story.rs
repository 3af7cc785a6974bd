//! One claim from its beginning to its end.

use super::{CLAIM_SECONDS, EVENTS, answer, corrupt, or_stale, wrong_claim};
use lab::Scenario;

/// What happens to one claim: what, who calls, when if it is `claim`, what must come out, and why.
type Step = (
    &'static str,
    &'static str,
    Option<i64>,
    &'static str,
    &'static str,
);

const STORY: [Step; 11] = [
    (
        "worker-1 claims evt_1, which nobody has claimed",
        "worker-1",
        Some(0),
        "Mine",
        "an event without a claim may be claimed",
    ),
    (
        "worker-1 claims evt_1 again, 10 seconds later",
        "worker-1",
        Some(10),
        "Mine",
        "a worker's own claim is its own at any time: look at the owner",
    ),
    (
        "worker-10 claims evt_1, 89 seconds after worker-1",
        "worker-10",
        Some(CLAIM_SECONDS - 1),
        "Busy",
        "a claim expires in its second and not before, and times are compared as numbers",
    ),
    (
        "worker-10 claims evt_1, when worker-1's claim has expired",
        "worker-10",
        Some(CLAIM_SECONDS + 10),
        "Mine",
        "an expired claim may be taken over by anybody",
    ),
    (
        "worker-1 claims evt_1, a second after worker-10 took over",
        "worker-1",
        Some(CLAIM_SECONDS + 11),
        "Busy",
        "the claim is worker-10's: compare the whole name of the owner",
    ),
    (
        "worker-1 completes evt_1, after worker-10 took over",
        "worker-1",
        None,
        "Lost",
        "the claim is worker-10's: compare the whole name of the owner",
    ),
    (
        "worker-10 completes evt_1",
        "worker-10",
        None,
        "Yes",
        "the claim is worker-10's: what others have tried has changed nothing",
    ),
    (
        "worker-10 completes evt_1 a second time",
        "worker-10",
        None,
        "Yes",
        "it is completed, by this worker: the SDK repeats a write whose answer was lost",
    ),
    (
        "worker-1 claims evt_1, which worker-10 has just completed",
        "worker-1",
        Some(CLAIM_SECONDS + 19),
        "Done",
        "what is completed is Done at once, also before its claim would have expired",
    ),
    (
        "worker-10 claims evt_1, which it has completed itself",
        "worker-10",
        Some(CLAIM_SECONDS + 20),
        "Done",
        "what is completed is Done for its owner as well: the status counts before the owner",
    ),
    (
        "worker-1 claims evt_1, which was completed long ago",
        "worker-1",
        Some(1_000_000),
        "Done",
        "what is completed never expires: the status counts before the time",
    ),
];

/// The note on a step of the story of which came what must.
const AS_EXPECTED: &str = "as expected";

/// One claim from its beginning to its end, one call after another.
pub(super) fn story() -> Scenario {
    // In the 90th second, in the year 2286, seconds get another digit.
    const BEGIN: i64 = 10_000_000_000 - CLAIM_SECONDS;
    Scenario::new(|aws| async move {
        let (dynamodb, claims, event) = (&aws.dynamodb, aws.name("claims"), EVENTS[0]);
        // An error ends a worker. The story goes on with the step that it came from.
        let notes = aws.notes();
        let told_before = notes.iter().filter(|(_, note)| note == AS_EXPECTED).count();
        for (index, (_, owner, at, expected, _)) in STORY.iter().enumerate().skip(told_before) {
            let told = match at {
                Some(at) => {
                    let now = BEGIN + at;
                    aws.note(format!("asks {event} {owner} {now}"));
                    let told = answer::claim(dynamodb, &claims, event, owner, now).await?;
                    format!("{told:?}")
                }
                None => {
                    let told = answer::complete(dynamodb, &claims, event, owner).await?;
                    format!("{told:?}")
                }
            };
            if told != *expected {
                aws.note(format!("{index} {told}"));
                break;
            }
            aws.note(AS_EXPECTED);
        }
        Ok::<_, answer::Error>(())
    })
    .watched_table("claims", "eventId", Vec::new())
    .audit(|aftermath| {
        let wrong_step = aftermath.notes.iter().find_map(|(_, note)| {
            let (index, told) = note.split_once(' ')?;
            let (what, _, _, expected, why) = STORY.get(index.parse::<usize>().ok()?)?;
            let what = format!("{what}: expected {expected}, got {told}");
            Some(or_stale(aftermath, corrupt(what).because(why)))
        });
        wrong_step
            .or_else(|| wrong_claim(aftermath))
            .into_iter()
            .collect()
    })
}
