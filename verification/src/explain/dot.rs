//! The counterexample as a graph, for Graphviz: `dot -Tsvg`.

use super::Counterexample;
use super::arrow::{Arrow, Kind, arrows};
use super::counterexample::Role;
use super::story::{Fold, Line, section, story};

/// The counterexample in the language of Graphviz.
pub(crate) fn dot(of: &Counterexample) -> String {
    let lines = story(of);
    let mut out = String::from("digraph counterexample {\n");
    let mut say = |line: &str| out.extend(["  ", line, "\n"]);
    say("rankdir=TB; newrank=true; splines=true;");
    say("node [shape=box, style=rounded, fontname=monospace, fontsize=10];");
    say("edge [fontname=monospace, fontsize=9];");
    say(&format!(
        "label={}; labelloc=t; fontname=\"sans-serif\";",
        quoted(&format!("{}\n{}", of.title(), of.claim.join("\n")))
    ));
    for (lane, name) in of.lanes.iter().enumerate() {
        say(&format!("subgraph cluster_{lane} {{"));
        say(&format!("  label={}; color=gray;", quoted(name)));
        let mut before: Option<String> = None;
        for (place, line) in lines.iter().enumerate().filter(|(_, line)| line.lane(of) == lane) {
            let (id, node) = node(of, place, line);
            say(&format!("  {node}"));
            if let Some(before) = before.replace(id.clone()) {
                say(&format!("  {before} -> {id} [color=gray];"));
            }
        }
        say("}");
    }
    for edge in edges(of, &lines) {
        say(&edge);
    }
    out + "}\n"
}

/// The name of a line's node, and the node.
fn node(of: &Counterexample, place: usize, line: &Line) -> (String, String) {
    match line {
        Line::Step(index) => {
            let step = &of.steps[*index];
            let look = match step.role {
                Role::Failed | Role::Conflict | Role::Waits => ", color=red, penwidth=2",
                Role::Plain if step.missed.is_some() => ", color=orange, penwidth=2",
                Role::Plain => "",
            };
            let id = format!("s{index}");
            let place = step.place.as_ref().map(|place| format!("\n{place}")).unwrap_or_default();
            let label = quoted(&format!("{} {}{place}", index + 1, step.phrase));
            (id.clone(), format!("{id} [label={label}{look}];"))
        }
        Line::Section(lock) => {
            let step = &of.steps[*lock];
            let place = step.place.as_ref().map(|place| format!("\n{place}")).unwrap_or_default();
            let label = quoted(&format!("{} {}{place}", lock + 2, section(step)));
            (format!("s{lock}"), format!("s{lock} [label={label}];"))
        }
        Line::Fold(fold) => {
            let id = format!("f{place}");
            (id.clone(), format!("{id} [shape=plaintext, fontcolor=gray, label={}];", folded(fold)))
        }
        Line::Fails(_) => {
            let label = quoted(&format!("{}\n{}", of.failure.kind, of.check()));
            ("fails".into(), format!("fails [label={label}, color=red, penwidth=2];"))
        }
    }
}

fn folded(fold: &Fold) -> String {
    quoted(&format!("… {}", fold.words()))
}

/// What comes from one line to another. A line has the name of its first step.
fn edges(of: &Counterexample, lines: &[Line]) -> Vec<String> {
    let line = |step: usize| {
        let steps = lines.iter().map(Line::steps).find(|steps| steps.contains(&step));
        steps.expect("only steps that are shown have arrows").start
    };
    let edge = |Arrow { kind, from, to }: Arrow| {
        let look = match kind {
            Kind::Synchronises => "color=forestgreen, label=\"synchronises\"",
            Kind::Reads => "color=blue, style=dashed, label=\"reads from\"",
            Kind::Missed => "constraint=false, color=orange, style=dotted, label=\"missed\"",
            Kind::Conflict => "constraint=false, color=red, dir=both, label=\"conflict\"",
        };
        format!("s{} -> s{} [{look}];", line(from), line(to))
    };
    arrows(of, lines).into_iter().map(edge).collect()
}

/// A string of Graphviz: only a quote needs an escape, and a backslash would begin one.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            other if other.is_control() => quoted.push(' '),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::toys;

    #[test]
    fn the_graph_has_the_steps_and_what_is_between_them() {
        let graph = dot(&toys::freed_too_early());
        assert!(graph.contains("s8 [label=\"9 free Net#2\", color=red, penwidth=2];"), "{graph}");
        assert!(graph.contains("s4 -> s5 [constraint=false, color=orange, style=dotted, label=\"missed\"];"));
        assert!(graph.contains("s3 -> s5 [color=forestgreen, label=\"synchronises\"];"));
        assert!(graph.contains("s6 -> s8 [constraint=false, color=red, dir=both, label=\"conflict\"];"));
        assert!(!graph.contains("s0 "), "the set-up is folded: {graph}");
        assert!(dot(&toys::freed_too_early().whole(true)).contains("s0 "));
    }

    /// Whether braces, brackets and quotes go together, and every line ends as one does.
    fn is_well_formed(graph: &str) -> bool {
        let mut open = Vec::new();
        let mut characters = graph.chars();
        let mut is_quoted = false;
        while let Some(character) = characters.next() {
            match (is_quoted, character) {
                (true, '\\') => drop(characters.next()),
                (_, '"') => is_quoted = !is_quoted,
                (true, _) => {}
                (_, '{' | '[') => open.push(character),
                (_, '}') if open.pop() != Some('{') => return false,
                (_, ']') if open.pop() != Some('[') => return false,
                _ => {}
            }
        }
        open.is_empty() && !is_quoted
    }

    #[test]
    fn every_graph_is_well_formed() {
        for of in [toys::freed_too_early(), toys::race(), toys::with_steps_beside(), toys::hostile()] {
            for all in [false, true] {
                let graph = dot(&of.clone().whole(all));
                assert!(is_well_formed(&graph), "{graph}");
            }
        }
        assert!(!is_well_formed("{\"}"), "the test can fail");
    }
}
