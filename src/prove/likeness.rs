//! Owns when two states are alike: everything that decides what can happen next, and nothing that only says when or in which
//! words. Written once for all of the state, so that a new part of it counts without being named here.

use serde::ser::{self, Serialize};

use crate::engine::{GuardState, Moment, State};
use crate::plan::{Plan, Step, StepId};

use super::bytes::Bytes;

/// Whether a part of the state is looked at otherwise, or decides nothing: the clock, the words, the numbers given out.
#[inline(always)]
fn is_left_out(name: &str) -> bool {
    matches!(
        name,
        "now"
            | "wall"
            | "metrics"
            | "guards"
            | "next"
            | "by"
            | "reason"
            | "text"
            | "why"
            | "last"
            | "eyes_since"
            | "confirmed"
            | "approvals"
            | "streak"
    )
}

/// Whether a newtype is a length of time, or a number that is never used twice.
#[inline(always)]
fn is_number(name: &str) -> bool {
    matches!(
        name,
        "Millis" | "Attempt" | "QuestionNumber" | "NoticeNumber" | "StrandId"
    )
}

/// What makes a state what it is, as bytes behind those that are there: two states with the same are alike.
pub(super) fn likeness(state: &State, out: &mut Bytes) {
    let mut write = Write {
        out,
        now: state.now,
        at_moment: false,
        of: Of::State,
    };
    // A write to memory fails only on what a state cannot hold; what was written up to there still tells states apart.
    let _ = state.serialize(&mut write);
    for guard in &state.guards {
        write.out.put(of_guard(guard));
    }
    // What is written as words decides where a condition reads it.
    for value in state.captures.iter().flatten() {
        write.out.put_all(value.plain().as_bytes());
        write.out.put([0]);
    }
}

/// What makes a plan what it is for a sweep, as bytes: everything but its words. Nothing where words decide too: the values that
/// commands print, and the zone and the days of a window.
pub(super) fn shape(plan: &Plan) -> Option<Box<[u8]>> {
    if !plan.captures.is_empty() || plan.window.is_some() {
        return None;
    }
    form(plan)
}

/// The same where none of those words can differ: of plans of one file.
pub(super) fn form(plan: &Plan) -> Option<Box<[u8]>> {
    let mut out = Bytes::default();
    let mut write = Write::of_plan(&mut out);
    plan.serialize(&mut write).ok()?;
    Some(out.written().into())
}

/// What makes a step what it is, as bytes: everything but its words and where it stands.
pub(super) fn alike(step: &Step) -> Vec<u8> {
    let nowhere = Step {
        id: StepId(0),
        line: 0,
        ..step.clone()
    };
    let mut out = Bytes::default();
    // As above.
    let _ = nowhere.serialize(&mut Write::of_plan(&mut out));
    out.written().to_vec()
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// A state: without its times, and without what is looked at otherwise.
    State,
    /// A plan: with all its numbers.
    Plan,
}

fn of_guard(guard: &GuardState) -> [u8; 2] {
    let flags = [
        guard.streak.is_some(),
        guard.recent.last() == Some(&true),
        guard.unsighted,
        guard.blind,
        guard.blind_accepted,
        guard.coverage_accepted,
        guard.tripped,
        guard.holding,
    ];
    let mut byte = 0;
    for flag in flags {
        byte = (byte << 1) | u8::from(flag);
    }
    [byte, u8::from(guard.looked > 0)]
}

/// Nothing of a state is impossible to write.
#[derive(Debug)]
pub(super) struct Never;

impl std::fmt::Display for Never {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("never")
    }
}

impl std::error::Error for Never {}

impl ser::Error for Never {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

struct Write<'b> {
    out: &'b mut Bytes,
    now: Moment,
    /// The next number is a moment.
    at_moment: bool,
    of: Of,
}

impl<'b> Write<'b> {
    fn of_plan(out: &'b mut Bytes) -> Self {
        Self {
            out,
            now: Moment(0),
            at_moment: false,
            of: Of::Plan,
        }
    }

    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.out.put(bytes);
    }

    #[inline(always)]
    fn variant(&mut self, index: u32) {
        let [low, high, ..] = index.to_le_bytes();
        self.put([0xfe, low, high]);
    }

    fn length(&mut self, length: Option<usize>) {
        let length = u32::try_from(length.unwrap_or_default()).unwrap_or(u32::MAX);
        self.put(length.to_le_bytes());
    }
}

type Written = Result<(), Never>;

impl ser::Serializer for &mut Write<'_> {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    #[inline(always)]
    fn serialize_bool(self, value: bool) -> Written {
        self.put([u8::from(value)]);
        Ok(())
    }
    fn serialize_i8(self, value: i8) -> Written {
        self.serialize_i64(i64::from(value))
    }
    fn serialize_i16(self, value: i16) -> Written {
        self.serialize_i64(i64::from(value))
    }
    fn serialize_i32(self, value: i32) -> Written {
        self.serialize_i64(i64::from(value))
    }
    #[inline(always)]
    fn serialize_i64(self, value: i64) -> Written {
        self.put(value.to_le_bytes());
        Ok(())
    }
    #[inline(always)]
    fn serialize_u8(self, value: u8) -> Written {
        self.put([value]);
        Ok(())
    }
    fn serialize_u16(self, value: u16) -> Written {
        self.put(value.to_le_bytes());
        Ok(())
    }
    #[inline(always)]
    fn serialize_u32(self, value: u32) -> Written {
        self.put(value.to_le_bytes());
        Ok(())
    }
    #[inline(always)]
    fn serialize_u64(self, value: u64) -> Written {
        if std::mem::take(&mut self.at_moment) {
            // Of a moment counts only whether it is still to come.
            self.put([u8::from(value > self.now.0)]);
        } else {
            self.put(value.to_le_bytes());
        }
        Ok(())
    }
    fn serialize_f32(self, value: f32) -> Written {
        self.serialize_f64(f64::from(value))
    }
    #[inline(always)]
    fn serialize_f64(self, value: f64) -> Written {
        self.put(value.to_bits().to_le_bytes());
        Ok(())
    }
    fn serialize_char(self, value: char) -> Written {
        self.serialize_u32(u32::from(value))
    }
    fn serialize_str(self, _: &str) -> Written {
        Ok(())
    }
    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.out.put_all(value);
        Ok(())
    }
    #[inline(always)]
    fn serialize_none(self) -> Written {
        self.put([0xf0]);
        Ok(())
    }
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Written {
        self.put([0xf1]);
        value.serialize(self)
    }
    fn serialize_unit(self) -> Written {
        Ok(())
    }
    fn serialize_unit_struct(self, _: &'static str) -> Written {
        Ok(())
    }
    #[inline(always)]
    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Written {
        self.variant(index);
        Ok(())
    }
    #[inline(always)]
    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        name: &'static str,
        value: &T,
    ) -> Written {
        if self.of == Of::State {
            if is_number(name) {
                return Ok(());
            }
            self.at_moment = name == "Moment";
        }
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Written {
        self.variant(index);
        value.serialize(self)
    }
    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Never> {
        self.length(length);
        Ok(self)
    }
    fn serialize_tuple(self, _: usize) -> Result<Self, Never> {
        Ok(self)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Never> {
        self.variant(index);
        Ok(self)
    }
    fn serialize_map(self, length: Option<usize>) -> Result<Self, Never> {
        self.length(length);
        Ok(self)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Never> {
        self.variant(index);
        Ok(self)
    }
}

macro_rules! in_order {
    ($($of:ident $method:ident),*) => {$(
        impl ser::$of for &mut Write<'_> {
            type Ok = ();
            type Error = Never;
            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
                value.serialize(&mut **self)
            }
            fn end(self) -> Written {
                Ok(())
            }
        }
    )*};
}

in_order!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

impl ser::SerializeMap for &mut Write<'_> {
    type Ok = ();
    type Error = Never;
    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Written {
        key.serialize(&mut **self)
    }
    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }
    fn end(self) -> Written {
        Ok(())
    }
}

macro_rules! by_name {
    ($($of:ident),*) => {$(
        impl ser::$of for &mut Write<'_> {
            type Ok = ();
            type Error = Never;
            #[inline(always)]
            fn serialize_field<T: ?Sized + Serialize>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Written {
                if self.of == Of::State && is_left_out(name) {
                    return Ok(());
                }
                value.serialize(&mut **self)
            }
            fn end(self) -> Written {
                Ok(())
            }
        }
    )*};
}

by_name!(SerializeStruct, SerializeStructVariant);
