//! Which of a check's data a run works on: each run of a check can be named, and repeated alone.

use std::fmt;
use std::str::FromStr;

/// The data of a run, among those of its check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Data {
    /// The data that the check is about.
    #[default]
    Usual,
    /// Work so short that two workers meet in it.
    Race,
    /// Other data of the check: 1, 2, 3 and so on.
    Other(usize),
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Data::Usual => f.write_str("usual"),
            Data::Race => f.write_str("race"),
            Data::Other(number) => number.fmt(f),
        }
    }
}

impl FromStr for Data {
    type Err = String;

    /// Reads what [`Data`] is displayed as.
    ///
    /// # Errors
    /// It names no data: a sentence that says so.
    fn from_str(name: &str) -> Result<Self, String> {
        match (name, name.parse()) {
            ("usual", _) => Ok(Data::Usual),
            ("race", _) => Ok(Data::Race),
            (_, Ok(number)) if number > 0 => Ok(Data::Other(number)),
            _ => Err(format!(
                "`{name}` names no data: write `usual`, `race`, or the number of other data, 1 for the first."
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_have_names() {
        for data in [Data::Usual, Data::Race, Data::Other(3)] {
            assert_eq!(data.to_string().parse(), Ok(data));
        }
        for wrong in ["", "0", "-1", "none"] {
            assert!(wrong.parse::<Data>().is_err(), "{wrong}");
        }
    }
}
