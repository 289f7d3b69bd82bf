//! What holds for every text: parsing never panics, spans lie in the text, a bad line leaves its neighbours alone.
