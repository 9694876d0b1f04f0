//! Writes columns as PostgreSQL array literals (documentation section 8.15.6): `{1,NULL,"te\"xt"}`.

use itoa::Buffer;

/// One column on its way out.
#[derive(Debug, Default)]
pub struct Literal {
    text: String,
}

impl Literal {
    /// An empty column with room for `rows` values of about `width` bytes.
    pub fn with_room(rows: usize, width: usize) -> Self {
        let mut text = String::with_capacity(2 + rows * (width + 1));
        text.push('{');
        Self { text }
    }

    fn separate(&mut self) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
    }

    /// Appends NULL.
    pub fn null(&mut self) {
        self.separate();
        self.text.push_str("NULL");
    }

    /// Appends a text, quoted; a backslash or quote in it is escaped.
    pub fn text(&mut self, value: &str) {
        self.separate();
        self.text.push('"');
        if value.bytes().any(|b| b == b'"' || b == b'\\') {
            for character in value.chars() {
                if character == '"' || character == '\\' {
                    self.text.push('\\');
                }
                self.text.push(character);
            }
        } else {
            self.text.push_str(value);
        }
        self.text.push('"');
    }

    /// Appends a text or NULL.
    pub fn text_or_null(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    /// Appends a bare word out of a fixed vocabulary: no quotes, braces, commas or blanks in it, never `null`.
    pub fn word(&mut self, value: &str) {
        self.separate();
        self.text.push_str(value);
    }

    /// Appends an integer.
    pub fn integer(&mut self, value: i64) {
        self.separate();
        self.text.push_str(Buffer::new().format(value));
    }

    /// Appends an integer or NULL.
    pub fn integer_or_null(&mut self, value: Option<i64>) {
        match value {
            Some(value) => self.integer(value),
            None => self.null(),
        }
    }

    /// Appends a boolean.
    pub fn boolean(&mut self, value: bool) {
        self.word(if value { "t" } else { "f" });
    }

    /// Appends 16 bytes as a uuid.
    pub fn uuid(&mut self, value: [u8; 16]) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        self.separate();
        for byte in value {
            self.text.push(char::from(HEX[usize::from(byte >> 4)]));
            self.text.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }

    /// The finished literal.
    pub fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_separated_and_quoted() {
        let mut column = Literal::with_room(4, 8);
        column.text("a");
        column.null();
        column.text(r#"q"b\"#);
        column.text("NULL");
        assert_eq!(column.finish(), r#"{"a",NULL,"q\"b\\","NULL"}"#);
    }

    #[test]
    fn an_empty_column_is_an_empty_array() {
        assert_eq!(Literal::with_room(0, 0).finish(), "{}");
    }

    #[test]
    fn integers_booleans_and_uuids_are_bare() {
        let mut column = Literal::with_room(3, 8);
        column.integer(i64::MIN);
        column.boolean(true);
        column.uuid([0xab; 16]);
        assert_eq!(column.finish(), "{-9223372036854775808,t,abababababababababababababababab}");
    }
}
