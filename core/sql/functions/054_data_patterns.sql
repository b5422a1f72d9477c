-- Patterns and formats of text in data schemas. JSON Schema's patterns are those of ECMA 262 (with the flag u),
-- PostgreSQL has AREs. So patterns are translated; one without an equivalent is refused when the type is registered.

-- Text for an error message: reduced to printable ASCII, and shortened.
CREATE OR REPLACE FUNCTION nightbell.plain_text(value text, most int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT coalesce(string_agg(CASE WHEN ascii(t.c) BETWEEN 32 AND 126 THEN t.c
                                    WHEN ascii(t.c) < 65536 THEN '\u' || lpad(to_hex(ascii(t.c)), 4, '0')
                                    ELSE '\u{' || to_hex(ascii(t.c)) || '}' END, '' ORDER BY t.n), '')
           || CASE WHEN char_length(value) > most THEN '...' ELSE '' END
    FROM regexp_split_to_table(left(value, most), '') WITH ORDINALITY AS t (c, n)
$$;

-- Translates an escape of a pattern, inside or outside brackets; NULL: it has no equivalent.
CREATE OR REPLACE FUNCTION nightbell.pattern_escape(token text, in_brackets boolean) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    word CONSTANT text := '[A-Za-z0-9_]';
    letter CONSTANT text := substr(token, 2, 1);
    code bigint;
    members text := CASE letter
        WHEN 'd' THEN '0-9'
        WHEN 'D' THEN '\u0001-\u002f\u003a-\U0010ffff'
        WHEN 'w' THEN 'A-Za-z0-9_'
        WHEN 'W' THEN '\u0001-\u002f\u003a-\u0040\u005b-\u005e\u0060\u007b-\U0010ffff'
        WHEN 's' THEN '\u0009-\u000d\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'
        WHEN 'S' THEN '\u0001-\u0008\u000e-\u001f\u0021-\u009f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e'
            '\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\U0010ffff' END;
BEGIN
    IF char_length(token) = 2 THEN
        IF members IS NOT NULL THEN
            RETURN CASE WHEN in_brackets THEN members ELSE '[' || members || ']' END;
        ELSIF letter = 'b' AND NOT in_brackets THEN
            RETURN format('(?:(?<=%1$s)(?!%1$s)|(?<!%1$s)(?=%1$s))', word);
        ELSIF letter = 'B' AND NOT in_brackets THEN
            RETURN format('(?:(?<=%1$s)(?=%1$s)|(?<!%1$s)(?!%1$s))', word);
        ELSIF letter = '_' THEN
            RETURN letter;
        ELSIF letter !~ '^[!-~]$' OR letter ~ '^[A-Za-z0-9]$' AND letter !~ '^[tnvfrb]$' THEN
            RETURN NULL;
        END IF;
        code := CASE letter WHEN 'b' THEN 8 WHEN 't' THEN 9 WHEN 'n' THEN 10 WHEN 'v' THEN 11 WHEN 'f' THEN 12 WHEN 'r' THEN 13
                ELSE ascii(letter) END;
    ELSIF letter = 'c' THEN
        code := ascii(substr(token, 3)) & 31;
    ELSIF token ~ '^\\u.{4}\\u' THEN
        code := 65536 + ((('x' || substr(token, 3, 4))::bit(16)::int & 1023) << 10)
                + (('x' || substr(token, 9, 4))::bit(16)::int & 1023);
    ELSE
        code := ('x' || lpad(btrim(substr(token, 3), '{}'), 8, '0'))::bit(32)::bigint;
    END IF;
    IF code NOT BETWEEN 1 AND 1114111 OR code BETWEEN 55296 AND 57343 THEN
        RETURN NULL;
    END IF;
    RETURN '\U' || lpad(to_hex(code), 8, '0');
END
$$;

-- Translates the members of a bracket expression: a dash between two characters makes a range, any other is a dash.
CREATE OR REPLACE FUNCTION nightbell.pattern_brackets(items text[], are_characters boolean[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    text text := '';
    i int := 1;
BEGIN
    WHILE i <= cardinality(items) LOOP
        IF are_characters[i] AND items[i + 1] = '-' AND are_characters[i + 2] THEN
            text := text || CASE items[i] WHEN '-' THEN '\-' ELSE items[i] END || '-'
                    || CASE items[i + 2] WHEN '-' THEN '\-' ELSE items[i + 2] END;
            i := i + 3;
        ELSE
            text := text || CASE items[i] WHEN '-' THEN '\-' ELSE items[i] END;
            i := i + 1;
        END IF;
    END LOOP;
    RETURN text;
END
$$;

-- The ARE equivalent to an ECMA 262 pattern, or what is wrong with the pattern.
CREATE OR REPLACE FUNCTION nightbell.pattern_regex(pattern text, OUT regex text, OUT problem text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    token text;
    part text;
    repeatable boolean := false; -- a quantifier may follow the last token
    repeated boolean := false;   -- the last token is a quantifier
    brackets text;               -- the start of the open bracket expression; NULL: none is open
    items text[];
    are_characters boolean[];
BEGIN
    IF pattern ~ '^\^?(([A-Za-z0-9_/: -]|\[([A-Za-z0-9_ ]|[A-Za-z0-9]-[A-Za-z0-9])+\])([*+?]|\{[0-9]{1,2}(,[0-9]{0,2})?\})?)*\$?$' THEN
        regex := pattern; -- the same in both
        RETURN;
    END IF;
    regex := '';
    FOR token IN
        SELECT m.t[1] FROM regexp_matches(pattern,
            '(\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,8}\}|\\x[0-9A-Fa-f]{2}'
            '|\\c[A-Za-z]|\\[^uxc]|\(\?(?::|=|!|<=|<!|<[A-Za-z_][A-Za-z0-9_]*>)|\(\?|\[\^|\{[0-9]+(?:,[0-9]*)?\}|.)', 'g') AS m (t)
    LOOP
        IF token ~ '^\\' THEN
            part := CASE WHEN char_length(token) > 1 THEN nightbell.pattern_escape(token, brackets IS NOT NULL) END;
            IF part IS NULL THEN
                problem := format('has "%s", which is not supported', nightbell.plain_text(token, 12));
                RETURN;
            ELSIF brackets IS NOT NULL THEN
                items := items || part;
                are_characters := are_characters || (token !~ '^\\[dDwWsS]');
                CONTINUE;
            END IF;
        ELSIF brackets IS NOT NULL AND token = ']' THEN
            part := CASE WHEN items <> '{}' THEN brackets || nightbell.pattern_brackets(items, are_characters) || ']'
                         WHEN brackets = '[^' THEN '[\u0001-\U0010ffff]' END;
            brackets := NULL;
            IF part IS NULL THEN
                problem := 'has an empty "[]", which nothing matches';
                RETURN;
            END IF;
        ELSIF brackets IS NOT NULL THEN
            -- inside brackets, a token of several characters is just these characters
            items := items || ARRAY(SELECT CASE WHEN c ~ '^[^A-Za-z0-9_ -]$' AND ascii(c) < 127 THEN '\' || c ELSE c END
                                    FROM regexp_split_to_table(token, '') AS c);
            are_characters := are_characters || array_fill(true, ARRAY[char_length(token)]);
            CONTINUE;
        ELSIF token IN ('[', '[^') THEN
            brackets := token;
            items := '{}';
            are_characters := '{}';
            CONTINUE;
        ELSIF token IN ('*', '+', '?') OR token ~ '^\{.+\}$' THEN
            IF repeated AND token = '?' THEN
                repeated := false; -- a lazy quantifier matches the same texts
                CONTINUE;
            ELSIF NOT repeatable THEN
                problem := format('has nothing to repeat before %s', token);
                RETURN;
            ELSIF token ~ '[0-9]{4}' OR (regexp_match(token, '([0-9]+)[^0-9]*\}$'))[1]::int > 255 THEN
                problem := format('has the repetition %s; at most 255 are supported', nightbell.plain_text(token, 12));
                RETURN;
            END IF;
            regex := regex || token;
            repeatable := false;
            repeated := true;
            CONTINUE;
        ELSE
            part := CASE
                WHEN token = '.' THEN '[^\u000a\u000d\u2028\u2029]'
                WHEN token = '(' OR token ~ '^\(\?<[A-Za-z_]' THEN '(?:'
                WHEN token ~ '^\(\?.' OR token IN (')', '|', '^', '$') OR token ~ '^[A-Za-z0-9_ ]$' OR ascii(token) > 126 THEN token
                WHEN token <> '(?' THEN '\' || token END;
            IF part IS NULL THEN
                problem := 'has "(?", which begins nothing that ECMA 262 knows';
                RETURN;
            END IF;
        END IF;
        regex := regex || part;
        repeatable := token !~ '^(\(|[|^$]$)';
        repeated := false;
    END LOOP;
    IF brackets IS NOT NULL THEN
        problem := 'has a "[" that is not closed';
    END IF;
END
$$;

-- RFC 4291: eight groups of hex digits, "::" for one or more groups of zeros, an IPv4 address allowed for the last two.
CREATE OR REPLACE FUNCTION nightbell.is_ipv6(value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT value ~ '^[0-9A-Fa-f:]*(:((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\.(?!$)|$)){4})?$' AND value !~ ':::' AND value !~ '::.*::'
        AND value !~ '^:[^:]' AND value !~ '[^:]:$' AND value !~ '[0-9A-Fa-f]{5}'
        AND CASE WHEN value ~ '::' THEN t.groups <= 7 ELSE t.groups = 8 END
    FROM (SELECT count(*) FROM regexp_split_to_table(regexp_replace(value, '([0-9]+\.){3}[0-9]+$', '0:0'), ':') AS g
          WHERE g <> '') AS t (groups)
$$;

CREATE OR REPLACE FUNCTION nightbell.is_date(value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    year int;
BEGIN
    IF value !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' THEN
        RETURN false;
    END IF;
    year := left(value, 4)::int;
    RETURN substr(value, 9)::int <= CASE substr(value, 6, 2)
        WHEN '02' THEN CASE WHEN year % 4 = 0 AND (year % 100 <> 0 OR year % 400 = 0) THEN 29 ELSE 28 END
        WHEN '04' THEN 30 WHEN '06' THEN 30 WHEN '09' THEN 30 WHEN '11' THEN 30 ELSE 31 END;
END
$$;

-- RFC 3339; second 60 only where a leap second is possible: at the end of a UTC day.
CREATE OR REPLACE FUNCTION nightbell.is_date_time(value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    m text[] := regexp_match(value, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(?:\.[0-9]+)?'
                                    '(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))$');
    ahead int;
BEGIN
    IF m IS NULL OR NOT nightbell.is_date(m[1]) THEN
        RETURN false;
    ELSIF m[4] <> '60' THEN
        RETURN true;
    END IF;
    ahead := coalesce((m[5] || '1')::int * (m[6]::int * 60 + m[7]::int), 0);
    RETURN (m[2]::int * 60 + m[3]::int - ahead + 1440) % 1440 = 1439;
END
$$;

-- Whether a text conforms to a format; NULL: unknown format.
CREATE OR REPLACE FUNCTION nightbell.fits_format(format text, value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    label CONSTANT text := '[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?';
    octet CONSTANT text := '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])';
    atom CONSTANT text := '[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+';
    literal text;
BEGIN
    CASE format
    WHEN 'uuid' THEN
        RETURN value ~ '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$';
    WHEN 'date' THEN
        RETURN nightbell.is_date(value);
    WHEN 'date-time' THEN
        RETURN nightbell.is_date_time(value);
    WHEN 'email' THEN -- RFC 5321's Mailbox
        literal := substring(value FROM '@\[IPv6:([^]]*)\]$');
        RETURN value ~ ('^(' || atom || '(\.' || atom || ')*|"([ !#-\[\]-~]|\\[ -~])*")@(' || label || '(\.' || label || ')*'
                        '|\[' || octet || '(\.' || octet || '){3}\]|\[IPv6:[0-9A-Fa-f:.]+\])$')
            AND (literal IS NULL OR nightbell.is_ipv6(literal));
    WHEN 'uri' THEN -- RFC 3986, with a scheme
        literal := substring(value FROM '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^]/?#@[]*@)?\[([^]]*)\]');
        RETURN value ~ ('^[A-Za-z][A-Za-z0-9+.-]*:'
                '(//(([A-Za-z0-9._~!$&''()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?'
                '(\[[0-9A-Fa-f:.]+\]|\[[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&''()*+,;=:-]+\]|([A-Za-z0-9._~!$&''()*+,;=-]|%[0-9A-Fa-f]{2})*)'
                '(:[0-9]*)?(/([A-Za-z0-9._~!$&''()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?'
                '|(?!//)([A-Za-z0-9._~!$&''()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)'
                '(\?([A-Za-z0-9._~!$&''()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?(#([A-Za-z0-9._~!$&''()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?$')
            AND (literal IS NULL OR literal ~ '^[vV]' OR nightbell.is_ipv6(literal));
    ELSE
        RETURN NULL;
    END CASE;
END
$$;
