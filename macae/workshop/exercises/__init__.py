"""The exercises, one module a challenge: `c0_…` to `c6_…`; `macae.workshop.registry` finds them."""
