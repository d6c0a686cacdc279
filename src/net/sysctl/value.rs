//! Handlers that are ready made: an integer, a string.

use super::entry::SysctlHandler;
use crate::error::Error;
use crate::net::Net;
use crate::sync::{self, AtomicU32, Mutex, Ordering};
use std::ops::RangeInclusive;

/// A setting that is an integer in a range.
///
/// What is written may have white space around it and a minus before it, and is decimal, hexadecimal after `0x`, octal
/// after `0`. Anything else, and a number out of the range, is refused with [`Error::InvalidArgument`] (`EINVAL`).
#[derive(Debug)]
#[doc(alias = "proc_dointvec_minmax")]
pub struct SysctlInt {
    /// The bits of an `i32`.
    value: AtomicU32,
    range: RangeInclusive<i32>,
}

impl SysctlInt {
    /// A setting with this value, until another of the range is written. The value itself need not be of the range.
    pub fn new(value: i32, range: RangeInclusive<i32>) -> Self {
        let value = AtomicU32::new(value.cast_unsigned());
        sync::name(&value, "sysctl");
        SysctlInt { value, range }
    }

    /// The value.
    pub fn get(&self) -> i32 {
        // Relaxed, as all accesses: the number stands for itself and orders nothing.
        self.value.load(Ordering::Relaxed).cast_signed()
    }
}

impl SysctlHandler for SysctlInt {
    fn read(&self, _: &Net) -> Result<String, Error> {
        Ok(self.get().to_string())
    }

    fn write(&self, _: &Net, value: &str) -> Result<(), Error> {
        let value = parse(value.trim()).filter(|value| self.range.contains(value));
        let value = value.ok_or(Error::InvalidArgument)?;
        self.value.store(value.cast_unsigned(), Ordering::Relaxed);
        Ok(())
    }
}

/// An integer as the kernel's settings take it.
#[doc(alias = "strtoul_lenient")]
fn parse(text: &str) -> Option<i32> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (radix, digits) = match digits.strip_prefix('0') {
        None | Some("") => (10, digits),
        Some(rest) => rest.strip_prefix(['x', 'X']).map_or((8, rest), |digits| (16, digits)),
    };
    // A sign, which `from_str_radix` would take, has no place here.
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        return None;
    }
    let value = i64::from_str_radix(digits, radix).ok()?;
    i32::try_from(if negative { -value } else { value }).ok()
}

/// A setting that is a string of at most so many bytes.
///
/// What is written counts up to its first end of line. What is too long is refused with [`Error::InvalidArgument`]
/// (`EINVAL`), where the kernel's would be cut.
#[derive(Debug)]
#[doc(alias = "proc_dostring")]
pub struct SysctlString {
    value: Mutex<String>,
    longest: usize,
}

impl SysctlString {
    /// A setting with this value, until another of at most `longest` bytes is written.
    pub fn new(value: impl Into<String>, longest: usize) -> Self {
        let value = Mutex::new(value.into());
        sync::name(&value, "sysctl");
        SysctlString { value, longest }
    }

    /// The value.
    pub fn get(&self) -> String {
        self.value.lock().clone()
    }
}

impl SysctlHandler for SysctlString {
    fn read(&self, _: &Net) -> Result<String, Error> {
        Ok(self.get())
    }

    fn write(&self, _: &Net, value: &str) -> Result<(), Error> {
        let line = value.split('\n').next().unwrap_or_default();
        if line.len() > self.longest {
            return Err(Error::InvalidArgument);
        }
        *self.value.lock() = line.into();
        Ok(())
    }
}
