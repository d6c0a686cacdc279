//! Fences: `membarrier(2)` where there is one.

use std::sync::atomic::Ordering;

#[inline(always)]
pub(crate) fn fence(order: Ordering) {
    std::sync::atomic::fence(order);
}

#[cfg(target_os = "linux")]
mod asymmetric {
    use std::sync::atomic::{AtomicU8, Ordering, compiler_fence, fence};

    const UNKNOWN: u8 = 0;
    const MEMBARRIER: u8 = 1;
    const FULL: u8 = 2;

    /// What the light side may rely on. It leaves `UNKNOWN` once, by the first heavy fence or the first
    /// `prepare`; until a light fence sees `MEMBARRIER` it is a full one, which is always enough.
    static MODE: AtomicU8 = AtomicU8::new(UNKNOWN);

    #[inline(always)]
    pub(crate) fn light() {
        if MODE.load(Ordering::Relaxed) == MEMBARRIER {
            compiler_fence(Ordering::SeqCst);
        } else {
            light_slow();
        }
    }

    #[cold]
    #[inline(never)]
    fn light_slow() {
        fence(Ordering::SeqCst);
        prepare();
    }

    pub(crate) fn heavy() {
        if prepare() == MEMBARRIER {
            assert_eq!(
                membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED),
                0,
                "membarrier(2), once registered"
            );
        } else {
            fence(Ordering::SeqCst);
        }
    }

    /// Registers the process, once.
    fn prepare() -> u8 {
        let mode = MODE.load(Ordering::Relaxed);
        if mode != UNKNOWN {
            return mode;
        }
        let mode =
            if membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0 { MEMBARRIER } else { FULL };
        // If two threads come here together, the first one's answer is that of both.
        match MODE.compare_exchange(UNKNOWN, mode, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => mode,
            Err(first) => first,
        }
    }

    fn membarrier(command: libc::c_int) -> libc::c_long {
        // SAFETY: membarrier takes three integers and touches no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) }
    }
}

#[cfg(not(target_os = "linux"))]
mod asymmetric {
    #[inline(always)]
    pub(crate) fn light() {
        std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
    }
    #[inline(always)]
    pub(crate) fn heavy() {
        std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
    }
}

pub(crate) use asymmetric::{heavy, light};
