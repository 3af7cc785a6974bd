//! Kinesis sequence numbers, which have more digits than any integer type.

/// What sequence numbers are compared by: a longer one is larger, then digit by digit.
pub(crate) fn as_number(digits: &str) -> (usize, &str) {
    let digits = digits.trim_start_matches('0');
    (digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use super::as_number;

    #[test]
    fn sequence_numbers_compare_as_numbers_and_not_as_text() {
        assert!(as_number("9") < as_number("10"));
        assert!(
            as_number("0000000000000000000000000000000000000000000000000000000000000010")
                > as_number("9")
        );
    }
}
