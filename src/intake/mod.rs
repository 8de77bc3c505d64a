//! Raw bytes → what it is, which inquiry it answers and how we know.
