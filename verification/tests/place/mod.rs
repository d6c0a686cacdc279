//! A place to run the program in.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder for the files of one test, and the program in it.
pub(crate) struct Place(pub(crate) PathBuf);

impl Place {
    pub(crate) fn of(test: &str) -> Place {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).expect("it can be made");
        Place(place)
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_netns-verify"));
        command.args(line.split(' ')).current_dir(&self.0);
        for variable in ["ID", "COUNT", "MIN", "MAX"] {
            command.env_remove(format!("SLURM_ARRAY_TASK_{variable}"));
        }
        command
    }

    /// Runs the program, which must end with this code; what it said is returned, errors last.
    #[track_caller]
    pub(crate) fn run(&self, line: &str, code: i32) -> String {
        said(self.command(line).output().expect("it starts"), code)
    }

    /// The JSON in a file.
    pub(crate) fn json(&self, file: &str) -> Value {
        let text = fs::read_to_string(self.0.join(file)).expect("it was written");
        serde_json::from_str(&text).expect("it is JSON")
    }
}

/// What it said, errors last. It must have ended with this code.
#[track_caller]
pub(crate) fn said(output: Output, code: i32) -> String {
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).expect("it is text");
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}
