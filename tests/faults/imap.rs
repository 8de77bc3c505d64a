//! A mailbox whose server misbehaves.
