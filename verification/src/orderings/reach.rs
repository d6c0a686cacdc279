//! Which models come to which sites.

use super::audit::{Audits, executions, is_large};
use super::progress::Progress;
use super::scan::{Site, is_core};
use crate::runner::{self, End, Job};
use netns_core::check::{Engine, OrderingSite};
use netns_models::{Model, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// Which models come to which sites.
pub(super) struct Reached(BTreeMap<OrderingSite, Vec<&'static Model>>);

impl Reached {
    /// Runs the models; the large ones only if a site is left that no other one reaches.
    pub(super) fn by(audits: &Audits<'_>) -> Reached {
        let (large, mut small): (Vec<&'static Model>, Vec<_>) =
            audits.models.iter().copied().partition(|model| is_large(model, audits.baseline));
        small.sort_by_key(|model| executions(model, Engine::Rc11, audits.baseline));
        let mut reached = Reached(BTreeMap::new());
        for models in [small, large] {
            if audits.sites.iter().any(|site| reached.models(site).is_empty()) {
                reached.run(&models, audits);
            } else {
                // A large model is asked about what no other catches, whether or not it comes there.
                reached.0.values_mut().for_each(|reaching| reaching.extend(&models));
            }
        }
        reached
    }

    fn run(&mut self, models: &[&'static Model], audits: &Audits<'_>) {
        let plan = Plan { sites: true, ..Plan::of(Engine::Rc11) };
        let jobs: Vec<Job> = models.iter().map(|model| Job::of(model, plan.clone())).collect();
        let mut progress = Progress::of("models that find the sites", jobs.len());
        for run in runner::run_all(&jobs, audits.parallel, audits.stop, |event| progress.show(event)) {
            if let End::Reported(report) = run.end {
                let sites = report.sites.into_iter().filter(|site| is_core(&site.file));
                sites.for_each(|site| self.0.entry(site).or_default().push(run.model));
            }
        }
    }

    /// The models that come to the site.
    pub(super) fn models(&self, site: &Site) -> Vec<&'static Model> {
        let at = self.0.iter().filter(|(reached, _)| is_at(reached, site));
        let mut seen = BTreeSet::new();
        at.flat_map(|(_, models)| models).copied().filter(|model| seen.insert(model.name)).collect()
    }

    /// What was reached and is none of `sites`.
    pub(super) fn unknown(&self, sites: &[Site]) -> Vec<OrderingSite> {
        self.0.keys().filter(|reached| !sites.iter().any(|site| is_at(reached, site))).cloned().collect()
    }
}

fn is_at(reached: &OrderingSite, site: &Site) -> bool {
    reached.file == site.file && reached.line == site.line
}
