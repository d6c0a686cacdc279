//! What a checker says of a program, and how two that disagree are compared.

use crate::program::Program;
use crate::text::LOCATION_NAMES;
use std::collections::BTreeSet;
use std::fmt;

/// The memory model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// RC11, with the release sequences of C++20 and light fences.
    Rc11,
    /// Interleavings: every access and fence as if sequentially consistent. Races are judged as in RC11, by the
    /// orderings that are written.
    Sc,
}

/// Where a complete execution ends: the registers of each thread and the last value of each location.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Outcome {
    pub(crate) registers: Vec<Vec<u64>>,
    pub(crate) finals: Vec<u64>,
}

/// What a checker says of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// How many executions there are in which every thread ends: graphs that differ in an event, in rf or in mo.
    pub(crate) complete: u64,
    /// Where those executions end.
    pub(crate) outcomes: BTreeSet<Outcome>,
    /// Whether an execution, complete or not, has two conflicting plain accesses that happens-before does not order.
    pub(crate) racy: bool,
    /// Whether there is an execution in which every thread that has not ended, at least one, stands at an await that
    /// the last write of its location does not satisfy.
    pub(crate) deadlock: bool,
}

/// A checker.
pub(crate) trait Subject {
    /// Explores the program to the end.
    fn run(&self, program: &Program, mode: Mode) -> Verdict;

    /// Whether it explores no further than to the first race or deadlock. The executions of a program that has one are
    /// then not compared.
    fn stops_at_a_failure(&self) -> bool {
        false
    }
}

/// Two verdicts on one program that cannot both be right.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) expected: Verdict,
    pub(crate) found: Verdict,
}

/// Compares the subject with the oracle.
///
/// What a racy program does is undefined: of such a one only the race is compared. (Whoever finds its deadlock first,
/// if it has one too, need not have found the race.)
pub(crate) fn compare(subject: &dyn Subject, program: &Program, mode: Mode) -> Result<(), Difference> {
    let expected = crate::oracle::judge(program, mode);
    let found = subject.run(program, mode);
    let agree = if expected.racy {
        found.racy || subject.stops_at_a_failure() && expected.deadlock && found.deadlock
    } else if expected.deadlock && subject.stops_at_a_failure() {
        found.deadlock && !found.racy
    } else {
        expected == found
    };
    if agree { Ok(()) } else { Err(Difference { expected, found }) }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (thread, registers) in self.registers.iter().enumerate() {
            for (register, value) in registers.iter().enumerate() {
                write!(f, "{thread}:r{register}={value} ")?;
            }
        }
        f.write_str("|")?;
        for (name, value) in LOCATION_NAMES.iter().zip(&self.finals) {
            write!(f, " {name}={value}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdict { complete, outcomes, racy, deadlock } = self;
        write!(f, "{complete} complete executions, {} outcomes", outcomes.len())?;
        f.write_str(if *racy { ", racy" } else { ", no race" })?;
        f.write_str(if *deadlock { ", a deadlock" } else { ", no deadlock" })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { expected, found } = self;
        writeln!(f, "expected: {expected}")?;
        writeln!(f, "found:    {found}")?;
        for outcome in expected.outcomes.difference(&found.outcomes) {
            writeln!(f, "missing:  {outcome}")?;
        }
        for outcome in found.outcomes.difference(&expected.outcomes) {
            writeln!(f, "wrong:    {outcome}")?;
        }
        Ok(())
    }
}
