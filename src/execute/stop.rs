//! Owns the order to stop what is under way: given once, seen by everyone who looks, whenever they look.

use tokio::sync::watch;

/// Gives the order.
#[derive(Debug)]
pub(super) struct Order(watch::Sender<bool>);

impl Order {
    pub(super) fn give(&self) {
        self.0.send_replace(true);
    }
}

/// Sees the order.
#[derive(Clone, Debug)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// An order that can be given, and the one who sees it.
    pub(super) fn new() -> (Order, Self) {
        let (order, stop) = watch::channel(false);
        (Order(order), Self(stop))
    }

    /// Never sees one.
    pub(super) fn never() -> Self {
        Self::new().1
    }

    pub(super) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the order. When nobody can give it any more, it never comes.
    pub(super) async fn asked(&mut self) {
        if self.0.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
