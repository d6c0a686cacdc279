//! Finds every ordering stronger than `Relaxed` in the source of the core.

use proc_macro2::Span;
use std::fs;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprCall, ExprMethodCall, ExprPath, ImplItemFn, ItemFn, ItemImpl, ItemMod, Macro, Type,
};

/// The rooms that are not the core: the facade, and what runs it.
const NOT_CORE: [&str; 2] = ["src/sync", "src/check"];
const STRONGER: [&str; 4] = ["Acquire", "Release", "AcqRel", "SeqCst"];
const ASYMMETRIC: [&str; 2] = ["light_fence", "heavy_fence"];

/// An operation with an ordering stronger than `Relaxed`, or a fence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Site {
    /// The file, from the root of the tree.
    pub(crate) file: String,
    pub(crate) line: u32,
    /// The function that it stands in, `Refcount::dec_and_test` say.
    pub(crate) function: String,
    /// What is called: `load`, `fetch_sub`, `fence`, `heavy_fence`, ..
    pub(crate) operation: String,
    /// `Acquire`, `Release`, `AcqRel` or `SeqCst`.
    pub(crate) ordering: String,
}

/// All sites of the core of the tree at `root`, by file and line.
///
/// # Errors
///
/// If a file cannot be read or parsed, or has an ordering where the audit could not weaken it.
pub(crate) fn sites(root: &Path) -> Result<Vec<Site>, String> {
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files).map_err(|error| format!("the source of the core: {error}"))?;
    let mut sites = Vec::new();
    for path in files {
        let file = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if !is_core(&file) {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| format!("{file}: {error}"))?;
        sites.extend(sites_of(&file, &text)?);
    }
    sites.sort();
    Ok(sites)
}

/// Whether a source file, named from the root of the tree, is of the core, and no test of it.
pub(crate) fn is_core(file: &str) -> bool {
    let is_test = file.split('/').any(|part| part == "tests" || part == "tests.rs");
    file.starts_with("src/") && !is_test && !NOT_CORE.iter().any(|room| file.starts_with(room))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

fn sites_of(file: &str, text: &str) -> Result<Vec<Site>, String> {
    let parsed = syn::parse_file(text).map_err(|error| format!("{file}: {error}"))?;
    let mut scan = Scan { file, within: Vec::new(), sites: Vec::new(), wrong: None };
    scan.visit_file(&parsed);
    if let Some(pair) = scan.sites.windows(2).find(|pair| pair[0].line == pair[1].line) {
        return Err(format!("{file}:{}: two orderings on one line cannot be told apart", pair[0].line));
    }
    scan.wrong.map_or(Ok(scan.sites), Err)
}

struct Scan<'a> {
    file: &'a str,
    /// The types and functions around.
    within: Vec<String>,
    sites: Vec<Site>,
    /// An ordering that is no argument of an operation.
    wrong: Option<String>,
}

impl Scan<'_> {
    fn inside(&mut self, name: String, visit: impl FnOnce(&mut Self)) {
        self.within.push(name);
        visit(self);
        self.within.pop();
    }

    fn add(&mut self, operation: String, ordering: String, at: Span) {
        let line = at.start().line as u32;
        let function = self.within.join("::");
        self.sites.push(Site { file: self.file.to_owned(), line, function, operation, ordering });
    }

    /// An operation is called with `arguments`: notes its ordering, and visits the other ones.
    fn call<'a>(&mut self, operation: &str, at: Span, arguments: impl Iterator<Item = &'a Expr>) {
        let mut noted = false;
        for argument in arguments {
            match stronger(argument) {
                Some(ordering) if !noted => {
                    self.add(operation.to_owned(), ordering, at);
                    noted = true;
                }
                Some(_) => self.refuse(at, "of two orderings of one operation, only the first is weakened"),
                None => self.visit_expr(argument),
            }
        }
    }

    fn refuse(&mut self, at: Span, why: &str) {
        self.wrong.get_or_insert_with(|| format!("{}:{}: {why}", self.file, at.start().line));
    }
}

impl<'a> Visit<'a> for Scan<'_> {
    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        if !item.attrs.iter().any(is_for_tests) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'a ItemImpl) {
        let name = match &*item.self_ty {
            Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
            _ => None,
        };
        self.inside(name.unwrap_or_else(|| "_".into()), |scan| visit::visit_item_impl(scan, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'a ImplItemFn) {
        self.inside(item.sig.ident.to_string(), |scan| visit::visit_impl_item_fn(scan, item));
    }

    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        self.inside(item.sig.ident.to_string(), |scan| visit::visit_item_fn(scan, item));
    }

    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        self.visit_expr(&call.receiver);
        self.call(&call.method.to_string(), call.method.span(), call.args.iter());
    }

    fn visit_expr_call(&mut self, call: &'a ExprCall) {
        let Some(name) = last_name(&call.func) else { return visit::visit_expr_call(self, call) };
        if ASYMMETRIC.contains(&name.as_str()) {
            self.add(name, "SeqCst".into(), call.span());
        } else {
            self.call(&name, call.span(), call.args.iter());
        }
    }

    fn visit_expr_path(&mut self, path: &'a ExprPath) {
        if STRONGER.iter().any(|name| path.path.segments.last().is_some_and(|last| last.ident == name)) {
            self.refuse(path.span(), "an ordering that is no argument of an operation");
        }
    }

    fn visit_macro(&mut self, call: &'a Macro) {
        let tokens = call.tokens.to_string();
        let mut words = tokens.split(|c: char| !c.is_alphanumeric() && c != '_');
        if words.any(|word| STRONGER.contains(&word) || ASYMMETRIC.contains(&word)) {
            self.refuse(call.span(), "an ordering inside a macro");
        }
    }
}

/// The ordering that an argument is, if it is a stronger one than `Relaxed`.
fn stronger(argument: &Expr) -> Option<String> {
    last_name(argument).filter(|name| STRONGER.contains(&name.as_str()))
}

/// The last part of a path.
fn last_name(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.parse_args::<syn::Ident>().is_ok_and(|condition| condition == "test")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Result<Vec<String>, String> {
        let told =
            |site: Site| format!("{} {} {} {}", site.line, site.function, site.operation, site.ordering);
        sites_of("src/a.rs", text).map(|sites| sites.into_iter().map(told).collect())
    }

    #[test]
    fn every_ordering_above_relaxed_is_a_site() {
        let text = "impl<T> fmt::Debug for Slot<T> {
            fn take(&self) {
                self.released
                    .load(Ordering::Acquire);
                self.released.store(true, Ordering::Relaxed);
                wait_until(&self.x, Ordering::Acquire, |x| self.y.swap(x, Release) == 0);
            }
        }
        fn wait() { sync::heavy_fence(); fence(Ordering::SeqCst) }
        ";
        // The two on a line apart from each other.
        let text = text.replace("|x| self", "|x|\n self").replace("; fence", ";\n fence");
        let expected = [
            "4 Slot::take load Acquire",
            "6 Slot::take wait_until Acquire",
            "7 Slot::take swap Release",
            "10 wait heavy_fence SeqCst",
            "11 wait fence SeqCst",
        ];
        assert_eq!(found(&text).unwrap(), expected);
    }

    #[test]
    fn tests_have_no_sites() {
        assert_eq!(found("#[cfg(test)] mod tests { fn f() { x.load(Acquire); } }"), Ok(Vec::new()));
        assert_eq!(found("#[cfg(unix)] mod real { fn f() { x.load(Acquire); } }").unwrap().len(), 1);
        let core = ["src/rcu/mod.rs", "src/net/list.rs"];
        let others =
            ["src/sync/plain/fence.rs", "src/check/real.rs", "src/net/tests/life.rs", "models/src/rcu.rs"];
        assert!(core.iter().all(|file| is_core(file)) && !others.iter().any(|file| is_core(file)));
    }

    #[test]
    fn what_could_not_be_weakened_is_refused() {
        let of_one = "fn f() { x.compare_exchange(0, 1, AcqRel, Acquire); }";
        let on_a_line = "fn f() { x.load(Acquire); y.load(Acquire); }";
        let elsewhere = "const ORDER: Ordering = Ordering::Acquire;";
        let in_a_macro = "fn f() { assert!(x.load(Ordering::Acquire)); }";
        for text in [of_one, on_a_line, elsewhere, in_a_macro] {
            assert!(found(text).unwrap_err().starts_with("src/a.rs:1: "), "{text}");
        }
    }

    #[test]
    fn the_core_has_sites_and_each_can_be_weakened() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let sites = sites(root).unwrap();
        assert!(sites.iter().any(|site| site.function == "Refcount::dec_and_test"), "{sites:?}");
    }
}
