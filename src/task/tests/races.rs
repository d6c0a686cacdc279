//! Calls of several threads at once, on whatever schedule there is.

use super::*;
use crate::sync::{AtomicU32, Ordering, thread};

#[test]
fn whatever_is_opened_while_a_process_ends_is_closed() {
    for _ in 0..300 {
        let world = World::new();
        let leader = world.main.fork().unwrap();
        let open = Arc::new(AtomicU32::new(0));
        let openers: Vec<_> = (0..2)
            .map(|_| {
                let (task, open) = (leader.thread().unwrap(), open.clone());
                thread::spawn(move || {
                    loop {
                        open.fetch_add(1, Ordering::Relaxed);
                        let closed = open.clone();
                        let file = socket(move || {
                            closed.fetch_sub(1, Ordering::Relaxed);
                        });
                        if task.install(file) == Err(Error::NoSuchProcess) {
                            break;
                        }
                        let _ = task.thread();
                    }
                })
            })
            .collect();
        leader.exit_group();
        openers.into_iter().for_each(|opener| opener.join().unwrap());
        assert_eq!(open.load(Ordering::Relaxed), 0);
        leader.reap().unwrap();
    }
}

#[cfg(feature = "net-ns")]
#[test]
fn lookups_race_with_a_task_that_moves_and_ends() {
    for _ in 0..100 {
        let world = World::new();
        let (task, before) = world.apart();
        let lookup = {
            let (tasks, pid) = (world.tasks.clone(), task.pid());
            thread::spawn(move || {
                let mut seen = Vec::new();
                while let Ok(net) = tasks.get_net_ns_by_pid(pid) {
                    assert!(net.count() > 0);
                    seen.push(net.inum());
                }
                seen
            })
        };
        task.unshare(NET).unwrap();
        let after = task.net_ns().unwrap().inum();
        task.exit();
        let seen = lookup.join().unwrap();
        assert!(seen.is_sorted() && seen.iter().all(|number| [before, after].contains(number)), "{seen:?}");
        let mut dead = world.deaths();
        dead.sort_unstable();
        assert_eq!(dead, [before, after]);
    }
}

/// Does something in the middle of the next creation of a network namespace.
#[cfg(feature = "net-ns")]
#[derive(Clone, Default)]
struct Meanwhile(Arc<Mutex<Option<Act>>>);

#[cfg(feature = "net-ns")]
type Act = Box<dyn FnOnce() + Send>;

#[cfg(feature = "net-ns")]
impl PernetOperations for Meanwhile {
    type Data = ();

    fn init(&self, _: &Net) -> Result<(), Error> {
        let act = self.0.lock().take();
        act.into_iter().for_each(|act| act());
        Ok(())
    }
}

/// What a call of a task, in the middle of which it makes a network namespace, says if `act` is done then. The task
/// is of uid 0, in the first namespaces, and has no descriptors.
#[cfg(feature = "net-ns")]
fn unshare_meanwhile(
    flags: u64,
    act: impl FnOnce(&Task) + Send + 'static,
) -> (World, Task, Result<(), Error>) {
    let world = World::new();
    let meanwhile = Meanwhile::default();
    let _registered = world.namespaces.register_pernet_subsys(meanwhile.clone()).unwrap();
    let task = world.main.fork().unwrap();
    let same = task.clone();
    *meanwhile.0.lock() = Some(Box::new(move || act(&same)));
    let result = task.unshare(flags);
    (world, task, result)
}

#[cfg(feature = "net-ns")]
#[test]
fn a_right_that_is_given_up_meanwhile_is_not_used() {
    let (world, task, result) = unshare_meanwhile(NET, |task| task.set_uid(65534));
    assert_eq!(result, Err(Error::NotPermitted));
    assert_eq!(task.net_ns(), world.main.net_ns());
    assert_eq!(world.deaths().len(), 1, "the one that was made for nothing");
}

#[cfg(feature = "net-ns")]
#[test]
fn who_became_another_user_meanwhile_makes_a_user_namespace_as_that() {
    let (_world, task, result) = unshare_meanwhile(NET | USER, |task| task.set_uid(65534));
    assert_eq!(result, Ok(()));
    let credentials = task.credentials();
    assert_eq!((credentials.uid(), credentials.user_ns().owner()), (65534, 65534));
    assert_eq!(task.net_ns().unwrap().user_ns(), credentials.user_ns());
}

#[cfg(feature = "net-ns")]
#[test]
fn who_got_a_thread_meanwhile_makes_no_user_namespace() {
    let (world, task, result) = unshare_meanwhile(NET | USER, |task| drop(task.thread().unwrap()));
    assert_eq!(result, Err(Error::InvalidArgument));
    assert_eq!(task.net_ns(), world.main.net_ns());
    assert_eq!(task.credentials().user_ns(), &world.user_ns);
}

#[cfg(feature = "net-ns")]
#[test]
fn who_exited_meanwhile_is_in_no_new_namespace() {
    let (world, task, result) = unshare_meanwhile(NET, Task::exit);
    assert_eq!(result, Err(Error::NoSuchProcess));
    assert_eq!(task.net_ns(), Err(Error::NoSuchProcess));
    assert_eq!(world.deaths().len(), 1);
}

#[cfg(feature = "net-ns")]
#[test]
fn what_else_was_entered_meanwhile_stays() {
    let uts = NsKind::Uts.flag();
    let (world, task, result) = unshare_meanwhile(NET, move |task| task.unshare(uts).unwrap());
    assert_eq!(result, Ok(()));
    for kind in [NsKind::Net, NsKind::Uts] {
        assert_ne!(task.is_in(kind), world.main.is_in(kind));
    }
}
