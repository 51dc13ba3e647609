//! What an organisation does and can do, for people and programs.

mod hours;
mod staffing;

pub use staffing::{
    assignment_json, assignment_text, capacity_json, capacity_text, forecast_json, forecast_text,
};
