-- Writes the digests of digest_due(), in its transaction.
-- $1 uuid[]: tenants; $2 uuid[]: users; $3 text[]: channels; $4 text[]: items; $5 text[]: template codes; $6 int[]: texts (from 1);
-- of those: $7 text[]: subjects; $8 text[]: bodies; $9 text[]: HTML; $10 text[]: locales; $11 text[]: missing variables, as JSON lists
-- Columns: how many deliveries they carry bigint
SELECT nightbell.digest_write($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
