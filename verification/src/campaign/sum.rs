//! Adding up what shards found.

use super::document::Document;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

/// The sum of what the shards in these files found; its exit code is for whoever knows whether a shard is missing.
///
/// # Errors
///
/// A sentence that names the file, if it cannot be read, has no shard in it or one of another campaign, or one that is
/// in a file before it.
pub(crate) fn sum(files: &[PathBuf]) -> Result<Document, String> {
    let mut documents = Vec::new();
    for file in files {
        documents.push((file.as_path(), read(file)?));
    }
    let mut documents = documents.into_iter();
    let (first, mut sum) = documents.next().ok_or("there is nothing to add up")?;
    for (file, document) in documents {
        add(&mut sum, first, document).map_err(|error| told(file, &error))?;
    }
    Ok(sum)
}

fn told(file: &Path, error: &dyn Display) -> String {
    format!("{}: {error}", file.display())
}

/// Whether a text is what `campaign --json` writes.
pub(crate) fn is_campaign(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok_and(|value| value.get("campaign").is_some())
}

fn read(file: &Path) -> Result<Document, String> {
    let text = fs::read_to_string(file).map_err(|error| told(file, &error))?;
    if !is_campaign(&text) {
        return Err(told(file, &"it is not of a campaign; parts of a model are merged with --items"));
    }
    let document: Document = serde_json::from_str(&text).map_err(|error| told(file, &error))?;
    is_sound(&document).map_err(|error| told(file, &error))?;
    Ok(document)
}

/// What this program writes is.
fn is_sound(document: &Document) -> Result<(), String> {
    let Document { origin, campaign, of, shards, tallies } = document;
    let version = env!("CARGO_PKG_VERSION");
    if origin.version != version {
        return Err(format!("version {} ran it, and this is version {version}", origin.version));
    }
    if shards.is_empty() {
        return Err("it has no shard".into());
    }
    if let Some(shard) = shards.keys().find(|shard| *shard >= of) {
        return Err(format!("it has shard {} of {of}", shard + 1));
    }
    let (tallies, scenarios) = (tallies.len(), campaign.scenarios.len());
    let is_of_each = tallies == scenarios && scenarios > 0;
    if is_of_each { Ok(()) } else { Err(format!("it has {tallies} tallies of {scenarios} scenarios")) }
}

/// Adds a document to the sum, which began with the file `first`.
fn add(sum: &mut Document, first: &Path, other: Document) -> Result<(), String> {
    let number = (sum.of != other.of).then_some("number of shards");
    if let Some(what) = number.or_else(|| sum.campaign.difference(&other.campaign)) {
        return Err(format!("it is of another campaign than {}: the {what} differs", first.display()));
    }
    if sum.origin.commit != other.origin.commit {
        return Err(format!("it is of another commit than {}", first.display()));
    }
    for (shard, finished) in other.shards {
        if sum.shards.insert(shard, finished).is_some() {
            return Err(format!("shard {} is there twice", shard + 1));
        }
    }
    for (tally, other) in sum.tallies.iter_mut().zip(other.tallies) {
        tally.add(other);
    }
    sum.origin.started = sum.origin.started.min(other.origin.started);
    sum.origin.wall = sum.origin.wall.max(other.origin.wall);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::shard;
    use super::*;

    fn sum_of(shards: Vec<Document>) -> Result<Document, String> {
        let mut shards = shards.into_iter();
        let mut sum = shards.next().unwrap();
        shards.try_for_each(|shard| add(&mut sum, Path::new("first"), shard))?;
        Ok(sum)
    }

    #[test]
    fn shards_add_up_in_any_order_and_what_is_missing_is_known() {
        let all = sum_of(vec![shard(2, false), shard(0, true), shard(1, false)]).unwrap();
        assert_eq!((all.tallies[0].executions, all.missing(), all.interrupted()), (300, vec![], vec![1]));
        assert_eq!(sum_of(vec![shard(2, false), shard(0, false)]).unwrap().missing(), [2]);
    }

    #[test]
    fn sums_add_up() {
        let two = sum_of(vec![shard(2, false), shard(0, false)]).unwrap();
        assert_eq!(sum_of(vec![shard(1, false), two]).unwrap().tallies[0].executions, 300);
    }

    #[test]
    fn a_shard_that_is_there_twice_or_is_foreign_is_refused() {
        let twice = sum_of(vec![shard(2, false), shard(0, false), shard(2, false)]);
        assert_eq!(twice.unwrap_err(), "shard 3 is there twice");
        let mut foreign = shard(1, false);
        foreign.campaign.seed = 8;
        let refused = sum_of(vec![shard(0, false), foreign]).unwrap_err();
        assert_eq!(refused, "it is of another campaign than first: the seed differs");
        let mut other = shard(1, false);
        other.origin.commit = Some("another".into());
        let refused = sum_of(vec![shard(0, false), other]).unwrap_err();
        assert_eq!(refused, "it is of another commit than first");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert_eq!(is_sound(&shard(2, false)), Ok(()));
        assert_eq!(is_sound(&Document { of: 2, ..shard(2, false) }), Err("it has shard 3 of 2".into()));
        let mut document = shard(0, false);
        document.shards.clear();
        assert_eq!(is_sound(&document), Err("it has no shard".into()));
        let mut document = shard(0, false);
        document.tallies.clear();
        assert_eq!(is_sound(&document), Err("it has 0 tallies of 1 scenarios".into()));
        document.campaign.scenarios.clear();
        assert_eq!(is_sound(&document), Err("it has 0 tallies of 0 scenarios".into()));
        document.origin.version = "0.0.0".into();
        assert!(is_sound(&document).unwrap_err().starts_with("version 0.0.0 ran it"));
    }
}
