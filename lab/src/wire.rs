//! A life's way to the gate: what it sends waits here, in its order, until the lab has carried it to AWS and back.
//!
//! An attempt is on its way from the moment at which it is sent, as a request in a socket is: whether its sender goes on
//! to poll for the answer makes no difference to the others.

use crate::backend::NoAnswer;
use crate::locked::locked;
use crate::request::{Request, Response};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::{Notify, oneshot};

/// One life's wire.
#[derive(Clone, Default)]
pub(crate) struct Wire(Arc<Inner>);

#[derive(Default)]
struct Inner {
    sent: Mutex<VecDeque<Attempt>>,
    more: Notify,
}

/// An end of the line in which attempts wait.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// The attempt that was sent first.
    First,
    /// The attempt that was sent last.
    Last,
}

/// An attempt on its way.
pub(crate) struct Attempt {
    pub(crate) request: Request,
    back: oneshot::Sender<Result<Response, NoAnswer>>,
}

impl Attempt {
    /// Gives its sender what came back, if the sender still waits for it.
    pub(crate) fn answer(self, back: Result<Response, NoAnswer>) {
        // A sender that has given up, after a time-out of its own, learns nothing.
        let _ = self.back.send(back);
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    /// Sends an attempt, and waits for what comes back: nothing ever, where the life ends first.
    pub(crate) async fn attempt(&self, request: Request) -> Result<Response, NoAnswer> {
        let (back, waits) = oneshot::channel();
        self.queue().push_back(Attempt { request, back });
        self.0.more.notify_one();
        match waits.await {
            Ok(back) => back,
            Err(_) => std::future::pending().await,
        }
    }

    /// Waits until something has been sent.
    pub(crate) async fn has_sent(&self) {
        while self.queue().is_empty() {
            self.0.more.notified().await;
        }
    }

    /// Of the attempts that were sent and not taken yet, the first or the last.
    pub(crate) fn take(&self, which: End) -> Option<Attempt> {
        let mut queue = self.queue();
        match which {
            End::First => queue.pop_front(),
            End::Last => queue.pop_back(),
        }
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<Attempt>> {
        locked(&self.0.sent)
    }
}
