//! A browser, driven over the WebDriver protocol.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{self, Child, ChildStdout, Command, Stdio};
use std::{env, fs};
use ureq::Agent;

/// What went wrong, in words.
pub(crate) type Wrong = String;

/// Chromium without a window, and its driver. Dropping it ends both, and removes what they have left.
#[derive(Debug)]
pub(crate) struct Browser {
    driver: Child,
    /// For their temporary files. It is short, as the path of a socket must be.
    folder: PathBuf,
    /// The driver must be able to go on speaking.
    _says: BufReader<ChildStdout>,
    agent: Agent,
    session: String,
}

impl Browser {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// If there is no browser, or no driver for it.
    pub(crate) fn start() -> Result<Browser, Wrong> {
        let folder = env::temp_dir().join(format!("netns-report-{}", process::id()));
        let mut driver = Command::new("chromedriver");
        let driver = driver
            .arg("--port=0")
            .env("TMPDIR", &folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut driver = driver.spawn().map_err(|error| format!("chromedriver does not start: {error}"))?;
        let mut says = BufReader::new(driver.stdout.take().expect("it is piped"));
        // It is on this machine, whatever leads out of it.
        let config = Agent::config_builder().proxy(None).http_status_as_error(false).build();
        let port = port(&mut says);
        let mut browser =
            Browser { driver, folder, _says: says, agent: config.into(), session: String::new() };
        fs::create_dir_all(&browser.folder).map_err(|error| error.to_string())?;
        let arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let sessions = format!("http://127.0.0.1:{}/session", port?);
        let session = browser.post(&sessions, &wanted)?;
        let id = session["sessionId"].as_str().ok_or_else(|| format!("this is no session: {session}"))?;
        browser.session = format!("{sessions}/{id}");
        Ok(browser)
    }

    fn post(&self, url: &str, body: &Value) -> Result<Value, Wrong> {
        let answer = self.agent.post(url).header("content-type", "application/json").send(body.to_string());
        let answer = answer.and_then(|mut answer| answer.body_mut().read_to_string());
        let answer = answer.map_err(|error| error.to_string())?;
        let mut answer: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
        let value = answer["value"].take();
        match value.get("error") {
            Some(error) => Err(format!("{error}: {}", value["message"])),
            None => Ok(value),
        }
    }

    fn command(&self, name: &str, body: &Value) -> Result<Value, Wrong> {
        self.post(&format!("{}/{name}", self.session), body)
    }

    /// Goes to a page, and waits until it is loaded.
    pub(crate) fn open(&self, url: &str) -> Result<(), Wrong> {
        self.command("url", &json!({"url": url})).map(drop)
    }

    /// What a script returns.
    pub(crate) fn evaluate(&self, script: &str) -> Result<Value, Wrong> {
        self.command("execute/sync", &json!({"script": script, "args": []}))
    }

    /// Clicks the first element that a CSS selector means.
    pub(crate) fn click(&self, selector: &str) -> Result<(), Wrong> {
        let element = self.element(selector)?;
        self.command(&format!("element/{element}/click"), &json!({})).map(drop)
    }

    /// Types into it; `\u{e007}` is the enter key.
    pub(crate) fn type_into(&self, selector: &str, text: &str) -> Result<(), Wrong> {
        let element = self.element(selector)?;
        self.command(&format!("element/{element}/value"), &json!({"text": text})).map(drop)
    }

    fn element(&self, selector: &str) -> Result<String, Wrong> {
        let found = self.command("element", &json!({"using": "css selector", "value": selector}))?;
        let id = found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| format!("this is no element: {found}"))
    }

    /// A command of the browser's own protocol.
    pub(crate) fn emulate(&self, command: &str, parameters: &Value) -> Result<(), Wrong> {
        self.command("goog/cdp/execute", &json!({"cmd": command, "params": parameters})).map(drop)
    }

    /// What was said in the console since it was last asked.
    pub(crate) fn console(&self) -> Result<Vec<Value>, Wrong> {
        let said = self.command("se/log", &json!({"type": "browser"}))?;
        said.as_array().cloned().ok_or_else(|| format!("this is no log: {said}"))
    }
}

/// Where the driver listens.
fn port(says: &mut impl BufRead) -> Result<u16, Wrong> {
    let lines = says.lines().map_while(Result::ok);
    let words = "started successfully on port ";
    let port = lines.filter_map(|line| line.split_once(words).map(|(_, port)| port.to_owned())).next();
    let port = port.ok_or("chromedriver does not say where it listens")?;
    port.trim_end_matches('.').parse().map_err(|_| format!("{port} is no port"))
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            // The driver ends the browser. Who cannot be told any more has ended.
            let _ = self.agent.delete(&self.session).call();
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
