//! Threads and their storage.

use super::turn::Recorder;
use super::{PHASE, Phase, Site, fail, is_active, with};
use crate::check::FailureKind;
use crate::sync::imp::engine::Join;
use crate::sync::imp::event::Target;
use std::any::Any;
use std::rc::Rc;

#[derive(Default)]
pub(super) struct ThreadInfo {
    pub(super) name: Option<String>,
    pub(super) created: usize,
    pub(super) choices: usize,
    /// Its number in the engine, if that gives numbers.
    pub(super) of_engine: Option<usize>,
    /// What it has the engine do, which may have to wait.
    pub(super) doing: Option<(Target, Site)>,
    pub(super) locals: Vec<(usize, Rc<dyn Any>)>,
    /// Its locals are being dropped: no new ones.
    pub(super) ending: bool,
}

impl ThreadInfo {
    pub(super) fn label(&self, index: usize) -> String {
        match &self.name {
            Some(name) => format!("{index}:{name}"),
            None if index == 0 => "0:main".to_owned(),
            None => index.to_string(),
        }
    }
}

/// A thread is about to be started: its index. `None` outside of an execution.
pub(in crate::sync::imp) fn new_thread(name: Option<&str>, at: Site) -> Option<(Recorder, usize)> {
    if !is_active() {
        return None;
    }
    let (recorder, index, max) = with(|x| {
        let index = x.threads.len();
        x.threads.push(ThreadInfo { name: name.map(str::to_owned), ..ThreadInfo::default() });
        x.unjoined += 1;
        (
            x.recorder(Target::None, at),
            index,
            x.config.max_threads.unwrap_or(usize::MAX).min(x.engine.max_threads()),
        )
    });
    if index >= max {
        fail(FailureKind::Vacuous, format!("more threads than promised, or possible: {}", index + 1), at);
    }
    Some((recorder, index))
}

/// A thread begins to run.
pub(in crate::sync::imp) fn begin_thread(index: usize) {
    if is_active() {
        with(|x| {
            x.running = index;
            x.threads[index].of_engine = x.engine.running_thread();
        });
    }
}

/// A thread was waited for.
pub(in crate::sync::imp) fn joined() {
    if is_active() {
        with(|x| x.unjoined -= 1);
    }
}

/// Nobody will wait for a thread: the end of the execution does.
pub(in crate::sync::imp) fn detach(join: Box<dyn Join>) {
    match PHASE.get() {
        Phase::Running => with(|x| x.detached.push(join)),
        Phase::Failed => std::mem::forget(join),
        Phase::Outside => drop(join),
    }
}

/// A thread has run its closure: drops its storage.
pub(in crate::sync::imp) fn end_thread(index: usize) {
    if !is_active() {
        return;
    }
    while let Some(local) = with(|x| x.threads[index].locals.pop()) {
        with(|x| x.threads[index].ending = true);
        drop(local);
    }
}

/// What a thread has in its storage under a key.
pub(in crate::sync::imp) enum Local {
    /// No execution is running here.
    Outside,
    /// This.
    Value(Rc<dyn Any>),
    /// Nothing yet.
    Missing,
    /// The storage is being dropped.
    Ending,
}

/// Looks in the running thread's storage.
pub(in crate::sync::imp) fn local(key: usize) -> Local {
    match PHASE.get() {
        Phase::Outside => Local::Outside,
        Phase::Failed => Local::Ending,
        Phase::Running => with(|x| {
            let thread = &x.threads[x.running];
            match thread.locals.iter().find(|(k, _)| *k == key) {
                Some((_, value)) => Local::Value(Rc::clone(value)),
                None if thread.ending => Local::Ending,
                None => Local::Missing,
            }
        }),
    }
}

/// Puts a value in the running thread's storage.
pub(in crate::sync::imp) fn set_local(key: usize, value: Rc<dyn Any>) {
    with(|x| x.threads[x.running].locals.push((key, value)));
}
