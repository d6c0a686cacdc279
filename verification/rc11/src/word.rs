//! What fits in an atomic.

/// A value that an [`Atomic`](crate::Atomic) can hold.
pub trait Word: Copy + 'static {
    /// As a number. Different values have different numbers.
    fn to_word(self) -> u64;
    /// The value of a number that [`to_word`](Word::to_word) returned.
    fn from_word(word: u64) -> Self;
}

/// A number that an [`Atomic`](crate::Atomic) can count with.
pub trait Number: Word + Ord {
    /// The sum, wrapping around.
    fn add(self, other: Self) -> Self;
    /// The difference, wrapping around.
    fn sub(self, other: Self) -> Self;
    /// Bitwise and.
    fn and(self, other: Self) -> Self;
    /// Bitwise or.
    fn or(self, other: Self) -> Self;
    /// Bitwise exclusive or.
    fn xor(self, other: Self) -> Self;
}

macro_rules! numbers {
    ($($int:ty),*) => {$(
        impl Word for $int {
            fn to_word(self) -> u64 {
                self as u64
            }
            fn from_word(word: u64) -> Self {
                word as $int
            }
        }
        impl Number for $int {
            fn add(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            fn sub(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
            fn and(self, other: Self) -> Self {
                self & other
            }
            fn or(self, other: Self) -> Self {
                self | other
            }
            fn xor(self, other: Self) -> Self {
                self ^ other
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

impl Word for bool {
    fn to_word(self) -> u64 {
        u64::from(self)
    }
    fn from_word(word: u64) -> Self {
        word != 0
    }
}
