"""Whether a service stored what it streamed."""
