-- How many match.
SELECT count(*) FROM nightbell.events AS e WHERE true /*filter*/
