//! The last lines of a stream.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::thread::{self, JoinHandle};

/// Reads a stream to its end, on a thread of its own so that the writer never waits, and keeps the last lines.
#[derive(Debug)]
pub(super) struct Tail(JoinHandle<VecDeque<String>>);

impl Tail {
    /// How many lines are kept.
    pub(super) const LINES: usize = 20;

    /// Starts to read.
    pub(super) fn of(stream: impl Read + Send + 'static) -> Tail {
        Tail(thread::spawn(move || last_lines(BufReader::new(stream))))
    }

    /// Waits for the end of the stream.
    pub(super) fn wait(self) -> Vec<String> {
        self.0.join().unwrap_or_default().into()
    }
}

fn last_lines(stream: impl BufRead) -> VecDeque<String> {
    let mut kept = VecDeque::with_capacity(Tail::LINES);
    for line in stream.split(b'\n').map_while(Result::ok) {
        if kept.len() == Tail::LINES {
            kept.pop_front();
        }
        kept.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_are_kept() {
        let text: String = (0..100).map(|n| format!("line {n}\n")).collect();
        let kept = last_lines(text.as_bytes());
        assert_eq!(kept.len(), Tail::LINES);
        assert_eq!((kept[0].as_str(), kept[19].as_str()), ("line 80", "line 99"));
    }

    #[test]
    fn a_line_that_is_not_utf8_does_not_end_the_stream() {
        assert_eq!(last_lines(&b"\xff\r\nlast"[..]), ["\u{fffd}", "last"]);
    }
}
