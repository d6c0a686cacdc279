//! A directory that is to hold the same files as another one.

use super::command::about;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Makes `to` hold these files of `from`, and no other. A file whose content is the same is left alone; any other is
/// written, and has the time of that: cargo builds again what is newer than what it built.
pub(super) fn update(from: &Path, files: &[PathBuf], to: &Path) -> io::Result<()> {
    for file in files {
        let (source, copy) = (from.join(file), to.join(file));
        let content = fs::read(&source).map_err(|error| about(&source, &error))?;
        match fs::read(&copy) {
            Ok(old) if old == content => continue,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let directory = copy.parent().unwrap_or(to);
                fs::create_dir_all(directory).map_err(|error| about(directory, &error))?;
            }
            Err(error) => return Err(about(&copy, &error)),
        }
        fs::write(&copy, content).map_err(|error| about(&copy, &error))?;
    }
    let wanted: BTreeSet<PathBuf> = files.iter().map(|file| to.join(file)).collect();
    for path in within(to)?.into_iter().filter(|path| !wanted.contains(path)) {
        fs::remove_file(&path).map_err(|error| about(&path, &error))?;
    }
    Ok(())
}

/// Makes `to` the same directory as `from`, file times included, so that what was built in one is built in the other.
pub(super) fn duplicate(from: &Path, to: &Path) -> io::Result<()> {
    for source in within(from)? {
        let copy = to.join(source.strip_prefix(from).expect("it is within"));
        fs::create_dir_all(copy.parent().unwrap_or(to))?;
        fs::copy(&source, &copy).map_err(|error| about(&source, &error))?;
        let modified = fs::metadata(&source)?.modified()?;
        let file = File::options().write(true).open(&copy).map_err(|error| about(&copy, &error))?;
        file.set_modified(modified)?;
    }
    Ok(())
}

/// All files in a directory and below.
fn within(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut files, mut directories) = (Vec::new(), vec![directory.to_owned()]);
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).map_err(|error| about(&directory, &error))? {
            let entry = entry?;
            let paths = if entry.file_type()?.is_dir() { &mut directories } else { &mut files };
            paths.push(entry.path());
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};
    use std::{env, process};

    fn long_ago() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)
    }

    /// A directory of a test's own.
    struct Place(PathBuf);

    impl Place {
        fn of(test: &str) -> Place {
            let place = env::temp_dir().join(format!("netns-verify-{}-{test}", process::id()));
            fs::create_dir_all(place.join("from/a")).unwrap();
            fs::create_dir_all(place.join("to/a")).unwrap();
            Place(place)
        }

        fn write(&self, file: &str, content: &str) {
            fs::write(self.0.join(file), content).unwrap();
            File::options().write(true).open(self.0.join(file)).unwrap().set_modified(long_ago()).unwrap();
        }

        fn modified(&self, file: &str) -> SystemTime {
            fs::metadata(self.0.join(file)).unwrap().modified().unwrap()
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn what_differs_is_written_anew_and_the_rest_is_left_alone() {
        let place = Place::of("update");
        for (file, content) in [("a/same", "1"), ("a/patched", "2"), ("new", "3"), ("unknown", "4")] {
            place.write(&format!("from/{file}"), content);
        }
        place.write("to/a/same", "1");
        place.write("to/a/patched", "broken");
        place.write("to/a/left", "5");
        let files = ["a/same", "a/patched", "new"].map(PathBuf::from);
        update(&place.0.join("from"), &files, &place.0.join("to")).unwrap();
        let mut there = within(&place.0.join("to")).unwrap();
        there.sort();
        assert_eq!(there, ["a/patched", "a/same", "new"].map(|file| place.0.join("to").join(file)));
        assert_eq!(fs::read_to_string(place.0.join("to/a/patched")).unwrap(), "2");
        assert_eq!(place.modified("to/a/same"), long_ago());
        assert!(place.modified("to/a/patched") > long_ago(), "cargo would not build it again");
        assert!(place.modified("to/new") > long_ago());
    }

    #[test]
    fn a_duplicate_is_as_old() {
        let place = Place::of("duplicate");
        place.write("from/a/file", "1");
        duplicate(&place.0.join("from"), &place.0.join("to")).unwrap();
        assert_eq!(fs::read_to_string(place.0.join("to/a/file")).unwrap(), "1");
        assert_eq!(place.modified("to/a/file"), long_ago());
    }
}
