//! What may happen to a worker. All given; there is nothing to change here.

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The worker dies before the call reaches DynamoDB. Another one begins with the first delivery again.
    CrashBefore,
    /// DynamoDB has done what it was asked. The worker dies before it hears of it.
    CrashAfter,
    /// DynamoDB has done what it was asked, and the answer is lost. The worker lives; the SDK sends the call again.
    LostResponse,
    /// The call is refused once: too many requests. The SDK sends it again.
    Throttled,
    /// The call is refused as often as the SDK sends it. The worker gets an error, and ends with it.
    ThrottledOut,
    /// The worker stalls before the call. Another one does all its work, from the first delivery to the end. Then the
    /// first one goes on with the call, none the wiser.
    Zombie,
}

/// A fault, and the call that it strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strike {
    /// What happens.
    pub fault: Fault,
    /// To which call: 1 for the first. What the SDK sends again counts again, as in the list that the check prints.
    ///
    /// After an earlier fault the count begins again: 1 is the first attempt after the one that was struck, whichever
    /// worker makes it. The list goes on counting. A call that is [`Fault::ThrottledOut`] has several attempts, and so
    /// several numbers in the list: it is one fault, and 1 is the first attempt after the last of them.
    pub call: u32,
}
