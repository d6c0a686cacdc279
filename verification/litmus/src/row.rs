//! A row of the table: a test, and what the models say of it.

use crate::program::{Claim, Step};

/// What a model says of an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There may be executions that have it.
    Allowed,
    /// No execution has it.
    Forbidden,
}

/// A litmus test, and what the models say of its outcome.
#[derive(Debug, Clone)]
pub struct Row {
    /// The family, and behind a `+` what sets it apart in it.
    pub name: &'static str,
    /// What each thread does.
    pub threads: Vec<Vec<Step>>,
    /// The outcome: all of these together.
    pub outcome: Vec<Claim>,
    /// What C++20 says, or of asymmetric fences the facade's axiom.
    pub language: Verdict,
    /// Whether only load buffering leads to the outcome: RC11 forbids it then.
    pub load_buffering: bool,
    /// Whether an interleaving has the outcome, so that sequential consistency allows it. (What races is a question of the
    /// orderings nevertheless.)
    pub by_interleaving: bool,
    /// Whether the last thread is the one that starts the others. To the models it is all the same.
    pub last_starts: bool,
    /// What the kernel's model says of the same program in the kernel's words; `None` if it has no such words.
    pub kernel: Option<Verdict>,
}

impl Row {
    /// What sequential consistency says.
    pub fn interleaved(&self) -> Verdict {
        if self.by_interleaving { Verdict::Allowed } else { Verdict::Forbidden }
    }

    /// What the outcome says of a thread's n-th read: its value, and whether it is of a compare-exchange that fails.
    pub fn claims(&self, thread: usize, nth: usize) -> Option<(u32, bool)> {
        self.outcome.iter().find_map(|claim| match *claim {
            Claim::Reads(by, n, value) if (by, n) == (thread, nth) => Some((value, false)),
            Claim::Fails(by, n, value) if (by, n) == (thread, nth) => Some((value, true)),
            _ => None,
        })
    }

    /// What RC11 says.
    pub fn rc11(&self) -> Verdict {
        if self.load_buffering { Verdict::Forbidden } else { self.language }
    }
}

/// One after the other.
pub(crate) fn steps(parts: &[&[Step]]) -> Vec<Step> {
    parts.concat()
}

/// A row that is allowed by both, until something else is said.
pub(crate) fn row<const N: usize>(name: &'static str, threads: [&[Step]; N], outcome: &[Claim]) -> Row {
    Row {
        name,
        threads: threads.map(<[Step]>::to_vec).into(),
        outcome: outcome.to_vec(),
        language: Verdict::Allowed,
        load_buffering: false,
        by_interleaving: false,
        last_starts: false,
        kernel: Some(Verdict::Allowed),
    }
}

impl Row {
    /// Both forbid it.
    pub(crate) fn forbidden(self) -> Row {
        Row { language: Verdict::Forbidden, kernel: self.kernel.map(|_| Verdict::Forbidden), ..self }
    }

    /// The kernel's model forbids it, though C++20 does not.
    pub(crate) fn forbidden_in_the_kernel(self) -> Row {
        Row { kernel: Some(Verdict::Forbidden), ..self }
    }

    /// The kernel has no words for it.
    pub(crate) fn not_in_the_kernel(self) -> Row {
        Row { kernel: None, ..self }
    }

    /// Some interleaving has the outcome.
    pub(crate) fn by_interleaving(self) -> Row {
        Row { by_interleaving: true, ..self }
    }

    /// The last thread starts the others.
    pub(crate) fn last_starts(self) -> Row {
        Row { last_starts: true, ..self }
    }

    /// It takes load buffering.
    pub(crate) fn by_load_buffering(self) -> Row {
        Row { load_buffering: true, ..self }
    }
}
