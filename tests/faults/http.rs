//! A form's server that misbehaves.
