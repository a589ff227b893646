-- name: tell_node
-- What a node tells of itself takes the place of what it told before.
INSERT INTO node (name, version, configuration, since, ahead, seen_at)
VALUES (:name, :version, :configuration, :now, :ahead, :now)
ON CONFLICT (name) DO UPDATE SET
    version = excluded.version,
    configuration = excluded.configuration,
    since = CASE node.configuration WHEN excluded.configuration THEN node.since ELSE excluded.since END,
    ahead = excluded.ahead,
    seen_at = excluded.seen_at

-- name: forget_nodes
-- Those that were not heard of for long; whoever removes one at this moment is not waited for.
DELETE FROM node WHERE name IN (SELECT name FROM node WHERE seen_at <= :before FOR UPDATE SKIP LOCKED)

-- name: list_nodes
-- Those that were heard of since, by name.
SELECT name, version, configuration, since, ahead, seen_at FROM node WHERE seen_at > :before ORDER BY name

-- name: remove_node
-- A node that ends.
DELETE FROM node WHERE name = :name
