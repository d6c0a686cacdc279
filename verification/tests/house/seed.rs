//! The page that says what has become of the kernel's source: what it names is there. (That the items of the crate are
//! there, its links say: rustdoc follows them.)

use crate::rules::Broken;

/// What a page may name, and how to find out whether it is there.
pub(crate) struct Known<'a> {
    pub(crate) is_model: &'a dyn Fn(&str) -> bool,
    /// The text of the source file of this path.
    pub(crate) source: &'a dyn Fn(&str) -> Option<&'a str>,
}

/// The rows that name a source file, a model or a test that is not there.
pub(crate) fn names_what_is_not_there(page: &str, known: &Known<'_>) -> Vec<Broken> {
    let mut broken = Vec::new();
    for (at, row) in rows(page) {
        let mut missing = |what: &str, name: &str| broken.push((at, format!("there is no {what} {name}")));
        let [_, here, tests] = row[..] else {
            missing("third column in the row of", row.first().unwrap_or(&""));
            continue;
        };
        for path in spans(here).filter(|span| span.starts_with("src/")) {
            if (known.source)(path).is_none() {
                missing("file", path);
            }
        }
        for name in spans(tests) {
            if name.contains("::") {
                if !is_test(name, known) {
                    missing("test", name);
                }
            } else if !(known.is_model)(name) {
                missing("model", name);
            }
        }
        if spans(tests).next().is_none() && tests != "–" {
            missing("model or test in", tests);
        }
    }
    broken
}

/// The cells of the tables' rows, with their lines, without the headings.
pub(crate) fn rows(page: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    let lines = page.lines().enumerate().filter(|(_, line)| line.starts_with('|'));
    let cells = lines.map(|(at, line)| (at + 1, line.trim_matches('|').split('|').map(str::trim).collect()));
    cells.filter(|(_, cells): &(_, Vec<&str>)| cells[0] != "seed" && cells[0] != "---")
}

/// What stands between backquotes.
fn spans(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Whether the test is there. Its module has a file of its own, or is in that of the module that it tests.
fn is_test(name: &str, known: &Known<'_>) -> bool {
    let Some((modules, function)) = name.rsplit_once("::") else { return false };
    let module = modules.replace("::", "/");
    let tested = module.strip_suffix("/tests").unwrap_or(&module);
    let files = [
        format!("src/{module}.rs"),
        format!("src/{module}/mod.rs"),
        format!("src/{tested}.rs"),
        format!("src/{tested}/mod.rs"),
        format!("examples/{module}.rs"),
    ];
    let declaration = format!("fn {function}()");
    files.iter().filter_map(|path| (known.source)(path)).any(|text| {
        let found = text.find(&declaration);
        // Between the attribute and the function there may be others, and no end of anything.
        let before = found.and_then(|at| text[..at].rfind("#[test]").map(|test| &text[test..at]));
        before.is_some_and(|between| !between.contains('}'))
    })
}

#[test]
fn a_name_of_nothing_is_found() {
    let page = "text `no-such-model`\n\n| seed | here | model or test |\n|---|---|---|\n\
                | `a` | `src/a.rs` | `a-model`, `a::tests::it_works` |\n\
                | `b` | `src/b.rs` | `b-model` |\n\
                | `c` | – | `a::tests::it_does_not` |\n\
                | `d` | – | `a::tests::helper` |\n\
                | `e` | – | – |\n\
                | `f` | – | words |\n\
                | `g` | – |\n\
                | `h` | – | `example::it_works` |\n";
    let known = Known {
        is_model: &|name| name == "a-model",
        source: &|path| match path {
            "src/a.rs" => Some("#[test]\n#[should_panic]\nfn it_works() {}\nfn helper() {}"),
            "examples/example.rs" => Some("#[test]\nfn it_works() {}"),
            _ => None,
        },
    };
    let lines: Vec<_> = names_what_is_not_there(page, &known).iter().map(|&(line, _)| line).collect();
    assert_eq!(lines, [6, 6, 7, 8, 10, 11]);
}
