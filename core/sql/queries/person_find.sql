-- The people whom a text names exactly, at most six; where nobody is called so, for operators, those who are called similarly.
-- $1 text: a name, an e-mail address or a UUID · $2 uuid: their tenant; NULL: the reader's
-- Columns: id uuid, name text, email text, is_exact boolean
SELECT p.id, p.name, p.email, p.is_exact FROM nightbell.person_find($1::text, $2::uuid) AS p
