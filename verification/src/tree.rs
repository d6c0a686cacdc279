//! The source tree that the program is run in.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The root of the tree that the current directory is in; `None` outside of one.
pub(crate) fn root() -> Option<PathBuf> {
    root_above(&env::current_dir().ok()?)
}

fn root_above(directory: &Path) -> Option<PathBuf> {
    let is_root = |directory: &&Path| {
        directory.join("verification/Cargo.toml").is_file()
            && fs::read_to_string(directory.join("Cargo.toml")).is_ok_and(|text| text.contains("[workspace]"))
    };
    directory.ancestors().find(is_root).map(Path::to_owned)
}

/// Git in `directory`, whatever a hook that we may run in says of another one.
pub(crate) fn git(directory: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(directory).env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").env_remove("GIT_INDEX_FILE");
    git
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_found_from_anywhere_in_it_and_from_nowhere_else() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(root_above(&here.join("src")).as_deref(), here.parent());
        assert_eq!(root_above(Path::new("/")), None);
    }
}
