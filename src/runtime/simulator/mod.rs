//! Simulated Ollama servers that speak the real protocol on loopback ports.
