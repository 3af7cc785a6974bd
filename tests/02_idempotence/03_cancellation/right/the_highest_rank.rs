//! Each reason has a rank, by its place and its code. The highest rank decides.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

/// What a refused transaction means for the payment that it carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Duplicate,
    Overdraft,
    TryAgain,
    OursToFix,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Rank {
    Fine,
    Short,
    Busy,
    Broken,
    Known,
}

fn rank(place: usize, code: &str) -> Rank {
    match (place, code) {
        (_, "None") => Rank::Fine,
        (0, "ConditionalCheckFailed") => Rank::Known,
        (_, "ConditionalCheckFailed") => Rank::Short,
        (_, "ValidationError" | "ItemCollectionSizeLimitExceeded") => Rank::Broken,
        _ => Rank::Busy,
    }
}

pub fn decide(error: &SdkError<TransactWriteItemsError>) -> Decision {
    if let Some(TransactWriteItemsError::TransactionCanceledException(c)) = error.as_service_error()
    {
        let worst = c
            .cancellation_reasons()
            .iter()
            .enumerate()
            .map(|(i, r)| rank(i, r.code().unwrap_or_default()))
            .max();
        return match worst {
            Some(Rank::Known) => Decision::Duplicate,
            Some(Rank::Broken) => Decision::OursToFix,
            Some(Rank::Short) => Decision::Overdraft,
            Some(Rank::Busy | Rank::Fine) | None => Decision::TryAgain,
        };
    }
    match error.code() {
        Some(
            "ValidationException"
            | "ResourceNotFoundException"
            | "IdempotentParameterMismatchException"
            | "AccessDeniedException"
            | "UnrecognizedClientException"
            | "MissingAuthenticationTokenException"
            | "SerializationException",
        ) => Decision::OursToFix,
        None if matches!(error, SdkError::ConstructionFailure(_)) => Decision::OursToFix,
        _ => Decision::TryAgain,
    }
}
