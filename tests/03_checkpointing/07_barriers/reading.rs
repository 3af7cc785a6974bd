//! What of the inputs has been read.

use super::Message;
use super::inputs::{Inputs, after};
use std::collections::BTreeMap;

/// How far the inputs have been read.
pub(super) struct Reading<'a> {
    inputs: &'a Inputs,
    /// How many messages of each input have been read.
    next: [usize; 2],
    /// To the barrier of which epoch each input has come, or 0; `None` where it has ended.
    pub(super) reached: [Option<u64>; 2],
    /// The sums of what has been read.
    pub(super) sums: BTreeMap<String, i64>,
}

impl<'a> Reading<'a> {
    /// Begins behind the barriers of an epoch; at the beginning for 0.
    pub(super) fn behind(inputs: &'a Inputs, epoch: u64) -> Self {
        let mut read = Reading {
            inputs,
            next: [0, 0],
            reached: [Some(epoch); 2],
            sums: BTreeMap::new(),
        };
        for input in [0, 1] {
            for _ in 0..after(&inputs[input], epoch) {
                read.take(input);
            }
        }
        // What begins at its end is behind every barrier of the stored epoch.
        read.reached = [Some(epoch); 2];
        read
    }

    pub(super) fn has_more(&self, input: usize) -> bool {
        self.next[input] < self.inputs[input].len()
    }

    pub(super) fn take(&mut self, input: usize) -> Message {
        let message = self.inputs[input][self.next[input]].clone();
        self.next[input] += 1;
        match &message {
            Message::Event {
                account_id,
                delta_cents,
            } => match self.sums.get_mut(account_id) {
                Some(sum) => *sum += delta_cents,
                None => drop(self.sums.insert(account_id.clone(), *delta_cents)),
            },
            Message::Barrier { epoch } => self.reached[input] = Some(*epoch),
            Message::End => self.reached[input] = None,
        }
        message
    }

    /// How far each input has come, in words.
    pub(super) fn told(&self) -> String {
        let each = [0, 1].map(|input| match self.reached[input] {
            None => format!("input {input} has ended"),
            Some(0) => format!("input {input} has come to no barrier yet"),
            Some(epoch) => format!("input {input} has come to barrier {epoch}"),
        });
        each.join(", ")
    }
}
