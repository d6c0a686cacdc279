//! From names to models.

use netns_models::Model;

/// The models that `names` mean, each once, in the order of `models`. A name is a whole one, or the beginning of
/// some and a `*`.
///
/// # Errors
///
/// A sentence, if a name means no model.
pub(crate) fn select(models: &[&'static Model], names: &[String]) -> Result<Vec<&'static Model>, String> {
    match names.iter().find(|name| !models.iter().any(|model| means(name, model))) {
        Some(unknown) => Err(nobody(models, unknown)),
        None => {
            Ok(models.iter().copied().filter(|model| names.iter().any(|name| means(name, model))).collect())
        }
    }
}

fn means(name: &str, model: &Model) -> bool {
    match name.strip_suffix('*') {
        Some(beginning) => model.name.starts_with(beginning),
        None => model.name == name,
    }
}

fn nobody(models: &[&'static Model], name: &str) -> String {
    let near = nearest(models.iter().map(|model| model.name), name.trim_end_matches('*'));
    if near.is_empty() {
        format!("no model is named {name}; there are no models")
    } else {
        format!("no model is named {name}; did you mean: {}?", near.join(", "))
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
    fn an_unknown_name_is_told_with_the_three_nearest_best_first() {
        assert_eq!(
            names(&["put-twise"]).unwrap_err(),
            "no model is named put-twise; did you mean: put-twice, put-and-get, grace-period?"
        );
        assert!(names(&["nsid", "zzz*"]).is_err());
    }
}
