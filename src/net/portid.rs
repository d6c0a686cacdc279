//! The addresses of sockets.

use super::Net;
use super::world::World;
use crate::error::Error;
use crate::sync::Arc;

/// The address of a netlink socket, taken until it is dropped: no other socket of the world has it.
///
/// The kernel's are unique in a namespace. Here, where they are unique among all, an event's origin says by itself
/// which socket it was.
#[doc(alias = "nlk_portid")]
pub(crate) struct Portid {
    number: u32,
    world: Arc<World>,
}

impl Portid {
    /// The lowest free one. 0 stands for the kernel, and is nobody's.
    ///
    /// # Errors
    ///
    /// [`Error::NoSpace`] (`ENOSPC`) if all are taken.
    #[doc(alias = "netlink_autobind")]
    pub(crate) fn new(net: &Net) -> Result<Portid, Error> {
        let number = net.world.portids.lock().alloc(1)?;
        Ok(Portid { number, world: net.world.clone() })
    }

    pub(crate) fn get(&self) -> u32 {
        self.number
    }
}

impl Drop for Portid {
    fn drop(&mut self) {
        self.world.portids.lock().free(self.number);
    }
}
