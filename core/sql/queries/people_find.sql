-- People to whom an event can be assigned and whose name or e-mail address contains a text; names that begin with it
-- come first. Through a function, because addresses are for operators and no client may read the column.
-- $1 text: LIKE pattern for "contains" · $2 text: LIKE pattern for "begins with"
SELECT p.id, p.name, p.email FROM nightbell.people_find($1::text, $2::text) AS p
