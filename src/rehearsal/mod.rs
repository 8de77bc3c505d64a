//! A town of simulated companies on loopback, with real protocols.
