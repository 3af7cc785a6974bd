//! Holds what a run has left against the model, and says which losses and repeats explain the difference.

use super::Ledger;
use crate::audit::{Anomaly, AnomalyKind};
use crate::payment::{Payment, money};
use crate::scenario::Aftermath;
use std::collections::BTreeMap;

impl Ledger {
    /// Holds the table `account-balances` against the model.
    pub fn audit(&self, aftermath: &Aftermath) -> Vec<Anomaly> {
        let expected = self.balances();
        let items = aftermath.items("account-balances");
        let mut anomalies = Vec::new();
        let mut found = BTreeMap::new();
        for item in items {
            let account = Aftermath::text(item, "accountId").unwrap_or("an account without a name");
            match Aftermath::number(item, "balanceCents") {
                Some(cents) => {
                    found.insert(account.to_owned(), cents);
                }
                // Whoever has no money may keep something else there.
                None if !expected.contains_key(account) => {}
                None => anomalies.push(Anomaly::new(
                    AnomalyKind::Corrupt,
                    match item.get("balanceCents") {
                        Some(value) => format!(
                            "{account} has no whole number of cents: balanceCents is {}",
                            value["N"]
                                .as_str()
                                .map_or_else(|| value.to_string(), str::to_owned)
                        ),
                        None => format!("{account} has no balanceCents at all"),
                    },
                )),
            }
        }
        for (account, &expected) in &expected {
            if anomalies
                .iter()
                .any(|anomaly| anomaly.what.starts_with(account.as_str()))
            {
                continue;
            }
            // Nothing and zero are the same balance: nobody has to write an item for an account without money.
            let actual = found.remove(account).unwrap_or(0);
            if actual != expected {
                anomalies.extend(self.explain(account, actual, expected));
            }
        }
        let strangers = found
            .iter()
            .filter(|(account, _)| !expected.contains_key(*account));
        anomalies.extend(
            strangers
                .filter(|(_, cents)| **cents != 0)
                .flat_map(|(account, &cents)| self.explain(account, cents, 0)),
        );
        anomalies
    }

    /// Finds the losses and repeats that turn the expected balance into the actual one: the fewest that do.
    fn explain(&self, account: &str, actual: i64, expected: i64) -> Vec<Anomaly> {
        let has = format!(
            "{account} has {}, expected {}",
            money(actual),
            money(expected)
        );
        let events: Vec<_> = self
            .events()
            .into_iter()
            .filter(|(payment, _)| payment.account_id == account)
            .collect();
        let opening = self.opening.get(account).copied().unwrap_or(0);
        let Some(counts) = fewest_deviations(&events, actual - opening) else {
            let what = match actual.abs_diff(expected) {
                // Nobody has lost a payment of two cents.
                1..=2 => {
                    format!("{has}: somewhere money was rounded, which whole cents never need")
                }
                _ => format!("{has}, and no loss or repeat of its payments explains that"),
            };
            return vec![Anomaly::new(AnomalyKind::Corrupt, what)];
        };
        let mut anomalies = Vec::new();
        for ((payment, applied), count) in events.iter().zip(counts) {
            let id = payment.event_id.as_str();
            match (u32::from(*applied), count) {
                (should, count) if should == count => {}
                (0, _) => anomalies.push(Anomaly::of_event(
                    AnomalyKind::Corrupt,
                    id,
                    format!("{id} is beyond the balance, and was applied all the same: {has}"),
                )),
                (_, 0) => anomalies.push(Anomaly::of_event(
                    AnomalyKind::Lost,
                    id,
                    format!("{id} was never applied: {has}"),
                )),
                (_, count) => anomalies.push(Anomaly::of_event(
                    AnomalyKind::Duplicate,
                    id,
                    format!("{id} was applied {count} times: {has}"),
                )),
            }
        }
        anomalies
    }
}

/// How often each event was applied, if the payments together moved the balance by `change`.
fn fewest_deviations(events: &[(&Payment, bool)], change: i64) -> Option<Vec<u32>> {
    const MOST: u32 = 4;
    let mut best: Option<(u32, Vec<u32>)> = None;
    let mut counts = vec![0_u32; events.len()];
    loop {
        let sum: i64 = events
            .iter()
            .zip(&counts)
            .map(|((payment, _), &count)| payment.delta_cents() * i64::from(count))
            .sum();
        if sum == change {
            let deviations = events
                .iter()
                .zip(&counts)
                .map(|((_, applied), count)| count.abs_diff(u32::from(*applied)))
                .sum();
            if best.as_ref().is_none_or(|(fewest, _)| deviations < *fewest) {
                best = Some((deviations, counts.clone()));
            }
        }
        // Count up, one event a digit.
        let Some(digit) = counts.iter().position(|&count| count < MOST) else {
            return best.map(|(_, counts)| counts);
        };
        counts[..digit].fill(0);
        counts[digit] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(balances: &[(&str, i64)]) -> Aftermath {
        let ledger = Ledger::new(balances, Vec::new());
        Aftermath {
            tables: BTreeMap::from([(
                "account-balances".to_owned(),
                ledger.opening_items().into(),
            )]),
            ..Aftermath::default()
        }
    }

    fn named(anomalies: &[Anomaly]) -> Vec<String> {
        anomalies
            .iter()
            .map(|anomaly| format!("{} {}", anomaly.kind, anomaly.what))
            .collect()
    }

    #[test]
    fn five_payments_end_at_130_and_220() {
        let ledger = Ledger::five_payments();
        assert_eq!(
            ledger.balances(),
            BTreeMap::from([("alice".into(), 130_00), ("bob".into(), 220_00)])
        );
        assert!(
            ledger
                .audit(&after(&[("alice", 130_00), ("bob", 220_00)]))
                .is_empty()
        );
    }

    #[test]
    fn a_wrong_balance_is_explained_by_the_fewest_losses_and_repeats() {
        let ledger = Ledger::five_payments();
        assert_eq!(
            named(&ledger.audit(&after(&[("alice", 80_00), ("bob", 250_00)]))),
            [
                "LOST evt_1 was never applied: alice has 80.00, expected 130.00",
                "DUPLICATE evt_2 was applied 2 times: bob has 250.00, expected 220.00",
            ]
        );
        assert_eq!(
            named(&ledger.audit(&after(&[("alice", 130_00), ("bob", 1)]))),
            [
                "CORRUPT bob has 0.01, expected 220.00, and no loss or repeat of its payments explains that"
            ]
        );
    }

    #[test]
    fn a_rejected_withdrawal_that_is_applied_later_is_corrupt() {
        let ledger = Ledger::five_payments_and_an_overdraft();
        let anomalies = ledger.audit(&after(&[
            ("alice", 130_00),
            ("bob", 220_00),
            ("carol", 5_00),
        ]));
        assert_eq!(
            named(&anomalies),
            [
                "CORRUPT evt_5 is beyond the balance, and was applied all the same: carol has 5.00, expected 45.00"
            ]
        );
    }

    #[test]
    fn an_account_that_nobody_pays_must_stay_empty() {
        let ledger = Ledger::five_payments();
        let anomalies = ledger.audit(&after(&[
            ("alice", 130_00),
            ("bob", 220_00),
            ("mallory", 5),
        ]));
        assert_eq!(anomalies.len(), 1);
    }
}
