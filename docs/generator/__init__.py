"""One module a page; each has a function `page` that gives the whole text."""
