-- What an administrator does before `demo live` and after it. $1 boolean: it begins
SELECT nightbell_demo.live_begins($1::boolean)
