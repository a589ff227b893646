"""The messages of every module version as typed classes, made from the schemas."""
