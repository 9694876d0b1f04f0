//! Message attributes: what they may be called, hold and weigh, and the digest that SDKs check.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use crate::error::SqsError;
use crate::limits::{ATTRIBUTE_NAME_CHARS_MAX, MESSAGE_ATTRIBUTES_MAX};

/// One attribute as it travels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeValue {
    /// Base64 of a binary value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binary_value: Option<String>,
    /// `String`, `Number` or `Binary`, with a label of one's own after a dot.
    #[serde(default)]
    pub data_type: String,
    /// A string or a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub string_value: Option<String>,
}

/// One attribute of a message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct MessageAttribute {
    /// Its name, unique in the message.
    pub name: String,
    /// Its type and value.
    pub value: AttributeValue,
    /// The bytes of a binary value.
    #[serde(skip)]
    binary: Vec<u8>,
}

impl MessageAttribute {
    /// Size as SQS counts it: name, type and value, in bytes.
    pub fn size_bytes(&self) -> u64 {
        (self.name.len() + self.value.data_type.len() + self.payload().len()) as u64
    }

    fn payload(&self) -> &[u8] {
        self.value.string_value.as_deref().map_or(&self.binary, str::as_bytes)
    }
}

/// Checks the attributes of one message and sorts them by name.
pub fn checked(attributes: BTreeMap<String, AttributeValue>) -> Result<Vec<MessageAttribute>, SqsError> {
    if attributes.len() > MESSAGE_ATTRIBUTES_MAX {
        let reason = format!("Number of message attributes must be at most {MESSAGE_ATTRIBUTES_MAX}.");
        return Err(SqsError::invalid(attributes.len(), "MessageAttributes", &reason));
    }
    attributes.into_iter().map(|(name, value)| check_one(name, value)).collect()
}

fn check_one(name: String, value: AttributeValue) -> Result<MessageAttribute, SqsError> {
    check_name(&name)?;
    let base_type = value.data_type.split('.').next().unwrap_or_default();
    let is_binary = match base_type {
        "String" | "Number" => false,
        "Binary" => true,
        _ => {
            let reason = "The type must be String, Number or Binary, with a label after a dot if wanted.";
            return Err(SqsError::invalid(
                &value.data_type,
                &format!("MessageAttributes.{name}.DataType"),
                reason,
            ));
        }
    };
    let binary = match (&value.string_value, &value.binary_value, is_binary) {
        (Some(text), None, false) if !text.is_empty() => Vec::new(),
        (None, Some(text), true) if !text.is_empty() => STANDARD.decode(text).map_err(|_| {
            SqsError::invalid(
                "(binary)",
                &format!("MessageAttributes.{name}.BinaryValue"),
                "It must be base64.",
            )
        })?,
        _ => {
            let reason =
                "The message attribute must contain a non-empty value of the kind that its type names.";
            return Err(SqsError::invalid(&value.data_type, &format!("MessageAttributes.{name}"), reason));
        }
    };
    if base_type == "Number" && value.string_value.as_deref().is_none_or(|text| text.parse::<f64>().is_err())
    {
        let reason = "The value of an attribute of type Number must be a number.";
        return Err(SqsError::invalid("(text)", &format!("MessageAttributes.{name}.StringValue"), reason));
    }
    Ok(MessageAttribute { name, value, binary })
}

fn check_name(name: &str) -> Result<(), SqsError> {
    let lower = name.to_ascii_lowercase();
    let is_valid = (1..=ATTRIBUTE_NAME_CHARS_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        && !(lower.starts_with("aws.") || lower.starts_with("amazon."))
        && !(name.starts_with('.') || name.ends_with('.') || name.contains(".."));
    if is_valid {
        return Ok(());
    }
    let reason = "A message attribute name has 1 to 256 of A-Z a-z 0-9 _ - and single inner dots, and does not \
                  start with AWS. or Amazon.";
    Err(SqsError::invalid(name, "MessageAttributes", reason))
}

/// The digest of `attributes` (sorted by name) that SQS answers with and SDKs may check.
pub fn digest<'a>(attributes: impl Iterator<Item = &'a MessageAttribute>) -> [u8; 16] {
    const TEXT: u8 = 1;
    const BINARY: u8 = 2;
    let mut hash = Md5::new();
    let mut put = |kind: Option<u8>, bytes: &[u8]| {
        hash.update(kind.as_slice());
        hash.update((bytes.len() as u32).to_be_bytes());
        hash.update(bytes);
    };
    for attribute in attributes {
        put(None, attribute.name.as_bytes());
        put(None, attribute.value.data_type.as_bytes());
        let kind = if attribute.value.string_value.is_some() { TEXT } else { BINARY };
        put(Some(kind), attribute.payload());
    }
    hash.finalize().into()
}

/// Which message attributes a receive asked for: names, `prefix.*`, or all.
#[derive(Debug, Default)]
pub struct AttributeFilter {
    names: Vec<String>,
}

impl AttributeFilter {
    /// Takes the names as the request has them.
    pub fn new(names: Vec<String>) -> Self {
        Self { names }
    }

    /// Whether `name` was asked for.
    pub fn takes(&self, name: &str) -> bool {
        self.names.iter().any(|asked| {
            asked == "All"
                || asked == name
                || asked
                    .strip_suffix(".*")
                    .is_some_and(|prefix| prefix.is_empty() || name.starts_with(prefix))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::hex;

    fn text(data_type: &str, value: &str) -> AttributeValue {
        AttributeValue { data_type: data_type.into(), string_value: Some(value.into()), binary_value: None }
    }

    #[test]
    fn the_digest_is_the_one_that_amazon_documents() {
        let value = text("String", "timestamp-value");
        let attributes = checked(BTreeMap::from([("timestamp".to_owned(), value)])).unwrap();
        let expected = md5::Md5::digest(b"\0\0\0\x09timestamp\0\0\0\x06String\x01\0\0\0\x0ftimestamp-value");
        assert_eq!(hex(&digest(attributes.iter())), hex(&expected));
    }

    #[test]
    fn names_types_and_values_are_checked() {
        for (name, value, is_allowed) in [
            ("source", text("String", "card"), true),
            ("source.kind_1-a", text("String.own", "card"), true),
            ("n", text("Number", "-1.5"), true),
            ("n", text("Number", "many"), false),
            ("source", text("Text", "card"), false),
            ("source", text("String", ""), false),
            ("source", text("Binary", "card"), false),
            ("AWS.source", text("String", "card"), false),
            (".source", text("String", "card"), false),
            ("a..b", text("String", "card"), false),
            ("", text("String", "card"), false),
        ] {
            let verdict = checked(BTreeMap::from([(name.to_owned(), value.clone())]));
            assert_eq!(verdict.is_ok(), is_allowed, "{name} {value:?}");
        }
    }

    #[test]
    fn a_filter_takes_names_prefixes_and_all() {
        for (asked, name, is_taken) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a.*", "a.b", true),
            (".*", "x", true),
            ("All", "x", true),
        ] {
            assert_eq!(AttributeFilter::new(vec![asked.into()]).takes(name), is_taken, "{asked} {name}");
        }
    }
}
