//! The audit as JSON.

use super::audit::{Audit, Row};
use super::outcome::{Judgement, Outcome};
use crate::origin::Origin;
use netns_core::check::{Failure, OrderingSite};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What the audit found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    /// Where it comes from.
    #[serde(flatten)]
    pub(crate) origin: Origin,
    /// Whether every ordering was there.
    pub(crate) whole: bool,
    /// Each ordering, weakened by each step.
    pub(crate) rows: Vec<OfRow>,
    /// Sites that no model reaches, as `file:line`.
    pub(crate) unreached: Vec<String>,
    /// Sites that were reached and not found in the source.
    pub(crate) unknown: Vec<OrderingSite>,
    /// Notes that no row needs.
    pub(crate) idle_notes: Vec<String>,
    /// The models that were asked about all that they reach.
    models: Vec<OfModel>,
}

/// One ordering, weakened by one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OfRow {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) function: String,
    pub(crate) operation: String,
    pub(crate) ordering: String,
    /// `none` for a fence that is left out.
    pub(crate) weakened_to: String,
    /// How many models reach it.
    pub(crate) reached_by: usize,
    /// The models that catch it under rc11.
    pub(crate) catchers: Vec<String>,
    pub(crate) rc11: OfEngine,
    pub(crate) loom: OfEngine,
    pub(crate) verdict: Judgement,
}

/// How an engine stands to a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub(crate) enum OfEngine {
    /// A model failed.
    Caught { model: String, elapsed: Duration, failure: Box<Failure> },
    /// Every model held.
    Held,
    /// None failed, and one did not come to its end.
    Unfinished { why: String },
}

/// What a model is needed for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OfModel {
    model: String,
    /// How many rows it catches under rc11.
    catches: usize,
    /// How many of them no other model catches.
    alone: usize,
}

impl Document {
    /// The document of an audit.
    pub(crate) fn of(audit: &Audit) -> Document {
        let of_model = |(model, catches, alone): (&netns_models::Model, usize, usize)| OfModel {
            model: model.name.into(),
            catches,
            alone,
        };
        Document {
            origin: Origin::here(audit.started, audit.wall, audit.exit()),
            whole: audit.whole,
            rows: audit.rows.iter().map(OfRow::of).collect(),
            unreached: audit.unreached.iter().map(|site| format!("{}:{}", site.file, site.line)).collect(),
            unknown: audit.unknown.clone(),
            idle_notes: audit.idle_notes.clone(),
            models: audit.catches().into_iter().map(of_model).collect(),
        }
    }

    /// The text of it.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a document is plain data") + "\n"
    }
}

impl OfRow {
    fn of(row: &Row) -> OfRow {
        OfRow {
            file: row.site.file.clone(),
            line: row.site.line,
            function: row.site.function.clone(),
            operation: row.site.operation.clone(),
            ordering: row.site.ordering.clone(),
            weakened_to: row.step.to_string(),
            reached_by: row.reached_by.len(),
            catchers: row.catchers.iter().map(|model| model.name.into()).collect(),
            rc11: OfEngine::of(&row.rc11),
            loom: OfEngine::of(&row.loom),
            verdict: row.judgement.clone(),
        }
    }
}

impl OfEngine {
    fn of(outcome: &Outcome) -> OfEngine {
        match outcome {
            Outcome::Caught(catch) => OfEngine::Caught {
                model: catch.model.name.into(),
                elapsed: catch.elapsed,
                failure: Box::new(catch.failure.clone()),
            },
            Outcome::Held => OfEngine::Held,
            Outcome::Unfinished(why) => OfEngine::Unfinished { why: why.clone() },
        }
    }
}
