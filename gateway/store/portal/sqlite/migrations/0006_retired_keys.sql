-- Sets in whose place another came are looked for each minute, among all that were ever in force.
CREATE INDEX key_set_retired ON key_set (retired_at, id) WHERE state = 'retired';
