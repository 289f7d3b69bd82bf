//! The wording of what the check phase says.
