//! The model of a payments service: what a list of payments should have done, and what a result must have seen instead.

#![allow(
    clippy::inconsistent_digit_grouping,
    reason = "100_00 is 100.00 in cents, and reads so"
)]

mod audit;

use crate::dice::Dice;
use crate::payment::{Decision, Direction, Payment, money};
use crate::scenario::Aftermath;
use crate::world::{Item, item};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Opening balances, and deliveries in their order.
#[derive(Clone, Debug)]
pub struct Ledger {
    opening: BTreeMap<String, i64>,
    deliveries: Vec<Payment>,
}

impl Ledger {
    /// Opening balances in cents, and the deliveries.
    pub fn new(opening: &[(&str, i64)], deliveries: Vec<Payment>) -> Self {
        Ledger {
            opening: opening
                .iter()
                .map(|(id, cents)| ((*id).to_owned(), *cents))
                .collect(),
            deliveries,
        }
    }

    /// The same accounts, and other deliveries.
    pub fn delivering(&self, deliveries: Vec<Payment>) -> Self {
        Ledger {
            opening: self.opening.clone(),
            deliveries,
        }
    }

    /// The five deliveries that the course begins with: alice 100.00, bob 200.00, and evt_2 twice.
    pub fn five_payments() -> Self {
        use Direction::{Deposit, Withdrawal};
        let evt_2 = Payment::new("evt_2", "bob", Deposit, 30_00);
        Ledger::new(
            &[("alice", 100_00), ("bob", 200_00)],
            vec![
                Payment::new("evt_1", "alice", Deposit, 50_00),
                evt_2.clone(),
                Payment::new("evt_3", "alice", Withdrawal, 20_00),
                evt_2,
                Payment::new("evt_4", "bob", Withdrawal, 10_00),
            ],
        )
    }

    /// Four payments, each delivered once, two of alice's and two of bob's.
    ///
    /// However often each is applied, up to four times, no two ways lead to the same balances. So a balance
    /// tells what was lost and what was repeated, also where two faults did both.
    pub fn four_payments() -> Self {
        use Direction::{Deposit, Withdrawal};
        Ledger::new(
            &[("alice", 100_00), ("bob", 200_00)],
            vec![
                Payment::new("evt_1", "alice", Deposit, 50_00),
                Payment::new("evt_2", "bob", Deposit, 30_00),
                Payment::new("evt_3", "alice", Withdrawal, 20_00),
                Payment::new("evt_4", "bob", Withdrawal, 70_00),
            ],
        )
    }

    /// The five payments, then carol, who has no account yet: she withdraws 40.00, deposits 70.00, and withdraws
    /// 25.00, which only the deposit makes possible. And dave withdraws all that he has.
    pub fn five_payments_and_an_overdraft() -> Self {
        use Direction::{Deposit, Withdrawal};
        let mut ledger = Ledger::five_payments();
        ledger.opening.insert("dave".to_owned(), 15_00);
        ledger.deliveries.extend([
            Payment::new("evt_5", "carol", Withdrawal, 40_00),
            Payment::new("evt_6", "carol", Deposit, 70_00),
            Payment::new("evt_7", "carol", Withdrawal, 25_00),
            Payment::new("evt_8", "dave", Withdrawal, 15_00),
        ]);
        ledger
    }

    /// Payments drawn from `seed`: other accounts, ids, amounts, repeats and order, an overdraft among them.
    ///
    /// The amounts of one account are such that each sum of them can come about in one way only. Some names differ in one
    /// capital letter, or behind many letters only: they are texts, and none is like another.
    pub fn from_seed(seed: u64) -> Self {
        const NAMES: [[&str; 2]; 4] = [
            ["dora", "Dora"],
            ["emil", "emiL"],
            ["fay", "Fay"],
            ["gus", "guS"],
        ];
        const IDS: [&str; 5] = [
            "a",
            "A",
            "from-a-customer-who-pays-by-card-1",
            "from-a-customer-who-pays-by-card-2",
            "b",
        ];
        let mut dice = Dice::new(seed);
        let accounts = NAMES[dice.below(NAMES.len() as u64) as usize];
        let opening: Vec<_> = accounts
            .iter()
            .map(|name| (*name, 500_00 + dice.below(500_00) as i64))
            .collect();
        let mut payments = Vec::new();
        let mut amount_cents = 1 + dice.below(97) as i64;
        for id in IDS {
            let account = accounts[dice.below(2) as usize];
            let direction = match dice.below(3) {
                0 => Direction::Withdrawal,
                _ => Direction::Deposit,
            };
            payments.push(Payment::new(
                &format!("pay-{seed}-{id}"),
                account,
                direction,
                amount_cents,
            ));
            // More than four times the sum of all before.
            amount_cents = amount_cents * 6 + dice.below(17) as i64;
        }
        let overdraft = Payment::new(
            &format!("pay-{seed}-over"),
            accounts[dice.below(2) as usize],
            Direction::Withdrawal,
            5_000_000_00,
        );
        payments.insert(dice.below(payments.len() as u64 + 1) as usize, overdraft);
        // Two of them arrive again, later.
        for _ in 0..2 {
            let original = dice.below(payments.len() as u64) as usize;
            let later = original + 1 + dice.below((payments.len() - original) as u64) as usize;
            payments.insert(later, payments[original].clone());
        }
        Ledger::new(&opening, payments)
    }

    /// Amounts of which a float or a narrower integer makes others.
    pub fn large_amounts() -> Self {
        use Direction::{Deposit, Withdrawal};
        Ledger::new(
            &[],
            vec![
                Payment::new("evt_large", "erin", Deposit, 9_007_199_254_740_993),
                Payment::new("evt_half", "erin", Withdrawal, 5_000_000_000),
            ],
        )
    }

    /// Only the first delivery of each event, and nothing that would be rejected.
    pub fn without_repeats(mut self) -> Self {
        let decisions = self.decisions();
        let mut decisions = decisions.iter();
        self.deliveries
            .retain(|_| decisions.next() == Some(&Decision::Applied));
        self
    }

    /// The balances before the first payment, in cents.
    pub fn opening(&self) -> &BTreeMap<String, i64> {
        &self.opening
    }

    /// The deliveries, in order.
    pub fn deliveries(&self) -> &[Payment] {
        &self.deliveries
    }

    /// The decision on each delivery. The first delivery of an event decides, and for good.
    pub fn decisions(&self) -> Vec<Decision> {
        let mut balances = self.opening.clone();
        let mut seen = BTreeSet::new();
        let decide = |payment: &Payment| {
            if !seen.insert(payment.event_id.clone()) {
                return Decision::Duplicate;
            }
            let balance = balances.entry(payment.account_id.clone()).or_default();
            if *balance + payment.delta_cents() < 0 {
                return Decision::Rejected;
            }
            *balance += payment.delta_cents();
            Decision::Applied
        };
        self.deliveries.iter().map(decide).collect()
    }

    /// Each event once, with whether it is applied.
    fn events(&self) -> Vec<(&Payment, bool)> {
        self.deliveries
            .iter()
            .zip(self.decisions())
            .filter(|(_, decision)| *decision != Decision::Duplicate)
            .map(|(payment, decision)| (payment, decision == Decision::Applied))
            .collect()
    }

    /// The ids of the events, each once.
    pub fn event_ids(&self) -> Vec<&str> {
        self.events()
            .into_iter()
            .map(|(payment, _)| payment.event_id.as_str())
            .collect()
    }

    /// The balances that the payments lead to, in cents.
    pub fn balances(&self) -> BTreeMap<String, i64> {
        let mut balances = self.opening.clone();
        for (payment, applied) in self.events() {
            if applied {
                *balances.entry(payment.account_id.clone()).or_default() += payment.delta_cents();
            }
        }
        balances
    }

    /// The items of the table `account-balances` before the first payment: `accountId`, `balanceCents`.
    pub fn opening_items(&self) -> Vec<Item> {
        let item = |(id, cents): (&String, &i64)| {
            item(json!({ "accountId": { "S": id }, "balanceCents": { "N": cents.to_string() } }))
        };
        self.opening.iter().map(item).collect()
    }

    /// What the table `processed-events` holds when a run begins: a long event of last year. Whoever reads the
    /// whole table to find one event pays for this one each time.
    pub fn processed_long_ago() -> Vec<Item> {
        let payload = "x".repeat(40 * 1024);
        let long_ago =
            json!({ "eventId": { "S": "evt_of_last_year" }, "payload": { "S": payload } });
        vec![item(long_ago)]
    }

    /// The records of the deliveries: partition key and data.
    pub fn records(&self) -> Vec<(String, Vec<u8>)> {
        let record = |p: &Payment| (p.account_id.clone(), p.to_json().to_string().into_bytes());
        self.deliveries.iter().map(record).collect()
    }

    /// The balances that a run has left, in one line: `alice 130.00, bob 220.00`. Whoever has no item has 0.00.
    pub fn balances_in(&self, aftermath: &Aftermath) -> String {
        let found = |account: &str| {
            let mut items = aftermath.items("account-balances").iter();
            let item = items.find(|item| Aftermath::text(item, "accountId") == Some(account))?;
            Aftermath::number(item, "balanceCents")
        };
        let balances: Vec<_> = self
            .balances()
            .keys()
            .map(|account| format!("{account} {}", money(found(account).unwrap_or(0))))
            .collect();
        balances.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_tells_what_was_lost_and_what_was_repeated() {
        let seeds = (1..50).map(|seed| Ledger::from_seed(seed).without_repeats());
        for ledger in seeds.chain([Ledger::four_payments()]) {
            let mut ways = BTreeMap::new();
            for (account, _) in ledger.balances() {
                let deltas: Vec<_> = ledger
                    .events()
                    .iter()
                    .filter(|(p, _)| p.account_id == account)
                    .map(|(p, _)| p.delta_cents())
                    .collect();
                for code in 0..5_i64.pow(deltas.len() as u32) {
                    let counts = (0..deltas.len()).map(|digit| code / 5_i64.pow(digit as u32) % 5);
                    let sum: i64 = deltas
                        .iter()
                        .zip(counts)
                        .map(|(delta, count)| delta * count)
                        .sum();
                    let other = ways.insert((account.clone(), sum), code);
                    assert_eq!(other, None, "two ways to {sum} for {account} in {ledger:?}");
                }
            }
        }
    }

    #[test]
    fn each_seed_has_a_repeat_and_an_overdraft() {
        for seed in 1..200 {
            let decisions = Ledger::from_seed(seed).decisions();
            assert!(decisions.contains(&Decision::Duplicate), "seed {seed}");
            assert!(decisions.contains(&Decision::Rejected), "seed {seed}");
        }
    }
}
