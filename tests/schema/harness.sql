-- The harness itself: a pgTAP script gets the tables, the people and their ids, and an error in it is noticed.
BEGIN;
SELECT plan(2);
SELECT is((SELECT name FROM nightbell.users WHERE id = :'BOB'), 'bob', 'the people are there');
SELECT ok(length(:'token_ada') > 100, 'a token for each of them too');
SELECT * FROM finish();
ROLLBACK;
