-- The list that a message at a desk was opened with: all of one list count as one that a person has open.
ALTER TABLE message ADD COLUMN desk_list TEXT;
