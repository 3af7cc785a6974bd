//! A JSON reader of its own: any depth, any number, and the first of two fields of one name.

use std::collections::HashMap;

/// What an event asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentType {
    Deposit,
    Withdrawal,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    pub event_id: String,
    pub account_id: String,
    pub payment_type: PaymentType,
    pub amount_cents: i64,
}

/// Why a record is no payment for this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Poison,
    NotYet,
}

/// What a value of the object is, as far as it matters here.
enum Field {
    Text(String),
    Other,
}

pub fn decode(data: &[u8]) -> Result<PaymentEvent, Refusal> {
    let text = std::str::from_utf8(data).map_err(|_| Refusal::Poison)?;
    let mut reader = Reader {
        text: text.as_bytes(),
        at: 0,
    };
    let fields = reader.document().ok_or(Refusal::Poison)?;
    let field = |name: &str| match fields.get(name) {
        Some(Field::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let payment_type = match field("type") {
        Some("deposit") => PaymentType::Deposit,
        Some("withdrawal") => PaymentType::Withdrawal,
        Some(_) => return Err(Refusal::NotYet),
        None => return Err(Refusal::Poison),
    };
    let full = |name| {
        field(name)
            .filter(|text| !text.is_empty())
            .ok_or(Refusal::Poison)
    };
    Ok(PaymentEvent {
        event_id: full("eventId")?.to_owned(),
        account_id: full("accountId")?.to_owned(),
        payment_type,
        amount_cents: cents(full("amount")?).ok_or(Refusal::Poison)?,
    })
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn document(&mut self) -> Option<HashMap<String, Field>> {
        let mut fields = HashMap::new();
        self.space();
        self.expect(b'{')?;
        self.space();
        if !self.accept(b'}') {
            loop {
                self.space();
                let name = self.string()?;
                self.space();
                self.expect(b':')?;
                let value = self.value()?;
                fields.entry(name).or_insert(value);
                self.space();
                if self.accept(b'}') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        self.space();
        (self.at == self.text.len()).then_some(fields)
    }

    fn value(&mut self) -> Option<Field> {
        self.space();
        if self.peek()? == b'"' {
            return Some(Field::Text(self.string()?));
        }
        let mut open: Vec<u8> = Vec::new();
        loop {
            self.space();
            match self.peek()? {
                b'{' => {
                    self.at += 1;
                    self.space();
                    if !self.accept(b'}') {
                        open.push(b'}');
                        self.name()?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    self.space();
                    if !self.accept(b']') {
                        open.push(b']');
                        continue;
                    }
                }
                b'"' => {
                    self.string()?;
                }
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => self.number()?,
            }
            loop {
                let Some(close) = open.last().copied() else {
                    return Some(Field::Other);
                };
                self.space();
                if self.accept(close) {
                    open.pop();
                    continue;
                }
                self.expect(b',')?;
                if close == b'}' {
                    self.name()?;
                }
                break;
            }
        }
    }

    fn name(&mut self) -> Option<()> {
        self.space();
        self.string()?;
        self.space();
        self.expect(b':')
    }

    fn number(&mut self) -> Option<()> {
        self.accept(b'-');
        if !self.accept(b'0') {
            self.digits()?;
        }
        if self.accept(b'.') {
            self.digits()?;
        }
        if self.accept(b'e') || self.accept(b'E') {
            let _ = self.accept(b'+') || self.accept(b'-');
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let begin = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > begin).then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.text[self.at..]
            .starts_with(word)
            .then(|| self.at += word.len())
    }

    fn string(&mut self) -> Option<String> {
        self.expect(b'"')?;
        let mut bytes = Vec::new();
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'"' => return String::from_utf8(bytes).ok(),
                b'\\' => {
                    let escape = self.peek()?;
                    self.at += 1;
                    let char = match escape {
                        b'"' | b'\\' | b'/' => char::from(escape),
                        b'b' => '\u{8}',
                        b'f' => '\u{c}',
                        b'n' => '\n',
                        b'r' => '\r',
                        b't' => '\t',
                        b'u' => {
                            let high = self.hex()?;
                            if (0xD800..0xDC00).contains(&high) {
                                self.expect(b'\\')?;
                                self.expect(b'u')?;
                                let low = self.hex()?;
                                if !(0xDC00..0xE000).contains(&low) {
                                    return None;
                                }
                                char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))?
                            } else {
                                char::from_u32(high)?
                            }
                        }
                        _ => return None,
                    };
                    bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                }
                0..0x20 => return None,
                _ => bytes.push(byte),
            }
        }
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |sum, digit| {
            Some(sum * 16 + char::from(*digit).to_digit(16)?)
        })
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn accept(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.accept(byte).then_some(())
    }
}

fn cents(amount: &str) -> Option<i64> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, "00"));
    if whole.is_empty() || fraction.is_empty() || fraction.len() > 2 {
        return None;
    }
    if !whole
        .bytes()
        .chain(fraction.bytes())
        .all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<2}").parse().ok()?;
    let cents = whole.checked_mul(100)?.checked_add(fraction)?;
    (cents > 0).then_some(cents)
}
