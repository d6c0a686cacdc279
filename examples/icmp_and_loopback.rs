//! Two subsystems and a device, taken down in the order that keeps packets away from what is gone.
//!
//! ICMP answers packets, so it must outlive whoever delivers them: it is a *subsystem*. The loopback delivers packets,
//! so it must be gone before anything above it is taken down: it is a *device*. Devices are set up after all subsystems
//! and taken down before all of them, whichever was registered first. (The kernel's ICMP was a device for a long time:
//! a packet that came late met an ICMP that was gone.)
//!
//! `cargo run --example icmp_and_loopback` tells what happens, line by line.

use netns_core::net::Worker;
use netns_core::sync::{Arc, AtomicU32, Mutex, Ordering::Relaxed};
use netns_core::{
    CLONE_NEWNET, Error, Namespaces, Net, PernetId, PernetOperations, SysctlEntry, SysctlInt, SysctlMode,
    SysctlTable, UserNamespace,
};

/// What happened, in order.
#[derive(Clone, Default)]
struct Story(Arc<Mutex<Vec<String>>>);

impl Story {
    fn tell(&self, line: impl Into<String>) {
        self.0.lock().push(line.into());
    }
}

/// A subsystem: answers echo requests, unless a setting of the namespace forbids it.
struct Icmp {
    name: &'static str,
    /// Where its setting is.
    directory: &'static str,
    story: Story,
}

/// What ICMP keeps in a namespace.
struct IcmpState {
    ignore_all: Arc<SysctlInt>,
    /// The generation of routes that the cached route to the asker is of.
    route: AtomicU32,
    /// Goes with this data.
    _settings: SysctlTable,
}

impl PernetOperations for Icmp {
    type Data = IcmpState;

    fn init(&self, net: &Net) -> Result<IcmpState, Error> {
        let ignore_all = Arc::new(SysctlInt::new(0, 0..=1));
        let setting = SysctlEntry::new("echo_ignore_all", SysctlMode::ReadWrite, ignore_all.clone());
        let settings = net.register_net_sysctl(self.directory, [setting])?;
        self.story.tell(format!("{} is set up", self.name));
        Ok(IcmpState { ignore_all, route: AtomicU32::new(net.rt_genid_ipv4()), _settings: settings })
    }

    fn exit(&self, _: &Net, _: &IcmpState) {
        self.story.tell(format!("{} is taken down", self.name));
    }
}

impl IcmpState {
    /// Answers an echo request, and says how.
    fn echo(&self, net: &Net) -> &'static str {
        if self.ignore_all.get() == 1 {
            return "ignored";
        }
        let generation = net.rt_genid_ipv4();
        if self.route.swap(generation, Relaxed) == generation {
            "answered"
        } else {
            "answered, by a new route"
        }
    }
}

/// A device: hands the packets that are sent to it to ICMP.
struct Loopback {
    icmp: PernetId<IcmpState>,
    story: Story,
}

/// What the device keeps in a namespace.
struct Queue {
    /// The requests that it has yet to deliver.
    waiting: AtomicU32,
    icmp: PernetId<IcmpState>,
    story: Story,
}

impl PernetOperations for Loopback {
    type Data = Queue;

    fn init(&self, _: &Net) -> Result<Queue, Error> {
        self.story.tell("the loopback is set up");
        Ok(Queue { waiting: AtomicU32::new(0), icmp: self.icmp, story: self.story.clone() })
    }

    fn exit(&self, net: &Net, queue: &Queue) {
        queue.deliver(net);
        self.story.tell("the loopback is taken down");
    }
}

impl Queue {
    fn deliver(&self, net: &Net) {
        for _ in 0..self.waiting.swap(0, Relaxed) {
            let guard = net.rcu().read_lock();
            let icmp = net.generic(&guard, self.icmp);
            let how = icmp.map_or("lost: there is no ICMP", |icmp| icmp.echo(net));
            self.story.tell(format!("a request is {how}"));
        }
    }
}

/// Plays it all, and tells the story.
fn run() -> Result<Vec<String>, Error> {
    let story = Story::default();
    // Without a thread for cleanups the story comes in one order.
    let namespaces = Namespaces::builder().worker(Worker::Manual).build()?;
    let icmp = |name, directory| Icmp { name, directory, story: story.clone() };

    story.tell("-- modules are registered: each is set up in the initial namespace");
    let icmpv4 = namespaces.register_pernet_subsys(icmp("ICMP", "net/ipv4/icmp"))?;
    let loopback = Loopback { icmp: icmpv4.id(), story: story.clone() };
    let queues = namespaces.register_pernet_device(loopback)?;
    let icmpv6 = namespaces.register_pernet_subsys(icmp("ICMPv6", "net/ipv6/icmp"))?;

    story.tell("-- a namespace is created: subsystems, then devices");
    let user = UserNamespace::new(1);
    let net = namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net())?;

    story.tell("-- requests are sent");
    let guard = namespaces.read_lock();
    let queue = net.generic(&guard, queues.id()).expect("the device is set up");
    let send = || queue.waiting.fetch_add(1, Relaxed);
    send();
    queue.deliver(&net);
    send();
    net.rt_genid_bump_all();
    queue.deliver(&net);
    send();
    net.sysctl_write("net/ipv4/icmp/echo_ignore_all", "1")?;
    queue.deliver(&net);
    net.sysctl_write("net/ipv4/icmp/echo_ignore_all", "0")?;
    send();
    drop(guard);

    story.tell("-- the namespace dies, with a request under way: devices, then subsystems");
    drop(net);
    namespaces.run_cleanup()?;

    story.tell("-- modules are unregistered");
    drop((icmpv6, queues, icmpv4));
    Ok(std::mem::take(&mut *story.0.lock()))
}

#[expect(clippy::print_stdout, reason = "an example tells what it does")]
fn main() -> Result<(), Error> {
    for line in run()? {
        println!("{line}");
    }
    Ok(())
}

#[test]
fn devices_are_set_up_after_and_taken_down_before_all_subsystems() {
    let story = run().expect("nothing fails here");
    let chapter = |heading: &str| {
        let begin = story.iter().position(|line| line.contains(heading)).expect("it is told") + 1;
        let lines = story[begin..].iter().take_while(|line| !line.starts_with("--"));
        lines.map(String::as_str).collect::<Vec<_>>()
    };
    assert_eq!(chapter("is created"), ["ICMP is set up", "ICMPv6 is set up", "the loopback is set up"]);
    assert_eq!(
        chapter("are sent"),
        ["a request is answered", "a request is answered, by a new route", "a request is ignored"]
    );
    // The request that was under way is still answered.
    assert_eq!(
        chapter("dies"),
        ["a request is answered", "the loopback is taken down", "ICMPv6 is taken down", "ICMP is taken down"]
    );
}
