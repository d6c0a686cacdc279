//! Which settings a namespace has, and which are in use.

use super::entry::{SysctlMode, Table};
use crate::error::Error;
use crate::sync::Arc;
use std::collections::BTreeMap;

/// The tables of a namespace, and its settings by path.
///
/// # Invariants
///
/// * Every setting is of a table that is here, and of stage `Registered`.
/// * No path of a setting is the beginning of another's, by whole components: what is a directory is no setting.
#[derive(Default)]
pub(super) struct Set {
    tables: BTreeMap<u64, Registered>,
    settings: BTreeMap<String, Setting>,
    /// The key of the last table.
    last: u64,
}

struct Setting {
    table: u64,
    index: usize,
    mode: SysctlMode,
}

struct Registered {
    table: Arc<Table>,
    /// The handlers that run.
    users: usize,
    stage: Stage,
}

/// How far a table has gone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its settings can be found.
    Registered,
    /// They cannot; somebody waits for the last user.
    Waited,
    /// They cannot; the last user frees it.
    Orphaned,
}

/// A setting that is in use.
pub(super) struct Found {
    pub(super) key: u64,
    pub(super) table: Arc<Table>,
    pub(super) index: usize,
}

impl Set {
    /// Adds a table, all of it or nothing.
    pub(super) fn insert(&mut self, table: &Arc<Table>) -> Result<u64, Error> {
        if self.has_setting_on_the_way_to(&table.directory) {
            return Err(Error::Exists);
        }
        let key = self.last + 1;
        let mut settings = BTreeMap::new();
        for (index, (path, mode)) in table.settings().enumerate() {
            if self.settings.contains_key(&path) || self.is_directory(&path) {
                return Err(Error::Exists);
            }
            if settings.insert(path, Setting { table: key, index, mode }).is_some() {
                return Err(Error::Exists);
            }
        }
        self.last = key;
        self.settings.append(&mut settings);
        self.tables.insert(key, Registered { table: table.clone(), users: 0, stage: Stage::Registered });
        Ok(key)
    }

    /// Whether the directory, or one that it is in, is a setting.
    fn has_setting_on_the_way_to(&self, directory: &str) -> bool {
        let ends = directory.match_indices('/').map(|(at, _)| at).chain([directory.len()]);
        ends.into_iter().any(|end| self.settings.contains_key(&directory[..end]))
    }

    /// Whether there is a setting below the path.
    fn is_directory(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let mut from = self.settings.range(below.clone()..);
        from.next().is_some_and(|(first, _)| first.starts_with(&below))
    }

    /// Begins the use of a setting for reading, or for writing too.
    pub(super) fn enter(&mut self, path: &str, mode: SysctlMode) -> Result<Found, Error> {
        let setting = self.settings.get(path).ok_or(Error::NotFound)?;
        if (mode, setting.mode) == (SysctlMode::ReadWrite, SysctlMode::ReadOnly) {
            return Err(Error::AccessDenied);
        }
        let registered = self.tables.get_mut(&setting.table).expect("a setting's table is here");
        registered.users += 1;
        Ok(Found { key: setting.table, table: registered.table.clone(), index: setting.index })
    }

    /// Ends the use of a table; returns its stage if that was the last one.
    pub(super) fn leave(&mut self, key: u64) -> Option<Stage> {
        let registered = self.tables.get_mut(&key).expect("a table that is in use is here");
        registered.users -= 1;
        (registered.users == 0).then_some(registered.stage)
    }

    /// Makes the settings of a table not to be found. Nothing, if the table went with its namespace.
    pub(super) fn hide(&mut self, key: u64) {
        let Some(registered) = self.tables.get(&key) else { return };
        for (path, _) in registered.table.settings() {
            self.settings.remove(&path);
        }
    }

    pub(super) fn is_used(&self, key: u64) -> bool {
        self.tables.get(&key).is_some_and(|registered| registered.users > 0)
    }

    /// Says who finishes a table that is in use and cannot be found any more.
    pub(super) fn leaves(&mut self, key: u64, stage: Stage) {
        if let Some(registered) = self.tables.get_mut(&key) {
            registered.stage = stage;
        }
    }

    /// Takes a table out, which nobody uses or can find.
    pub(super) fn take(&mut self, key: u64) -> Option<Arc<Table>> {
        self.tables.remove(&key).map(|registered| registered.table)
    }

    pub(super) fn into_tables(self) -> impl Iterator<Item = Arc<Table>> {
        self.tables.into_values().map(|registered| registered.table)
    }

    pub(super) fn list(&self) -> Vec<(String, SysctlMode)> {
        self.settings.iter().map(|(path, setting)| (path.clone(), setting.mode)).collect()
    }

    /// The tables that there are, those included that cannot be found.
    #[cfg(test)]
    pub(super) fn in_use(&self) -> usize {
        self.tables.len()
    }
}
