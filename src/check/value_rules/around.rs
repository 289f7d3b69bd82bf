//! The rules over the values of `defaults` and `limits`.

use crate::check::tree::Checked;

use super::Judge;

impl Judge<'_> {
    pub(super) fn around(&mut self, checked: &Checked) {
        let defaults = &checked.defaults;
        self.positive_if_there(defaults.timeout.as_ref(), "timeout");
        self.positive_if_there(defaults.grace.as_ref(), "grace");
        if let Some(retry) = &defaults.retry {
            self.retry(retry);
        }
        self.positive_if_there(defaults.probe_timeout.as_ref(), "probe timeout");
        self.positive_if_there(defaults.set_timeout.as_ref(), "set timeout");
        self.positive_if_there(defaults.read_timeout.as_ref(), "read timeout");
        self.positive_if_there(checked.limits.hold.as_ref(), "hold");
        self.positive_if_there(checked.limits.max_gap.as_ref(), "max_gap");
    }
}
