//! PartiQL, as far as the lab reads it.

/// A PartiQL statement, of which the lab needs to know the kind and the table.
#[derive(Clone, Copy)]
pub(crate) struct Statement<'a>(pub(super) &'a str);

impl<'a> Statement<'a> {
    fn keyword(self) -> String {
        self.0
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase()
    }

    /// `EXISTS(SELECT …)` is the condition check of a PartiQL transaction: it counts as a write there.
    pub(crate) fn reads(self) -> bool {
        self.keyword() == "SELECT"
    }

    pub(super) fn table(self) -> &'a str {
        let mut words = self.0.split_whitespace();
        let named = match self.keyword().as_str() {
            "UPDATE" => words.nth(1),
            _ => words
                .find(|word| {
                    ["FROM", "INTO"]
                        .iter()
                        .any(|k| word.eq_ignore_ascii_case(k))
                })
                .and_then(|_| words.next()),
        };
        // `"table"."index"` names an index of the table.
        let named = named.unwrap_or_default();
        match named.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next().unwrap_or_default(),
            None => named.split(['.', '(', ')', ';']).next().unwrap_or_default(),
        }
    }
}
