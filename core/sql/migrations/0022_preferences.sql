-- Days that are quiet from midnight to midnight on the person's clock, 1 (Monday) to 7; never all of them: nothing would
-- ever be free. locale NULL: the one of users, which applications keep.
ALTER TABLE nightbell.user_settings
    ADD COLUMN quiet_days smallint[] NOT NULL DEFAULT '{}'
        CHECK (quiet_days <@ '{1,2,3,4,5,6,7}'::smallint[] AND NOT quiet_days @> '{1,2,3,4,5,6,7}'::smallint[]),
    ADD COLUMN locale text CHECK (locale ~ '^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$');
