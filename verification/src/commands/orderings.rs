//! `orderings`: the audit.

use super::{EXHAUSTIVE, Refusal, is_compiled, stop_at_interrupt, tell_both};
use crate::baseline::Baseline;
use crate::cli::{self, Pace};
use crate::exit::Exit;
use crate::orderings::{Audit, Audits, Document, Notes, Page, Site, audit, sites};
use crate::tree;
use netns_core::check::Engine;
use netns_models::all;

/// Weakens each ordering that is asked for, and tells which models fail.
pub(super) fn orderings(command: &cli::Orderings) -> Result<Exit, Refusal> {
    let found = audited(&|title| command.wants(title), &command.pace)?;
    tell_both(
        &Page { audit: &found, models: command.models }.to_string(),
        &Document::of(&found).to_text(),
        &command.output,
    )?;
    Ok(found.exit())
}

/// The document of all orderings.
pub(super) fn document(pace: &Pace) -> Result<Document, Refusal> {
    Ok(Document::of(&audited(&|_| true, pace)?))
}

/// Weakens each ordering with a title that is wanted.
fn audited(is_wanted: &(dyn Fn(&str) -> bool + Sync), pace: &Pace) -> Result<Audit, Refusal> {
    EXHAUSTIVE.into_iter().try_for_each(is_compiled)?;
    let root = tree::root().ok_or("the orderings are found in the source: run it in the source tree")?;
    let is_picked = |site: &Site| is_wanted(&format!("{}:{} {}", site.file, site.line, site.function));
    let sites = sites(&root)?;
    if !sites.iter().any(&is_picked) {
        return Err("no ordering is there of that name".into());
    }
    let (stop, baseline) = (stop_at_interrupt()?, Baseline::load()?);
    // Those that are complete under rc11: all.
    let models: Vec<_> = all().into_iter().filter(|model| model.why_not(Engine::Rc11).is_none()).collect();
    Ok(audit(Audits {
        models: &models,
        sites,
        is_picked: &is_picked,
        notes: &Notes::load(&root)?,
        baseline: &baseline,
        parallel: pace.jobs(),
        stop: &stop,
    }))
}
