"""The story that `knooppunt demo` tells and judges."""
