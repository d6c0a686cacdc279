//! The rules, each a function from a file's text to the lines that break it.

use crate::source::{bracketed, code, code_and_comments, code_and_literals, words};

/// A line, counted from 1, and what is wrong with it.
pub(crate) type Broken = (usize, String);

fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// No cfg on an engine.
pub(crate) fn cfg_on_an_engine(source: &str) -> Vec<Broken> {
    let text = code_and_literals(source);
    let mut broken = Vec::new();
    for cfg in ["cfg(", "cfg!(", "cfg_attr("] {
        for at in words(&text, cfg) {
            let condition = bracketed(&text[at + cfg.len() - 1..]);
            for engine in ["engine", "loom", "rc11", "shuttle", "check"] {
                if words(condition, engine).next().is_some() {
                    broken
                        .push((line(&text, at), format!("a cfg on {engine}: only sync and check have one")));
                }
            }
        }
    }
    broken
}

/// Threads and memory come from the facade.
pub(crate) fn past_the_facade(source: &str) -> Vec<Broken> {
    let text = code(source);
    let mut broken = Vec::new();
    let mut names = |at, name: &str| {
        broken.push((line(&text, at), format!("{name}: only sync and check name it; use netns_core::sync")));
    };
    for path in
        ["std::sync", "std::thread", "std::thread_local", "core::sync", "loom::", "rc11::", "shuttle::"]
    {
        words(&text, path).for_each(|at| names(at, path));
    }
    for group in ["std::{", "core::{"] {
        for at in words(&text, group) {
            let inside = bracketed(&text[at + group.len() - 1..]);
            for module in ["sync", "thread", "thread_local"] {
                if words(inside, module).next().is_some() {
                    names(at, &format!("{group}{module}}}"));
                }
            }
        }
    }
    // The prelude's; the facade's has its path before it.
    for at in words(&text, "thread_local!").filter(|&at| !text[..at].ends_with("::")) {
        names(at, "thread_local!");
    }
    broken
}

/// Nothing is left for later.
pub(crate) fn left_for_later(source: &str, is_rust: bool) -> Vec<Broken> {
    let text = if is_rust { code_and_comments(source) } else { source.into() };
    let mut broken = Vec::new();
    for mark in ["TODO", "FIXME", "todo!", "unimplemented!"] {
        broken.extend(words(&text, mark).map(|at| (line(&text, at), format!("{mark} is left"))));
    }
    broken
}

/// Who allows what a lint denies says why.
pub(crate) fn allowed_without_reason(source: &str) -> Vec<Broken> {
    let text = code(source);
    let mut broken = Vec::new();
    for attribute in ["#[allow(", "#![allow(", "#[expect(", "#![expect("] {
        for (at, _) in text.match_indices(attribute) {
            let list = bracketed(&text[at + attribute.len() - 1..]);
            if words(list, "reason").next().is_none() {
                broken.push((line(&text, at), format!("{attribute}..)] without a reason")));
            }
        }
    }
    broken
}

/// An ordering stands where it is written.
pub(crate) fn tracks_its_caller(source: &str) -> Vec<Broken> {
    let text = code(source);
    let broken = "#[track_caller] moves the ordering sites of the function to its callers: the ordering audit, which knows \
                  a site by its source line, would look for them there";
    words(&text, "track_caller").map(|at| (line(&text, at), broken.into())).collect()
}

/// Files are short.
pub(crate) fn too_long(source: &str, longest: usize) -> Vec<Broken> {
    let lines = source.lines().count();
    let broken = || (lines, format!("{lines} lines: the greatest length of a file is {longest}"));
    (lines > longest).then(broken).into_iter().collect()
}

/// `SeqCst` is for fences.
pub(crate) fn sequentially_consistent_access(source: &str) -> Vec<Broken> {
    let text = code(source);
    let is_a_fence = |at: usize| {
        let before =
            text[..at].trim_end().trim_end_matches("Ordering::").trim_end_matches("atomic::").trim_end();
        before
            .strip_suffix('(')
            .is_some_and(|call| words(call, "fence").any(|at| at + "fence".len() == call.len()))
    };
    let is_imported =
        |at: usize| text[..at].rsplit([';', '}']).next().is_some_and(|s| s.trim_start().starts_with("use "));
    words(&text, "SeqCst")
        .filter(|&at| !is_a_fence(at) && !is_imported(at))
        .map(|at| (line(&text, at), "SeqCst outside of fence: loom takes such an access for AcqRel".into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(broken: &[Broken]) -> Vec<usize> {
        broken.iter().map(|&(line, _)| line).collect()
    }

    #[test]
    fn a_cfg_on_an_engine_is_found() {
        let source = "// #[cfg(feature = \"loom\")]\n#[cfg(all(test, any(feature = \"loom\", unix)))]\nfn f() {}\n\
                      if cfg!(shuttle) {}\n#[cfg(test)]\n#[cfg_attr(\nfeature = \"check\", inline)]";
        assert_eq!(lines(&cfg_on_an_engine(source)), [2, 4, 6]);
    }

    #[test]
    fn a_way_past_the_facade_is_found() {
        let source = "//! std::sync\nuse std::sync::Arc;\nlet s = \"std::thread\";\nstd::thread::yield_now();\n\
                      core::sync::atomic::fence(o);\nloom::model(f);\nshuttle::check_dfs(f, None);\n\
                      use std::{fmt, sync::Arc};\nthread_local! {}\nsync::thread_local! {}\nnetns_core::sync::Arc\n\
                      Engine::Loom\nheirloom::x";
        let mut found = lines(&past_the_facade(source));
        found.sort_unstable();
        assert_eq!(found, [2, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn what_is_left_for_later_is_found() {
        let source =
            "// TODO: x\nfn f() { todo!() }\nlet s = \"TODO\";\n/* FIXME */\nunimplemented!()\nTODOS";
        let mut found = lines(&left_for_later(source, true));
        found.sort_unstable();
        assert_eq!(found, [1, 2, 4, 5]);
        assert_eq!(lines(&left_for_later("echo 'TODO'", false)), [1]);
    }

    #[test]
    fn an_allow_without_a_reason_is_found() {
        let source = "#[allow(dead_code)]\n#[allow(\n  dead_code,\n  reason = \"a reason\"\n)]\n#![allow(unused)]\n\
                      // #[allow(x)]\n#[allow(dead_code /* reason */)]";
        let mut found = lines(&allowed_without_reason(source));
        found.sort_unstable();
        assert_eq!(found, [1, 6, 8]);
    }

    #[test]
    fn a_function_that_tracks_its_caller_is_found() {
        assert_eq!(
            lines(&tracks_its_caller("// #[track_caller]\n#[inline]\n#[track_caller]\nfn f() {}")),
            [3]
        );
        assert_eq!(lines(&tracks_its_caller("#[cfg_attr(test, track_caller)]")), [1]);
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(lines(&too_long("a\nb\nc\n", 2)), [3]);
        assert!(too_long("a\nb\n", 2).is_empty());
    }

    #[test]
    fn a_sequentially_consistent_access_is_found() {
        let source = "fence(SeqCst);\nfence(Ordering::SeqCst);\natomic::fence(\n  atomic::Ordering::SeqCst);\n\
                      a.load(SeqCst);\na.store(1, Ordering::SeqCst);\nuse Ordering::{Relaxed, SeqCst};\n// SeqCst\n\
                      let o = Ordering::SeqCst;\ndefence(SeqCst);";
        assert_eq!(lines(&sequentially_consistent_access(source)), [5, 6, 9, 10]);
    }
}
