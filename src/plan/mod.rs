//! `Study`, wave id, start, seed → inquiries with times and rendered texts.
