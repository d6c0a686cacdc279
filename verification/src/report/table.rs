//! Tables that sort and filter, once the page's script has run.

use maud::{Markup, html};

/// What stands in a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column {
    /// Words.
    Words(&'static str),
    /// Numbers, by which it is sorted: see [`number`].
    Numbers(&'static str),
}

/// A table. Each of its rows is a `tbody`, so that what unfolds below a row goes with it.
pub(super) fn table(id: &str, caption: &str, columns: &[Column], rows: &[Markup]) -> Markup {
    let caption_id = format!("{id}-caption");
    html! {
        div.scroll role="region" tabindex="0" aria-labelledby=(caption_id) {
            table #(id) {
                caption #(caption_id) { (caption) }
                thead {
                    tr {
                        @for column in columns {
                            @match column {
                                Column::Words(name) => th scope="col" { (name) },
                                Column::Numbers(name) => th.number scope="col" { (name) },
                            }
                        }
                    }
                }
                @for row in rows { (row) }
            }
        }
    }
}

/// A row; `below` unfolds below it, over its whole width.
pub(super) fn row(id: Option<&str>, cells: &Markup, below: Option<&Markup>, width: usize) -> Markup {
    html! {
        tbody id=[id] {
            tr { (cells) }
            @if let Some(below) = below {
                tr.below { td colspan=(width) { (below) } }
            }
        }
    }
}

/// A cell with a number, sorted by `key`. What is not known is an empty cell, and comes last.
pub(super) fn number(key: Option<f64>, text: &str) -> Markup {
    html! {
        td.number data-key=[key] { (text) }
    }
}
