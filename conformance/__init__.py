"""Black-box suites that any product can be tested with: message schemas, and AS4."""
