ALTER TABLE registry_versions ADD COLUMN yanked_at INTEGER;
ALTER TABLE registry_entries ADD COLUMN slug_shape TEXT NOT NULL DEFAULT '';
ALTER TABLE registry_entries ADD COLUMN name_shape TEXT NOT NULL DEFAULT '';
ALTER TABLE registry_entries ADD COLUMN similar_to TEXT NOT NULL DEFAULT '[]';
-- What `shapeOf` makes of a slug, which holds nothing but a-z, 0-9, @, - and /.
UPDATE registry_entries SET
  slug_shape = replace(replace(replace(replace(replace(replace(replace(
    slug, '@', ''), '/', ''), '-', ''), '0', 'o'), '1', 'l'), 'rn', 'm'), 'vv', 'w'),
  name_shape = replace(replace(replace(replace(replace(
    substr(slug, instr(slug, '/') + 1), '-', ''), '0', 'o'), '1', 'l'), 'rn', 'm'), 'vv', 'w');
