"""What people write by hand, in YAML or TOML: read strictly, and all that is wrong with it told with file and line."""
