//! Owns how the parts of a state are copied into the room of others: where everything that can happen is looked at, a state is copied
//! before every move, and most copies are thrown away.

/// `Clone` by all the fields of a structure, where each is copied into its own room when there is one already.
macro_rules! copied_in_place {
    ($of:ty: $($field:ident)*) => {
        impl Clone for $of {
            fn clone(&self) -> Self {
                Self {
                    $($field: Clone::clone(&self.$field),)*
                }
            }

            #[inline]
            fn clone_from(&mut self, from: &Self) {
                $(Clone::clone_from(&mut self.$field, &from.$field);)*
            }
        }
    };
}

pub(crate) use copied_in_place;
