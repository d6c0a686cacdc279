//! What fits in a queue, what is lost, and what is said of that.

use super::*;
use crate::rtnetlink::queue::{ReceiveQueue, truesize};
use crate::sync::thread;

fn read(queue: &ReceiveQueue, buffer: usize) -> Result<usize, Error> {
    let read = queue.take(buffer).map(|datagram| datagram.bytes.len());
    queue.finish_read();
    read
}

/// Pushes messages of 28 bytes; how many fit.
fn fill(queue: &ReceiveQueue, count: usize) -> usize {
    (0..count).filter(|_| queue.push(vec![0; 28], None).is_ok()).count()
}

#[test]
fn a_datagram_counts_with_its_administration() {
    let sizes = [(0, 832), (28, 832), (256, 832), (257, 1280), (704, 1280), (705, 2304)];
    let dumps = [(3776, 4352), (8192, 16_640), (32_448, 33_024), (212_960, 262_400)];
    sizes.into_iter().chain(dumps).for_each(|(bytes, counts)| assert_eq!(truesize(bytes), counts, "{bytes}"));
}

#[test]
fn a_queue_takes_256_messages_and_reports_the_loss_of_the_rest_once() {
    let queue = ReceiveQueue::new();
    assert_eq!(fill(&queue, 300), 256);
    assert_eq!(read(&queue, BUFFER), Err(Error::NoBuffers), "the loss is said first");
    assert_eq!(read(&queue, BUFFER), Ok(28));
    assert_eq!(fill(&queue, 1), 0, "nothing more until it has been read to its end");
    for _ in 0..255 {
        assert_eq!(read(&queue, BUFFER), Ok(28), "what was lost meanwhile is not said again");
    }
    assert_eq!(read(&queue, BUFFER), Err(Error::WouldBlock));
    assert_eq!(fill(&queue, 300), 256);
    assert_eq!(read(&queue, BUFFER), Err(Error::NoBuffers));
}

#[test]
fn who_does_not_want_to_know_of_losses_gets_what_fits() {
    let queue = ReceiveQueue::new();
    assert_eq!(fill(&queue, 257), 256);
    queue.set_silent(true);
    assert_eq!(read(&queue, BUFFER), Err(Error::NoBuffers), "that was before");
    assert_eq!(read(&queue, BUFFER), Ok(28));
    assert_eq!(fill(&queue, 2), 1, "it is congested no more, and full again");
    assert_eq!(read(&queue, BUFFER), Ok(28));
}

#[test]
fn the_room_can_be_set_within_bounds() {
    for (asked, messages) in [(0, 2), (1152, 2), (1664, 4), (106_496, 256), (212_992, 512), (usize::MAX, 512)]
    {
        let queue = ReceiveQueue::new();
        queue.set_limit(asked);
        assert_eq!(fill(&queue, 600), messages, "{asked}");
    }
}

#[test]
fn an_empty_queue_takes_anything() {
    let queue = ReceiveQueue::new();
    queue.set_limit(0);
    assert_eq!(queue.push(vec![0; 200_000], None), Ok(()));
    assert_eq!(queue.push(vec![0; 28], None), Err(Error::WouldBlock));
    assert_eq!(read(&queue, usize::MAX), Err(Error::NoBuffers));
    assert_eq!(read(&queue, usize::MAX), Ok(200_000));
    let room = queue.reserve().unwrap();
    assert_eq!(room.bytes, 32_448);
    assert_eq!(queue.reserve().map(|room| room.bytes), Err(Error::NoBuffers), "it counts already");
    assert_eq!(read(&queue, BUFFER), Err(Error::WouldBlock), "and that is no loss");
    queue.fill(room, vec![0; 1]);
    assert_eq!(read(&queue, BUFFER), Ok(1));
    assert!(queue.reserve().is_ok());
}

#[test]
fn datagrams_of_a_dump_are_as_long_as_the_greatest_successful_read() {
    let queue = ReceiveQueue::new();
    let room = |bytes| {
        let room = queue.reserve().unwrap();
        assert_eq!(room.bytes, bytes);
        queue.fill(room, vec![1]);
    };
    assert_eq!(read(&queue, 9000), Err(Error::WouldBlock));
    room(3776);
    read(&queue, 3000).unwrap();
    room(3776);
    read(&queue, 8192).unwrap();
    room(8192);
    read(&queue, 10).unwrap();
    room(8192);
    read(&queue, usize::MAX).unwrap();
    room(32_448);
}

#[test]
fn what_does_not_fit_in_the_reader_s_buffer_is_cut_off() {
    let queue = ReceiveQueue::new();
    queue.push(vec![1, 2, 3], Nsid::new(4)).unwrap();
    queue.push(vec![1, 2, 3], None).unwrap();
    queue.push(vec![5], None).unwrap();
    assert_eq!(queue.take(2), Ok(Datagram { bytes: vec![1, 2], truncated: true, nsid: Nsid::new(4) }));
    assert_eq!(queue.take(0), Ok(Datagram { bytes: vec![], truncated: true, nsid: None }));
    assert_eq!(queue.take(1), Ok(Datagram { bytes: vec![5], truncated: false, nsid: None }));
}

#[test]
fn a_reader_who_waits_is_woken_by_a_datagram_and_by_a_report() {
    let queue = Arc::new(ReceiveQueue::new());
    let waiter = || {
        let queue = queue.clone();
        thread::spawn(move || {
            queue.wait();
            read(&queue, BUFFER)
        })
    };
    let reader = waiter();
    queue.push(vec![0; 28], None).unwrap();
    assert_eq!(reader.join().unwrap(), Ok(28));
    let reader = waiter();
    queue.report();
    assert_eq!(reader.join().unwrap(), Err(Error::NoBuffers));
}
