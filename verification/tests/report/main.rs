//! The page of `cargo verify report`, in a browser: it is made of a fixed small set of findings.
//!
//! It takes Debian's packages chromium and chromium-driver, or others of their kind. Without them the trials are ignored,
//! and the reason is told; on CI they fail.

mod browser;

use browser::{Browser, Wrong};
use libtest_mimic::{Arguments, Trial};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::{Arc, Mutex, PoisonError};

/// Looks at the page.
type Look = fn(&Browser) -> Result<(), Wrong>;

const TRIALS: &[(&str, Look)] = &[
    ("nothing_goes_wrong_as_it_loads", nothing_goes_wrong_as_it_loads),
    ("a_table_sorts_by_a_click_and_by_a_key", a_table_sorts_by_a_click_and_by_a_key),
    ("a_table_filters_and_a_link_finds_what_is_hidden", a_table_filters_and_a_link_finds_what_is_hidden),
    ("a_counterexample_opens_in_place", a_counterexample_opens_in_place),
    ("the_dark_scheme_is_the_systems_or_chosen", the_dark_scheme_is_the_systems_or_chosen),
    ("it_fits_a_narrow_window", it_fits_a_narrow_window),
    ("on_paper_there_is_what_is_open", on_paper_there_is_what_is_open),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let browser = if arguments.list { Err("nothing is to run".into()) } else { Browser::start() };
    let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    let is_ignored = browser.is_err() && !is_ci && !arguments.list;
    if let (Err(why), true) = (&browser, is_ignored) {
        let _ = writeln!(io::stderr(), "the page is not looked at in a browser: {why}");
    }
    let browser = Arc::new(browser.map(Mutex::new));
    let trial = |&(name, look): &(&str, Look)| {
        let browser = Arc::clone(&browser);
        let trial = move || {
            let browser = browser.as_ref().as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
            browser.open(&page()?)?;
            Ok(look(&browser)?)
        };
        Trial::test(name, trial).with_ignored_flag(is_ignored)
    };
    libtest_mimic::run(&arguments, TRIALS.iter().map(trial).collect()).exit_code()
}

/// The page's address; it is made anew.
fn page() -> Result<String, Wrong> {
    let findings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/findings");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    let mut report = Command::new(env!("CARGO_BIN_EXE_netns-verify"));
    report.arg("report").arg("--out").arg(&out);
    for part in ["gate", "bugs", "orderings"] {
        report.arg(format!("--{part}")).arg(findings.join(part).with_extension("json"));
    }
    let output = report.output().map_err(|error| error.to_string())?;
    if output.status.code() != Some(1) {
        return Err(format!("one of the models failed: it is not 1, but {output:?}"));
    }
    Ok(format!("file://{}", out.join("index.html").display()))
}

fn equal(found: &Value, expected: &Value) -> Result<(), Wrong> {
    if found == expected { Ok(()) } else { Err(format!("{found} is not {expected}")) }
}

fn nothing_goes_wrong_as_it_loads(browser: &Browser) -> Result<(), Wrong> {
    equal(&json!(browser.console()?), &json!([]))?;
    let foreign = "document.querySelectorAll('img:not([src^=\"data:\"])').length";
    equal(&browser.evaluate(&format!("return {foreign} + (window.broken ?? 0)"))?, &json!(0))?;
    let loaded = "performance.getEntriesByType('resource').filter((one) => !one.name.startsWith('data:'))";
    equal(&browser.evaluate(&format!("return {loaded}.length"))?, &json!(0))
}

/// The models that are shown, in order.
fn models(browser: &Browser) -> Result<Value, Wrong> {
    browser.evaluate(
        "return [...document.querySelectorAll('#models-table > tbody')].filter((body) => body.checkVisibility())
            .map((body) => body.querySelector('th').textContent)",
    )
}

fn a_table_sorts_by_a_click_and_by_a_key(browser: &Browser) -> Result<(), Wrong> {
    let head = "#models-table th:nth-child(5)";
    let sort = || browser.evaluate(&format!("return document.querySelector('{head}').ariaSort"));
    browser.click(&format!("{head} button"))?;
    equal(&sort()?, &json!("ascending"))?;
    let by_executions = json!(["put-without-release", "two-puts", "three-puts-bounded", "six-puts"]);
    equal(&models(browser)?, &by_executions)?;
    browser.type_into(&format!("{head} button"), "\u{e007}")?;
    equal(&sort()?, &json!("descending"))?;
    equal(&models(browser)?, &json!(["six-puts", "three-puts-bounded", "two-puts", "put-without-release"]))?;
    // One of them has no executions under loom: it comes last, either way.
    browser.click("#models-table th:nth-child(8) button")?;
    equal(&models(browser)?, &json!(["put-without-release", "two-puts", "three-puts-bounded", "six-puts"]))?;
    equal(&sort()?, &json!(null))
}

fn a_table_filters_and_a_link_finds_what_is_hidden(browser: &Browser) -> Result<(), Wrong> {
    browser.type_into("#models input", "holders OBJECT")?;
    equal(&models(browser)?, &json!(["two-puts", "three-puts-bounded", "six-puts"]))?;
    equal(&browser.evaluate("return document.querySelector('#models output').value")?, &json!("3 of 4"))?;
    browser.type_into("#models input", " six")?;
    equal(&models(browser)?, &json!(["six-puts"]))?;
    browser.click("#orderings-table a[href='#model-two-puts']")?;
    let is_seen = "return document.querySelector('#model-two-puts').checkVisibility()";
    equal(&browser.evaluate(&format!("await new Promise(requestAnimationFrame); {is_seen}"))?, &json!(true))
}

fn a_counterexample_opens_in_place(browser: &Browser) -> Result<(), Wrong> {
    let of_model = "#model-put-without-release details";
    let picture = format!("document.querySelector('{of_model} img')");
    let is_seen = format!("return {picture}.checkVisibility()");
    equal(&browser.evaluate(&is_seen)?, &json!(false))?;
    browser.click(&format!("{of_model} summary"))?;
    equal(&browser.evaluate(&is_seen)?, &json!(true))?;
    equal(
        &browser.evaluate(&format!("await {picture}.decode(); return {picture}.naturalWidth > 300"))?,
        &json!(true),
    )?;
    browser.click(&format!("{of_model} details summary"))?;
    let words = browser.evaluate(&format!("return document.querySelector('{of_model} pre').innerText"))?;
    let expected = "</script><img src=\"nowhere\"";
    if words.as_str().is_some_and(|words| words.contains(expected)) {
        return Ok(());
    }
    Err(format!("{expected} is not in {words}"))
}

fn the_dark_scheme_is_the_systems_or_chosen(browser: &Browser) -> Result<(), Wrong> {
    let prefers = |scheme| {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        browser.emulate("Emulation.setEmulatedMedia", &json!({"features": features}))
    };
    let is_dark = || {
        let ground = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g)";
        browser.evaluate(&format!("return {ground}.every((part) => part < 64)"))
    };
    prefers("light")?;
    equal(&is_dark()?, &json!(false))?;
    browser.click("button.scheme")?;
    equal(&is_dark()?, &json!(true))?;
    browser.click("button.scheme")?;
    prefers("dark")?;
    equal(&is_dark()?, &json!(false))?;
    browser.open(&page()?)?;
    equal(&is_dark()?, &json!(true))?;
    equal(&browser.evaluate("return document.querySelector('.scheme').ariaPressed")?, &json!("true"))?;
    browser.emulate("Emulation.setEmulatedMedia", &json!({"features": []}))
}

fn it_fits_a_narrow_window(browser: &Browser) -> Result<(), Wrong> {
    let size = json!({"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": true});
    browser.emulate("Emulation.setDeviceMetricsOverride", &size)?;
    browser.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")?;
    let width = browser.evaluate("return document.documentElement.scrollWidth");
    browser.emulate("Emulation.clearDeviceMetricsOverride", &json!({}))?;
    equal(&width?, &json!(360))
}

fn on_paper_there_is_what_is_open(browser: &Browser) -> Result<(), Wrong> {
    browser.click("#model-put-without-release summary")?;
    browser.emulate("Emulation.setEmulatedMedia", &json!({"media": "print"}))?;
    let seen = browser.evaluate(
        "return ['.tools', '.scheme', '#orderings .below', '#model-put-without-release .picture', '#trusted']
            .map((selector) => document.querySelector(selector).checkVisibility())",
    );
    browser.emulate("Emulation.setEmulatedMedia", &json!({"media": ""}))?;
    equal(&seen?, &json!([false, false, false, true, true]))
}
