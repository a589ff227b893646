"""Protocol and message schemas by module and version, the catalogue over them, and readable violations."""
