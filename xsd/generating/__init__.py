"""What is made of the schemas: typed classes, tables of fields, the export, and what differs between versions."""
