//! Adding up what shards found.

use super::document::Document;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

/// The sum of what the shards in these files found.
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
    sum.exit = sum.exit().code();
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
    if document.version != Document::VERSION {
        let (theirs, ours) = (&document.version, Document::VERSION);
        return Err(told(file, &format!("version {theirs} ran it, and this is version {ours}")));
    }
    Ok(document)
}

/// Adds a document to the sum, which began with the file `first`.
fn add(sum: &mut Document, first: &Path, other: Document) -> Result<(), String> {
    let number = (sum.of != other.of).then_some("number of shards");
    if let Some(what) = number.or_else(|| sum.campaign.difference(&other.campaign)) {
        return Err(format!("it is of another campaign than {}: the {what} differs", first.display()));
    }
    for (shard, finished) in other.shards {
        if sum.shards.insert(shard, finished).is_some() {
            return Err(format!("shard {} is there twice", shard + 1));
        }
    }
    for (tally, other) in sum.tallies.iter_mut().zip(other.tallies) {
        tally.add(other);
    }
    sum.started = sum.started.min(other.started);
    sum.wall = sum.wall.max(other.wall);
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
        assert_eq!((all.tallies[0].executions, all.missing(), all.interrupted()), (90, vec![], vec![1]));
        assert_eq!(sum_of(vec![shard(2, false), shard(0, false)]).unwrap().missing(), [2]);
    }

    #[test]
    fn sums_add_up() {
        let two = sum_of(vec![shard(2, false), shard(0, false)]).unwrap();
        assert_eq!(sum_of(vec![shard(1, false), two]).unwrap().tallies[0].executions, 90);
    }

    #[test]
    fn a_shard_that_is_there_twice_or_is_foreign_is_refused() {
        let twice = sum_of(vec![shard(2, false), shard(0, false), shard(2, false)]);
        assert_eq!(twice.unwrap_err(), "shard 3 is there twice");
        let mut foreign = shard(1, false);
        foreign.campaign.seed = 8;
        let refused = sum_of(vec![shard(0, false), foreign]).unwrap_err();
        assert_eq!(refused, "it is of another campaign than first: the seed differs");
    }
}
