//! Stable texts for enums: what the database, the wire and people see.

/// Gives an enum its `ALL`, `as_str`, `Display` and `FromStr`, from one list of variants in discriminant order.
macro_rules! slugs {
    ($name:ident { $($variant:ident => $slug:literal),+ $(,)? }) => {
        impl $name {
            /// Every variant, in the order of its discriminant: `ALL[code as usize]` decodes a stored code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable text of this variant.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $slug),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::slug::UnknownSlug;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($slug => Ok(Self::$variant),)+
                    _ => Err($crate::slug::UnknownSlug { expected: stringify!($name) }),
                }
            }
        }
    };
}

pub(crate) use slugs;

/// A text that names no variant of the enum it was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownSlug {
    /// The enum that was expected.
    pub expected: &'static str,
}

impl std::fmt::Display for UnknownSlug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not one of the names of {}", self.expected)
    }
}

impl std::error::Error for UnknownSlug {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::{
        DisputeStage, DisputeState, DisputeStatus, EventKind, Invariant, OperationKind, Reason, Status,
        Verdict,
    };

    macro_rules! round_trips {
        ($($name:ident),+) => {$(
            let mut slugs = BTreeSet::new();
            for (code, variant) in $name::ALL.iter().enumerate() {
                assert_eq!(*variant as usize, code, "{variant} is out of order in {}", stringify!($name));
                assert_eq!(variant.as_str().parse(), Ok(*variant));
                assert!(slugs.insert(variant.as_str()), "{variant} names two variants of {}", stringify!($name));
            }
            assert!("no such name".parse::<$name>().is_err());
        )+};
    }

    #[test]
    fn every_slug_and_every_stored_code_reads_back_as_its_variant() {
        round_trips!(
            DisputeStage,
            DisputeState,
            DisputeStatus,
            EventKind,
            Invariant,
            OperationKind,
            Reason,
            Status
        );
        round_trips!(Verdict);
    }
}
