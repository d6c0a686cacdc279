//! Disassembles itself and counts what the fast paths of netns-core are made of.
//!
//! Each fast path is a function in `probes`. From there every direct call and every jump to another function is
//! followed, but for those that `COLD` names: they are out of line, and no part of the fast path. A call that cannot
//! be followed is a failure, as what it would cost is not known.
//!
//! `ci/disassembly` runs it; x86_64 Linux and GNU `objdump` are needed.

mod listing;
mod probes;

use listing::{Cost, Listing};
use netns_core::sync;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::{Command, ExitCode};

/// What a fast path may be made of.
struct Claim {
    probe: &'static str,
    is: &'static str,
    /// The locked instructions there must be, by the beginning of their text.
    locked: &'static [&'static str],
}

const CLAIMS: [Claim; 6] = [
    Claim { probe: "get_net", is: "NetRef::clone", locked: &["lock "] },
    Claim { probe: "put_net", is: "NetRef::drop", locked: &["lock "] },
    Claim { probe: "maybe_get_net", is: "PassiveNet::maybe_get", locked: &["lock cmpxchg"] },
    Claim { probe: "net_generic", is: "Net::generic", locked: &[] },
    Claim { probe: "rcu_read_lock", is: "Rcu::read_lock", locked: &[] },
    Claim { probe: "rcu_read_unlock", is: "Guard::drop", locked: &[] },
];

/// What is out of line, by a part of its name: it runs when something ends, begins or is wrong, and is no part of the
/// fast path.
const COLD: [&str; 11] = [
    // A count that was 0, or is about to overflow.
    "::saturate",
    // The last put: the namespace is handed to the cleanup.
    "::bury",
    // Without membarrier(2), and before it is known that there is one.
    "::light_slow",
    // The first section of a thread in a domain.
    "::GracePeriods::register",
    "::reader::register",
    "::destructors::linux_like::register",
    // A guard that outlives its thread's record of itself.
    "::drop_slow",
    // What panics, and what unwinds.
    "::cell::foreign",
    "panic",
    "::expect_failed",
    "_Unwind_Resume",
];

fn main() -> ExitCode {
    probes::keep();
    let text = match disassemble() {
        Ok(text) => text,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            return ExitCode::from(2);
        }
    };
    let listing = Listing::parse(&text);
    let (mut page, mut failed) = (String::new(), false);
    for claim in &CLAIMS {
        failed |= !judge(claim, &listing, &mut page);
    }
    let _ = write!(io::stdout(), "{page}");
    ExitCode::from(u8::from(failed))
}

/// This very program, as objdump shows it: its relocations, then its code.
fn disassemble() -> Result<String, String> {
    if size_of::<sync::AtomicU32>() != size_of::<u32>() {
        return Err("netns-core was built with a checking feature: build this package alone".into());
    }
    // Together, the two options would print relocations beside the code that they are in, and no others.
    Ok(objdump(&["--dynamic-reloc", "--wide"])?
        + &objdump(&["--disassemble", "--no-show-raw-insn", "--wide"])?)
}

fn objdump(options: &[&str]) -> Result<String, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new("objdump");
    let output = command.arg("--demangle").args(options).arg(program).output();
    let output = output.map_err(|error| format!("objdump: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("objdump: {}: {}", output.status, String::from_utf8_lossy(&output.stderr)))
    }
}

/// Writes what a fast path is made of; whether that is what is claimed.
fn judge(claim: &Claim, listing: &Listing<'_>, page: &mut String) -> bool {
    let is_cold = |name: &str| COLD.iter().any(|cold| name.contains(cold));
    let cost = listing.cost(&format!("netns_disassembly::probes::{}", claim.probe), is_cold);
    let complaint = cost
        .as_ref()
        .map_or_else(|| Some("WRONG: it is not in the program".into()), |cost| complaint(claim, cost));
    let verdict = complaint.as_deref().unwrap_or("as claimed");
    // Writing to a string cannot fail.
    let _ = writeln!(page, "{} ({}): {verdict}", claim.is, claim.probe);
    for function in cost.iter().flat_map(|cost| &cost.functions) {
        let _ = writeln!(page, "  {:>4} instructions in {}", function.instructions, function.name);
    }
    for (heading, lines) in cost.iter().flat_map(Cost::lists) {
        for line in lines {
            let _ = writeln!(page, "  {heading}: {line}");
        }
    }
    complaint.is_none()
}

/// In what a fast path is not as claimed.
fn complaint(claim: &Claim, cost: &Cost) -> Option<String> {
    let as_claimed = cost.locked.len() == claim.locked.len()
        && cost.locked.iter().zip(claim.locked).all(|(is, claimed)| is.starts_with(claimed));
    if !as_claimed {
        return Some(format!(
            "WRONG: {} locked instructions, claimed are {:?}",
            cost.locked.len(),
            claim.locked
        ));
    }
    if !cost.fences.is_empty() {
        return Some("WRONG: there is a fence".into());
    }
    if !cost.unknown.is_empty() {
        return Some("WRONG: there are calls that cannot be followed".into());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `get_net` with `body` as its instructions; and a function that it may call, at 0x2000.
    fn verdict(body: &[&str]) -> bool {
        let mut text = "0000000000003000 R_X86_64_RELATIVE  *ABS*+0x0000000000002000\n".to_owned();
        text += "0000000000001000 <netns_disassembly::probes::get_net::h0123456789abcdef>:\n";
        for instruction in body {
            text += &format!("    1000:\t{instruction}\n");
        }
        text += "\n0000000000002000 <callee>:\n    2000:\tlock incl (%rax)\n";
        text += "\n0000000000002008 <Refcount::saturate>:\n    2008:\txchg   %eax,(%rdi)\n";
        judge(&CLAIMS[0], &Listing::parse(&text), &mut String::new())
    }

    #[test]
    fn one_locked_instruction_and_cold_calls_are_as_claimed() {
        let add = "lock xadd %ecx,0x48(%rax)";
        assert!(verdict(&["mov    %rdi,%rax", add, "jle    1000 <x>", "xchg   %ax,%ax", "ret"]));
        assert!(verdict(&[add, "call   2008 <Refcount::saturate>"]));
    }

    #[test]
    fn whatever_else_it_is_made_of_is_noticed() {
        let add = "lock xadd %ecx,0x48(%rax)";
        assert!(!verdict(&["ret"]), "no locked instruction");
        assert!(!verdict(&[add, "xchg   %eax,(%rdi)"]), "an implicit lock");
        assert!(!verdict(&[add, "mfence"]), "a fence");
        assert!(!verdict(&[add, "lock orl $0x0,-0x40(%rsp)"]), "a fence by another name");
        assert!(!verdict(&[add, "call   2000 <callee>"]), "a lock in a callee");
        assert!(!verdict(&[add, "jmp    2000 <callee>"]), "a lock in a tail call");
        assert!(
            !verdict(&[add, "call   *0x5347d(%rip)        # 3000 <_DYNAMIC+0x388>"]),
            "through the table"
        );
        assert!(!verdict(&[add, "call   *%rax"]), "nobody knows what");
        assert!(!verdict(&[add, "call   2004 <callee+0x4>"]), "into the middle");
    }

    #[test]
    fn a_probe_that_is_not_there_is_noticed() {
        assert!(!judge(&CLAIMS[0], &Listing::parse(""), &mut String::new()));
    }
}
