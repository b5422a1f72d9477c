-- How many match.
SELECT count(*) FROM nightbell.inbox AS i WHERE true /*filter*/
