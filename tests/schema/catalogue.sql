-- By looking at the catalogue: nothing is open that should be closed. A new table or function that forgets is found here.
BEGIN;
SELECT plan(14);

SELECT is_empty('SELECT * FROM nightbell.security_report()', 'the report of db status is empty');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'nightbell'::regnamespace AND relkind IN ('r', 'p')
                  AND NOT (relrowsecurity AND relforcerowsecurity)$$,
                'every table has forced row security, partitions too');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'nightbell'::regnamespace AND relkind = 'v'
                  AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)
                  AND NOT ('security_barrier=true' = ANY (coalesce(reloptions, '{}')) AND pg_get_viewdef(oid) ~ 'WHERE \( SELECT nightbell\.operates_globally\(\) AS operates_globally\)(\s+ORDER BY [a-z_., ]+( DESC[a-z_., ]*)*)?;$')$$,
                'every view runs with the rights of its reader, or asks first, behind a barrier, whether that is a global operator');
SELECT is_empty($$SELECT proname FROM pg_proc WHERE pronamespace = 'nightbell'::regnamespace AND prosecdef
                  AND NOT coalesce(proconfig @> '{"search_path=pg_catalog, nightbell, pg_temp"}', false)$$,
                'every definer function pins its path, temporary objects last');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'nightbell'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
                  AND relowner <> 'nightbell_owner'::regrole$$,
                'everything belongs to the schema''s owner');
SELECT is((SELECT rolcanlogin FROM pg_roles WHERE rolname = 'nightbell_owner'), false, 'who cannot log in');

SELECT is_empty($$SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'nightbell'::regnamespace
                  AND a.grantee = 0$$, 'PUBLIC has nothing of any table');
SELECT is_empty($$SELECT p.proname FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                  WHERE p.pronamespace = 'nightbell'::regnamespace AND a.grantee = 0$$, 'nor may it call any function');

-- What clients may write directly: nothing.
SELECT is_empty($$SELECT c.relname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
                  WHERE c.relnamespace = 'nightbell'::regnamespace AND a.privilege_type <> 'SELECT'
                  AND a.grantee IN ('nightbell_client'::regrole, 'nightbell_producer'::regrole)$$,
                'clients and producers may write to no table');
SELECT set_eq($$SELECT c.relname::text FROM pg_class c, aclexplode(c.relacl) a
                WHERE c.relnamespace = 'nightbell'::regnamespace AND a.grantee = 'nightbell_producer'::regrole$$,
              ARRAY['notification_types'], 'producers may read the types, and nothing else');
SELECT is_empty($$SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a
                  WHERE c.relnamespace = 'nightbell'::regnamespace AND a.grantee = 'nightbell_client'::regrole
                  AND c.relname IN ('signing_keys', 'verified_tokens', 'ended_grounds', 'revoked_tokens', 'role_identities', 'installation', 'dedup_windows',
                                    'user_roles', 'groups', 'group_members', 'migrations', 'definitions')$$,
                'clients may read nothing of how identities are made');
SELECT is_empty($$SELECT a.attname FROM pg_attribute a, aclexplode(a.attacl) g
                  WHERE a.attrelid = 'nightbell.users'::regclass AND g.grantee = 'nightbell_client'::regrole
                  AND a.attname IN ('email', 'phone')$$, 'nor anybody''s address');
SELECT is_empty($$SELECT a.attname FROM pg_attribute a, aclexplode(a.attacl) g
                  WHERE a.attrelid = 'nightbell.installation'::regclass AND a.attname = 'doorbell_secret'
                  UNION ALL SELECT 'table' FROM pg_class c, aclexplode(c.relacl) g
                  WHERE c.oid = 'nightbell.installation'::regclass AND g.grantee <> 'nightbell_owner'::regrole$$,
                'nobody but the owner reads the doorbells'' secret');
SELECT set_eq($$SELECT p.oid::regprocedure::text FROM pg_proc p, aclexplode(p.proacl) a
                WHERE p.pronamespace = 'nightbell'::regnamespace AND a.grantee = 'nightbell_producer'::regrole
                AND p.prosecdef$$,
              $$VALUES ('nightbell.schema_version()'), ('nightbell.remember_token(text)'), ('nightbell.whoami()'), ('nightbell.claims()'),
                ('nightbell.notify(uuid,uuid,text,text,text,jsonb,text,uuid,text[],text,timestamp with time zone,text)'),
                ('nightbell.announce(uuid,text,text,text,jsonb,text,uuid,text,timestamp with time zone,text)'),
                ('nightbell.notify_many(jsonb[])'), ('nightbell.produce_many(text,jsonb[])'),
                ('nightbell.broadcast(uuid,text,text,text,text,text,jsonb,text,uuid,text,timestamp with time zone)'),
                ('nightbell.raise_event(text,text,text,jsonb,uuid,uuid,text,text,timestamp with time zone)'),
                ('nightbell.settle_event(text,text,timestamp with time zone,text,uuid)'),
                ('nightbell.heartbeat(text,uuid,text,text,integer,text,text)'),
                ('nightbell.publish(uuid,text,text,jsonb,text,timestamp with time zone)'),
                ('nightbell.person_find(text,uuid)'), ('nightbell.ring()'), ('nightbell.bells()')$$,
              'a producer may call these definer functions and no others');
SELECT * FROM finish();
ROLLBACK;
