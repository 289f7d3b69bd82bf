//! The runbook language and engine.
