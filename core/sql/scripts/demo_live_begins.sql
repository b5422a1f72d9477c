-- What an administrator does before `demo live` and after it. $1 boolean: it begins; $2 text: the folder that it sends into; NULL: none
SELECT nightbell_demo.live_begins($1::boolean, $2::text)
