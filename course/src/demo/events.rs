//! The five payments, and their way onto the stream.

use super::screen::Screen;
use super::set::STREAM;
use anyhow::Result;
use lab::{Direction, Ledger, Stage, money};
use std::collections::BTreeSet;

/// Sends the four payments in five records, evt_2 twice.
///
/// # Errors
/// The backend refuses.
pub fn send(stage: &Stage, screen: &mut Screen) -> Result<()> {
    let ledger = Ledger::five_payments();
    stage.with(async |world| world.put_records(STREAM, &ledger.records()).await)?;
    let mut sent = BTreeSet::new();
    for payment in ledger.deliveries() {
        let direction = match payment.direction {
            Direction::Deposit => "deposit",
            Direction::Withdrawal => "withdrawal",
        };
        let again = if sent.insert(&payment.event_id) {
            ""
        } else {
            "   the same event again"
        };
        let line = format!(
            "  {:<6} {:<6} {direction:<10} {:>6}{again}",
            payment.event_id,
            payment.account_id,
            money(payment.amount_cents)
        );
        screen.line(&line);
    }
    Ok(())
}
