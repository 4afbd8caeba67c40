//! Writer and verifier against each other.

mod characters;
mod mutation;
mod round_trip;
mod sample;
mod violations;
