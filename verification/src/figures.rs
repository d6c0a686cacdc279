//! Figures as people read them.

use indicatif::HumanCount;
use std::time::Duration;

/// `2,870`.
pub(crate) fn count(n: u64) -> String {
    HumanCount(n).to_string()
}

/// `1 execution`, `2,870 executions`.
pub(crate) fn counted(n: u64, one: &str) -> String {
    format!("{} {one}{}", count(n), if n == 1 { "" } else { "s" })
}

/// `1 execution`, `36 executions, 18 blocked`.
pub(crate) fn executions(executions: u64, blocked: u64) -> String {
    match blocked {
        0 => counted(executions, "execution"),
        _ => format!("{}, {} blocked", counted(executions, "execution"), count(blocked)),
    }
}

/// Executions a second: `9,012`, and a digit more if they are few.
pub(crate) fn rate(per_second: f64) -> String {
    if per_second < 10.0 { format!("{per_second:.1}") } else { count(per_second.round() as u64) }
}

/// A share in percent: `0.02`, `3.1`, `37`.
pub(crate) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    let digits = if percent < 0.1 { 2 } else { usize::from(percent < 10.0) };
    format!("{percent:.digits$}")
}

/// `25 ms`, `0.4 s`, `3 min 12 s`, `1 h 02 min`.
pub(crate) fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 if time.as_millis() < 100 => format!("{} ms", time.as_millis()),
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_the_units_that_it_needs() {
        assert_eq!(time(Duration::from_millis(25)), "25 ms");
        assert_eq!(time(Duration::from_millis(430)), "0.4 s");
        assert_eq!(time(Duration::from_secs(59)), "59 s");
        assert_eq!(time(Duration::from_secs(192)), "3 min 12 s");
        assert_eq!(time(Duration::from_secs(3_720)), "1 h 02 min");
    }

    #[test]
    fn a_low_rate_keeps_a_digit() {
        assert_eq!(rate(0.25), "0.2");
        assert_eq!(rate(9_012.4), "9,012");
    }

    #[test]
    fn a_small_share_keeps_its_digits() {
        assert_eq!([0.0, 0.000_2, 0.031, 0.374].map(percent), ["0.00", "0.02", "3.1", "37"]);
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(1, "model"), "1 model");
        assert_eq!(counted(2_870, "execution"), "2,870 executions");
    }

    #[test]
    fn blocked_executions_are_told_where_there_are_some() {
        assert_eq!(executions(1, 0), "1 execution");
        assert_eq!(executions(36, 18), "36 executions, 18 blocked");
    }
}
