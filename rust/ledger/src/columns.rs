//! Reads one-dimensional arrays in PostgreSQL's binary format (`array_send`, src/backend/utils/adt/arrayfuncs.c).
//!
//! Layout, big-endian: dimensions i32, has-nulls i32, element type u32, then for each dimension length i32 and
//! lower bound i32, then for each element its length i32 (-1 for null) and its bytes.

use std::fmt;
use std::str::FromStr;

/// Microseconds from the Unix epoch to PostgreSQL's, 2000-01-01.
pub(crate) const POSTGRES_EPOCH_US: i64 = 946_684_800_000_000;

/// A column did not have the shape that its statement promises; says which and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedColumn {
    /// Name of the column in its statement.
    pub column: &'static str,
    /// What was wrong with it.
    pub fault: String,
}

impl fmt::Display for MalformedColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "column {} from PostgreSQL: {}; is the schema migrated to this version?",
            self.column, self.fault
        )
    }
}

impl std::error::Error for MalformedColumn {}

/// One column, read from front to back.
pub struct Column<'a> {
    name: &'static str,
    rest: &'a [u8],
    rows: usize,
}

impl<'a> Column<'a> {
    /// Opens a column; `None` is what `array_agg` gives over no rows.
    pub fn open(name: &'static str, bytes: Option<&'a [u8]>) -> Result<Self, MalformedColumn> {
        let Some(bytes) = bytes else {
            return Ok(Self { name, rest: &[], rows: 0 });
        };
        let mut column = Self { name, rest: bytes, rows: 0 };
        let dimensions = column.int()?;
        let _has_nulls = column.int()?;
        let _element_type = column.int()?;
        if dimensions == 0 {
            return Ok(column);
        }
        if dimensions != 1 {
            return Err(column.fault(format!("{dimensions} dimensions, expected 1")));
        }
        column.rows = column.int()? as usize;
        let _lower_bound = column.int()?;
        Ok(column)
    }

    /// Number of rows, nulls included.
    pub fn rows(&self) -> usize {
        self.rows
    }

    fn fault(&self, fault: impl Into<String>) -> MalformedColumn {
        MalformedColumn { column: self.name, fault: fault.into() }
    }

    fn int(&mut self) -> Result<i32, MalformedColumn> {
        let (head, rest) = self.rest.split_first_chunk::<4>().ok_or_else(|| self.fault("ends early"))?;
        self.rest = rest;
        Ok(i32::from_be_bytes(*head))
    }

    /// The next element's bytes, `None` for null.
    pub fn bytes(&mut self) -> Result<Option<&'a [u8]>, MalformedColumn> {
        let length = self.int()?;
        if length < 0 {
            return Ok(None);
        }
        let length = length as usize;
        if length > self.rest.len() {
            return Err(self.fault("an element is longer than the column"));
        }
        let (head, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(Some(head))
    }

    /// The next element as text, `None` for null.
    pub fn text(&mut self) -> Result<Option<&'a str>, MalformedColumn> {
        match self.bytes()? {
            None => Ok(None),
            Some(bytes) => std::str::from_utf8(bytes).map(Some).map_err(|e| self.fault(e.to_string())),
        }
    }

    /// The next element as text; null is a fault.
    pub fn text_set(&mut self) -> Result<&'a str, MalformedColumn> {
        self.text()?.ok_or_else(|| self.fault("null where a text is promised"))
    }

    /// The next element as smallint, integer or bigint, `None` for null.
    pub fn integer(&mut self) -> Result<Option<i64>, MalformedColumn> {
        let Some(bytes) = self.bytes()? else { return Ok(None) };
        if let Ok(short) = bytes.try_into() {
            return Ok(Some(i64::from_be_bytes(short)));
        }
        if let Ok(short) = bytes.try_into() {
            return Ok(Some(i64::from(i32::from_be_bytes(short))));
        }
        if let Ok(short) = bytes.try_into() {
            return Ok(Some(i64::from(i16::from_be_bytes(short))));
        }
        Err(self.fault(format!("an integer of {} bytes", bytes.len())))
    }

    /// The next element as an integer; null is a fault.
    pub fn integer_set(&mut self) -> Result<i64, MalformedColumn> {
        self.integer()?.ok_or_else(|| self.fault("null where an integer is promised"))
    }

    /// The next element as a timestamptz, in microseconds since the Unix epoch; null is a fault.
    pub fn instant_us(&mut self) -> Result<i64, MalformedColumn> {
        Ok(self.integer_set()? + POSTGRES_EPOCH_US)
    }

    /// The next element as a uuid; null is a fault.
    pub fn uuid(&mut self) -> Result<[u8; 16], MalformedColumn> {
        let bytes = self.bytes()?.ok_or_else(|| self.fault("null where a uuid is promised"))?;
        bytes.try_into().map_err(|_| self.fault(format!("a uuid of {} bytes", bytes.len())))
    }

    /// The next element as a name out of a fixed vocabulary; null is a fault.
    pub fn named<T: FromStr>(&mut self) -> Result<T, MalformedColumn> {
        let name = self.text_set()?;
        name.parse().map_err(|_| self.fault(format!("unknown name {name:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(elements: &[Option<&[u8]>]) -> Vec<u8> {
        let mut out = Vec::new();
        for head in [1, 0, 25, elements.len() as i32, 1] {
            out.extend_from_slice(&head.to_be_bytes());
        }
        for element in elements {
            match element {
                None => out.extend_from_slice(&(-1i32).to_be_bytes()),
                Some(bytes) => {
                    out.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
                    out.extend_from_slice(bytes);
                }
            }
        }
        out
    }

    #[test]
    fn no_rows_read_as_an_empty_column() {
        assert_eq!(Column::open("c", None).unwrap().rows(), 0);
    }

    #[test]
    fn nulls_and_values_come_back_in_order() {
        let bytes = array(&[Some(b"a"), None, Some(b"")]);
        let mut column = Column::open("c", Some(&bytes)).unwrap();
        assert_eq!(column.rows(), 3);
        assert_eq!(column.text().unwrap(), Some("a"));
        assert_eq!(column.text().unwrap(), None);
        assert_eq!(column.text().unwrap(), Some(""));
    }

    #[test]
    fn integers_of_each_width_read_the_same() {
        let bytes =
            array(&[Some(&(-2i16).to_be_bytes()), Some(&7i32.to_be_bytes()), Some(&i64::MAX.to_be_bytes())]);
        let mut column = Column::open("c", Some(&bytes)).unwrap();
        assert_eq!(column.integer_set().unwrap(), -2);
        assert_eq!(column.integer_set().unwrap(), 7);
        assert_eq!(column.integer_set().unwrap(), i64::MAX);
    }

    #[test]
    fn a_cut_column_names_itself_in_the_error() {
        let bytes = array(&[Some(b"abc")]);
        let mut column = Column::open("status", Some(&bytes[..bytes.len() - 1])).unwrap();
        assert_eq!(column.text().unwrap_err().column, "status");
    }
}
