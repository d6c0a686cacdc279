//! What no recording of the folder uses: the rest of the language, and replays that have to fail.

use crate::message::encode;
use crate::recording::{Outcome, Recording};
use crate::replay;
use crate::script::{Message, Op};
use crate::world::World;
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use std::path::Path;

/// The trials about the language and the comparison; `folder` is that of the recordings.
pub(crate) fn trials(folder: &Path) -> Vec<Trial> {
    let mut trials = vec![
        Trial::test("language::every_form_of_a_message", every_form_of_a_message),
        Trial::test("language::descriptors", || results(&descriptors())),
        Trial::test("language::deaths_outside_of_batches", || results(&deaths())),
        Trial::test("language::users", || results(&users())),
        Trial::test("language::devices", || results(&devices())),
        Trial::test("language::a_listener_that_loses", || results(&losses())),
    ];
    for (name, recording, edits) in CHANGED {
        let path = folder.join(format!("{recording}.jsonl"));
        trials.push(Trial::test(format!("comparison::{name}"), move || has_to_fail(&path, edits)));
    }
    trials
}

/// What a message is written as, for every form that there is.
fn every_form_of_a_message() -> Result<(), Failed> {
    let header = |len: &str, seq: &str| format!("{len}0000005a000100{seq}00000000000000");
    let samples = [
        (json!({"family": 2}), header("14", "01") + "02000000"),
        (json!({"family": 2, "unpadded": true}), header("11", "01") + "02000000"),
        (json!({"body": "0102030405"}), header("15", "01") + "0102030405000000"),
        (json!({"bare": true, "seq": 7}), header("10", "07")),
        (json!({"nlmsg_len": 255}), header("ff", "01") + "00000000"),
        (
            json!({"attrs": [["NSID", -1]], "tail": "aa"}),
            header("1d", "01") + "0000000008000100ffffffffaa000000",
        ),
        (json!({"attrs": [[3, {"str": "v0"}]]}), header("1c", "01") + "000000000700030076300000"),
        (
            json!({"attrs": [[18, {"nest": [["PID", {"task": "a"}], ["FD", {"fd": "b"}]]}]]}),
            header("28", "01") + "000000001400120008000200<pid:a>08000300<fd:b>",
        ),
        (
            json!({"attrs": [["NSID", {"hex": "0102", "len": 3, "bits": 32768}], ["FD", {"fd": -2}]]}),
            header("24", "01") + "00000000030001800102000008000300feffffff",
        ),
    ];
    for (form, written) in samples {
        let mut message = json!({"type": "RTM_GETNSID", "flags": ["REQUEST"]});
        let fields = form.as_object().expect("a sample is an object").clone();
        message.as_object_mut().expect("it is an object").extend(fields);
        let message: Message = serde_json::from_value(message)?;
        let template = encode([&message].into_iter(), &mut 0)?.to_string();
        if template != written {
            return Err(format!("{form} is written as {template}, not {written}").into());
        }
    }
    Ok(())
}

/// Carries operations out and compares what comes of each.
fn results(steps: &[(Value, Value)]) -> Result<(), Failed> {
    let mut world = World::new()?;
    for (op, result) in steps {
        let script: Op = serde_json::from_value(op.clone())?;
        let mut expected: Outcome = serde_json::from_value(result.clone())?;
        let outcome = world.run(&script, Some(&expected))?;
        expected.fill(&|name| Ok(world.sock(name)?.portid))?;
        if outcome != expected || !world.complaints.is_empty() {
            return Err(format!("{op}\n{result}\n{outcome:?}\n{:?}", world.complaints).into());
        }
    }
    Ok(())
}

fn ok() -> Value {
    json!({"ret": 0})
}

fn opened() -> Value {
    json!({"ret": "fd"})
}

fn sock() -> Value {
    json!({"ret": "sock"})
}

fn new_id(sock: &str, id: i32, attribute: Value) -> Value {
    let attrs = json!([["NSID", id], attribute]);
    json!({"op": "request", "sock": sock, "msg": {"type": "RTM_NEWNSID", "flags": ["REQUEST"], "attrs": attrs}})
}

fn heard(kind: &str, portid: Value, seq: u32, id: i32) -> Value {
    json!({"msgs": [{"type": kind, "flags": [], "seq": seq, "portid": portid, "family": 0, "attrs": [["NSID", id]]}]})
}

fn descriptors() -> Vec<(Value, Value)> {
    vec![
        (json!({"op": "make_ns", "task": "main", "as": "n", "count": 2}), json!({"ret": 2})),
        (json!({"op": "dup", "task": "main", "fd": "n0", "as": "d"}), opened()),
        (json!({"op": "open_other", "task": "main", "what": "memfd", "as": "m"}), opened()),
        (json!({"op": "dup", "task": "main", "fd": "m", "as": "same"}), opened()),
        (json!({"op": "open_other", "task": "main", "what": "memfd", "as": "other"}), opened()),
        (json!({"op": "open_other", "task": "main", "what": "null", "as": "z0"}), opened()),
        (json!({"op": "open_other", "task": "main", "what": "null", "as": "z1"}), opened()),
        (
            json!({"op": "same_ns", "items": [
                {"fd": "n0", "by": "main"}, {"fd": "n1", "by": "main"}, {"fd": "d", "by": "main"},
                {"fd": "m", "by": "main"}, {"fd": "same", "by": "main"}, {"fd": "other", "by": "main"},
                {"fd": "z0", "by": "main"}, {"fd": "z1", "by": "main"}, {"fd": 3, "by": "main"},
            ]}),
            json!({"ret": [0, 1, 0, 2, 2, 3, 4, 4, 0]}),
        ),
        (json!({"op": "setns", "task": "main", "fd": "m", "type": "net"}), json!({"err": "EINVAL"})),
        (json!({"op": "close", "task": "main", "fd": 9999}), json!({"err": "EBADF"})),
        (json!({"op": "close", "task": "main", "fd": "n0"}), ok()),
        (json!({"op": "setns", "task": "main", "fd": "n0", "type": "net"}), json!({"err": "EBADF"})),
        (json!({"op": "setns", "task": "main", "fd": "d", "type": ["net"]}), ok()),
        (json!({"op": "spawn", "task": "a"}), ok()),
        (json!({"op": "setns", "task": "a", "fd": "d", "type": "any"}), json!({"err": "EBADF"})),
        (json!({"op": "open_at", "task": "main", "at": "nowhere", "as": "x"}), json!({"err": "ENOENT"})),
        (json!({"op": "bind", "task": "main", "from": {"fd": "m"}, "at": "p"}), json!({"err": "EINVAL"})),
        (json!({"op": "bind", "task": "main", "from": {"fd": "n1"}, "at": "p"}), ok()),
        (json!({"op": "umount", "task": "main", "at": "p"}), ok()),
        (json!({"op": "open_at", "task": "main", "at": "p", "as": "plain"}), opened()),
        (
            json!({"op": "same_ns", "items": [{"at": "p"}, {"fd": "plain", "by": "main"}, {"fd": "n1", "by": "main"}]}),
            json!({"ret": [0, 0, 1]}),
        ),
    ]
}

fn deaths() -> Vec<(Value, Value)> {
    let mut steps = vec![
        (json!({"op": "socket", "task": "main", "as": "s"}), sock()),
        (json!({"op": "make_ns", "task": "main", "as": "n", "count": 3}), json!({"ret": 3})),
        (json!({"op": "socket", "task": "main", "as": "l", "groups": [28]}), sock()),
    ];
    for n in 0..3 {
        steps.push((new_id("s", n, json!(["FD", {"fd": format!("n{n}")}])), json!({"got": []})));
    }
    let news: Vec<_> = (0..3).map(|n| heard("RTM_NEWNSID", json!("s"), n as u32 + 1, n)).collect();
    steps.push((json!({"op": "recv", "sock": "l", "count": 3}), json!({ "got": news })));
    let fds = json!({"prefix": "n", "from": 2, "to": 0, "step": -2});
    steps.push((json!({"op": "close", "task": "main", "fds": fds}), ok()));
    let ends = [heard("RTM_DELNSID", json!(0), 0, 2), heard("RTM_DELNSID", json!(0), 0, 0)];
    steps.push((json!({"op": "drain", "sock": "l"}), json!({ "got": ends })));
    steps
}

fn users() -> Vec<(Value, Value)> {
    vec![
        (json!({"op": "spawn", "task": "u"}), ok()),
        (json!({"op": "map_root", "task": "u"}), json!({"err": "EPERM"})),
        (json!({"op": "unshare", "task": "u", "flags": ["user"]}), ok()),
        (json!({"op": "map_root", "task": "u"}), ok()),
        (json!({"op": "limit_net", "task": "u", "max": 1}), ok()),
        (json!({"op": "unshare", "task": "u", "flags": ["uts", "net"]}), ok()),
        (json!({"op": "make_ns", "task": "u", "as": "n"}), json!({"err": "ENOSPC"})),
        (json!({"op": "spawn", "task": "v", "parent": "u", "net": "new"}), json!({"err": "ENOSPC"})),
        (json!({"op": "limit_net", "task": "u", "max": 2}), ok()),
        (json!({"op": "make_ns", "task": "u", "as": "n"}), json!({"ret": 1})),
        (json!({"op": "setuid", "task": "u", "uid": 1}), ok()),
        (json!({"op": "umount", "task": "u", "at": "p"}), json!({"err": "EPERM"})),
    ]
}

fn devices() -> Vec<(Value, Value)> {
    let link = |op: &str, name: &str| json!({"op": op, "sock": "s", "name": name});
    let pair = json!({"op": "veth", "sock": "s", "name": "v0", "peer": "v1", "peer_in": {"fd": "n"}});
    let other_pair = json!({"op": "veth", "sock": "s", "name": "v2", "peer": "v0", "peer_in": {"fd": "n"}});
    vec![
        (json!({"op": "make_ns", "task": "main", "as": "n"}), json!({"ret": 1})),
        (json!({"op": "socket", "task": "main", "as": "s", "groups": ["NSID"]}), sock()),
        (link("link_del", "v0"), json!({"error": "ENODEV"})),
        (pair.clone(), json!({"error": 0})),
        (pair, json!({"error": "EEXIST"})),
        (other_pair, json!({"error": 0})),
        (
            json!({"op": "link_move", "sock": "s", "name": "v0", "to": {"fd": "n"}}),
            json!({"error": "EEXIST"}),
        ),
        (link("link_del", "v0"), json!({"error": 0})),
        (link("link_get", "v0"), json!({"error": "ENODEV"})),
    ]
}

/// More notifications than a socket keeps.
fn losses() -> Vec<(Value, Value)> {
    let mut steps = vec![
        (json!({"op": "socket", "task": "main", "as": "s"}), sock()),
        (json!({"op": "make_ns", "task": "main", "as": "n", "count": 4}), json!({"ret": 4})),
        (json!({"op": "socket", "task": "main", "as": "l", "groups": ["NSID"], "rcvbuf": 1200}), sock()),
    ];
    for n in 0..4 {
        steps.push((new_id("s", n, json!(["FD", {"fd": format!("n{n}")}])), json!({"got": []})));
    }
    let kept: Vec<_> = (0..2).map(|n| heard("RTM_NEWNSID", json!("s"), n as u32 + 1, n)).collect();
    let mut got = vec![json!({"err": "ENOBUFS"})];
    got.extend(kept);
    steps.push((json!({"op": "drain", "sock": "l"}), json!({ "got": got })));
    steps
}

/// A recording, and what is changed in it: then its replay has to fail.
type Changed = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const CHANGED: [Changed; 8] = [
    ("a_byte", "a01_new_by_pid", &[("0800010005000000\"}]}", "0800010006000000\"}]}")]),
    ("an_error", "g04_unprivileged", &[("{\"err\": \"EPERM\"}", "{\"err\": \"EACCES\"}")]),
    ("a_result", "g01_setns", &[("[0, 1, 0, 1]", "[0, 1, 0, 0]")]),
    ("a_control_message", "f22_order_of_loops", &[("\"nsid_cmsg\": 1", "\"nsid_cmsg\": 2")]),
    ("a_field", "a15_new_self", &[("\"echo\": \"whole\"", "\"echo\": \"header\"")]),
    (
        "a_dump_s_beginning",
        "d04_dump_one_more",
        &[("<portid:s>00000000080001007f000000", "<portid:s>00000000080001007e000000")],
    ),
    ("another_answer_beside_a_dump", "d09_dump_busy", &[("0800010003000000\"}]}", "0800010004000000\"}]}")]),
    ("a_count_of_messages", "d06_dump_many_large_buffer", &[("[134, 1158, 208, 1]", "[134, 1157, 209, 1]")]),
];

fn has_to_fail(path: &Path, edits: &[(&str, &str)]) -> Result<(), Failed> {
    let mut text = std::fs::read_to_string(path)?;
    replay::run(&Recording::parse(&text)?)?;
    for (from, to) in edits {
        // In what was recorded: the script stays.
        let (script, recorded) = text.split_once('\n').ok_or("it is one line")?;
        if !recorded.contains(from) {
            return Err(format!("{from} is not in it").into());
        }
        text = format!("{script}\n{}", recorded.replacen(from, to, 1));
    }
    match replay::run(&Recording::parse(&text)?) {
        Err(_) => Ok(()),
        Ok(()) => Err("it passes all the same".into()),
    }
}
