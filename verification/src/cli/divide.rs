//! The command lines of large models: how much there is to explore, and how it is spread over machines.

use super::{Output, memory, seconds};
use clap::Args;
use netns_core::check::Engine;
use netns_models::{Memory, Plan};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// `estimate`.
#[derive(Debug, Args)]
pub(crate) struct Estimate {
    /// Models: a name, or the beginning of names and a `*`.
    #[arg(required = true, value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// How many random walks.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) walks: u64,
    /// Where random numbers start.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The memory model.
    #[arg(long, value_name = "MODEL", default_value = "rc11", value_parser = memory())]
    model: Memory,
    #[command(flatten)]
    pub(crate) output: Output,
}

impl Estimate {
    /// How each model would be run.
    pub(crate) fn plan(&self) -> Plan {
        let plan = Plan::of(Engine::Rc11);
        Plan { memory: self.model, seed: self.seed.unwrap_or(plan.seed), ..plan }
    }
}

/// `split`.
#[derive(Debug, Args)]
pub(crate) struct Split {
    /// The model.
    #[arg(value_name = "MODEL")]
    pub(crate) name: String,
    /// Into how many pieces, or more. Several times as many as there are to be parts: parts are then more alike.
    #[arg(long, value_name = "N", visible_alias = "split")]
    pub(crate) into: NonZeroUsize,
    /// Where the pieces are written to.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// The memory model.
    #[arg(long, value_name = "MODEL", default_value = "rc11", value_parser = memory())]
    model: Memory,
    #[command(flatten)]
    pub(crate) output: Output,
}

impl Split {
    /// How the model is run.
    pub(crate) fn plan(&self) -> Plan {
        Plan { memory: self.model, ..Plan::of(Engine::Rc11) }
    }
}

/// `part`.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// What `split` has written.
    #[arg(long, value_name = "FILE")]
    pub(crate) items: PathBuf,
    /// Which part of how many; the first is 1/N. In a Slurm array it is the task's place, if nothing else is said.
    #[arg(long, value_name = "I/N")]
    pub(crate) part: Option<PartOf>,
    /// How many threads of the system explore; 0 is one a processor.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) workers: usize,
    /// The time after which the run stops.
    #[arg(long, value_name = "SECS", value_parser = seconds)]
    pub(crate) time: Option<Duration>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `merge`.
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// What `split` has written; absent for the shards of a campaign.
    #[arg(long, value_name = "FILE")]
    pub(crate) items: Option<PathBuf>,
    /// What each `part --json`, or each `campaign --shard K/N --json`, has written.
    #[arg(required = true, value_name = "REPORT")]
    pub(crate) reports: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// One part of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartOf {
    /// Which, from 0.
    pub(crate) part: usize,
    /// Of how many.
    pub(crate) of: usize,
}

impl PartOf {
    /// Part `number`, counted from 1, of `of`.
    fn counted(number: usize, of: usize) -> Result<PartOf, String> {
        match number.checked_sub(1) {
            Some(part) if part < of => Ok(PartOf { part, of }),
            _ => Err(format!("there is no part {number} of {of}: the first is 1")),
        }
    }

    /// The place of a task in an array of Slurm's, whose environment `variable` looks up; `None` if it is in none.
    ///
    /// # Errors
    ///
    /// If the array has gaps: nobody can know which parts its tasks are.
    pub(crate) fn of_slurm(variable: impl Fn(&str) -> Option<String>) -> Result<Option<PartOf>, String> {
        let number = |name: &str| match variable(name) {
            None => Ok(None),
            Some(text) => match text.parse::<usize>() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(format!("{name} is no number: {text}")),
            },
        };
        let (id, count) = (number("SLURM_ARRAY_TASK_ID")?, number("SLURM_ARRAY_TASK_COUNT")?);
        let (Some(id), Some(count)) = (id, count) else { return Ok(None) };
        let first = number("SLURM_ARRAY_TASK_MIN")?.unwrap_or(1);
        let last = number("SLURM_ARRAY_TASK_MAX")?.unwrap_or((first + count).saturating_sub(1));
        if first + count != last + 1 || id < first {
            return Err(format!(
                "task {id} of an array of {count} from {first} to {last}, which has gaps: say --part or --shard"
            ));
        }
        Self::counted(id - first + 1, count).map(Some)
    }
}

impl FromStr for PartOf {
    type Err = String;

    fn from_str(text: &str) -> Result<PartOf, String> {
        let numbers =
            text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        let (part, of) = numbers.ok_or("it is not of the form I/N")?;
        Self::counted(part, of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_part_is_1() {
        assert_eq!("1/8".parse(), Ok(PartOf { part: 0, of: 8 }));
        assert_eq!("8/8".parse(), Ok(PartOf { part: 7, of: 8 }));
        for wrong in ["0/8", "9/8", "1/0", "1", "a/b", "-1/8", ""] {
            assert!(wrong.parse::<PartOf>().is_err(), "{wrong}");
        }
    }

    fn slurm(environment: &[(&str, &str)]) -> Result<Option<PartOf>, String> {
        PartOf::of_slurm(|name| {
            let known = environment.iter().find(|(known, _)| name == format!("SLURM_ARRAY_TASK_{known}"));
            known.map(|&(_, value)| value.to_owned())
        })
    }

    #[test]
    fn a_task_of_an_array_is_a_part_wherever_the_array_begins() {
        assert_eq!(slurm(&[]), Ok(None));
        assert_eq!(slurm(&[("ID", "3"), ("COUNT", "8")]), Ok(Some(PartOf { part: 2, of: 8 })));
        let from_0 = [("ID", "0"), ("COUNT", "8"), ("MIN", "0"), ("MAX", "7")];
        assert_eq!(slurm(&from_0), Ok(Some(PartOf { part: 0, of: 8 })));
    }

    #[test]
    fn an_array_with_gaps_is_refused() {
        assert!(slurm(&[("ID", "4"), ("COUNT", "2"), ("MIN", "1"), ("MAX", "4")]).is_err());
        assert!(slurm(&[("ID", "9"), ("COUNT", "8")]).is_err());
        assert!(slurm(&[("ID", "x"), ("COUNT", "8")]).is_err());
    }
}
