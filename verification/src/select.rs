//! From names to what they name.

use netns_models::Model;

/// The models that `names` mean, as [`named`] has it.
///
/// # Errors
///
/// A sentence, if a name means no model.
pub(crate) fn select(models: &[&'static Model], names: &[String]) -> Result<Vec<&'static Model>, String> {
    Ok(named("model", models, |model| model.name, names)?.into_iter().copied().collect())
}

/// Those of `known` that `names` mean, each once, in the order of `known`. A name is a whole one, or the beginning of
/// some and a `*`.
///
/// # Errors
///
/// A sentence, if a name means nothing.
pub(crate) fn named<'a, T>(
    what: &str,
    known: &'a [T],
    name_of: impl Fn(&T) -> &str,
    names: &[String],
) -> Result<Vec<&'a T>, String> {
    let means = |name: &String, known: &T| means(name, name_of(known));
    match names.iter().find(|name| !known.iter().any(|known| means(name, known))) {
        Some(unknown) => Err(nobody(what, known.iter().map(name_of).collect(), unknown)),
        None => Ok(known.iter().filter(|known| names.iter().any(|name| means(name, known))).collect()),
    }
}

/// `models`, and of `others` those that are named in full: nobody means them by the beginning of a name.
pub(crate) fn and_by_whole_name(
    models: Vec<&'static Model>,
    others: impl IntoIterator<Item = &'static Model>,
    names: &[String],
) -> Vec<&'static Model> {
    let named = others.into_iter().filter(|other| names.iter().any(|name| name == other.name));
    models.into_iter().chain(named).collect()
}

fn means(name: &str, known: &str) -> bool {
    match name.strip_suffix('*') {
        Some(beginning) => known.starts_with(beginning),
        None => known == name,
    }
}

fn nobody(what: &str, known: Vec<&str>, name: &str) -> String {
    let near = nearest(known.into_iter(), name.trim_end_matches('*'));
    if near.is_empty() {
        format!("no {what} is named {name}; there are no {what}s")
    } else {
        format!("no {what} is named {name}; did you mean: {}?", near.join(", "))
    }
}

/// The three names that are most like `name`, best first.
fn nearest<'a>(names: impl Iterator<Item = &'a str>, name: &str) -> Vec<&'a str> {
    let mut by_likeness: Vec<_> = names.map(|known| (strsim::jaro_winkler(known, name), known)).collect();
    by_likeness.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    by_likeness.into_iter().take(3).map(|(_, known)| known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::toys::toy;

    static TOYS: [Model; 4] = [toy("put-and-get"), toy("put-twice"), toy("grace-period"), toy("nsid")];

    fn names(of: &[&str]) -> Result<Vec<&'static str>, String> {
        let of: Vec<String> = of.iter().map(|&name| name.into()).collect();
        Ok(select(&TOYS.iter().collect::<Vec<_>>(), &of)?.into_iter().map(|model| model.name).collect())
    }

    #[test]
    fn a_star_means_every_name_that_begins_so() {
        assert_eq!(names(&["put-*"]).unwrap(), ["put-and-get", "put-twice"]);
        assert_eq!(names(&["*"]).unwrap().len(), 4);
    }

    #[test]
    fn a_model_that_two_names_mean_runs_once() {
        assert_eq!(names(&["put-twice", "put-*"]).unwrap(), ["put-and-get", "put-twice"]);
    }

    #[test]
    fn the_beginning_of_a_name_is_not_the_name() {
        assert!(names(&["put"]).is_err());
    }

    #[test]
    fn others_are_meant_by_their_whole_names_only() {
        let known = |name: &str| {
            let models = and_by_whole_name(vec![&TOYS[0]], &TOYS[1..], &[name.to_owned()]);
            models.into_iter().map(|model| model.name).collect::<Vec<_>>()
        };
        assert_eq!(known("*"), ["put-and-get"]);
        assert_eq!(known("nsid"), ["put-and-get", "nsid"]);
    }

    #[test]
    fn an_unknown_name_is_told_with_the_three_nearest_best_first() {
        assert_eq!(
            names(&["put-twise"]).unwrap_err(),
            "no model is named put-twise; did you mean: put-twice, put-and-get, grace-period?"
        );
        assert!(names(&["nsid", "zzz*"]).is_err());
    }
}
