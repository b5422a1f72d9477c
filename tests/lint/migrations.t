#!/bin/bash
# A released migration never changes, not by a byte: the databases that have it know its checksum, and refuse another text.
. "${srcdir:-.}/tests/lint/lint.sh"

# When a migration is released, its line is added here.
released='
a7e7d63700a789348d7287ef28ad30fd4d6709781245839b09e8e8907fb36192 0001_tables.sql
ffad8bb81a5394b69f9bd6c41a2ac5430dab0d7046c33a9447f9ad630f12db1a 0002_types.sql
90b37e2fee690892b0f78a428814b8f0974e0d1484d746b8864a54e4f87a6d87 0003_expiry.sql
dcb2cec41c60bb2e1524aa61b575f2647e73bee19417f674e40a9bc284c97e0f 0004_verified_tokens.sql
c2e38069a37f57fce8f63c69fdb9c8521bb37acd25f8870c3b5504490571b450 0005_ringing.sql
9fd8f93202ef3f5e8344c0ade8ae91ea621e3f7c5441307bf3e79d206ddf528f 0006_type_schemas.sql
75561505a9a8d1689749d67435d4290a914c64dcc57962f90fd6d844f6a5a797 0007_archives.sql
594486e98ae0acd61b3caac201ac9080fdb0dbbfe6a2c2879d37f69f8eddf530 0008_rate_limit.sql
0d55851c8ddb413ff87441584b9dc30397b9ac937f082117b8bd53d76a5012ca 0009_nothing_told.sql
caf9d777793e7ffd36a9be974a43b5722cb44c2e5d26aa9516bb8b405cd923fa 0010_changed_indexes.sql
7ab58d605644371540a29b9fae6575c270920eee18c45348dc25c7b1a8c60f7f 0011_identity.sql
d42570898f11fe6a4715a6d5ffb904ddff2bff4e19bde5fd5873e38c49c0139b 0012_endings.sql
2403b4d06224a83d756194e8426c88a9a8acb16ed70acda70e7fc790098e7b0c 0013_redo.sql
1909a47a5483025dc4e78f432eab17ceb844fcd30a75a04fe11edb4b829aaa41 0014_engine.sql
05c83af163191d36b829db9c6bfb31e61bb1a79896c1efad7d26dcf65a469716 0015_templates.sql
3d903a4b58c45c8dd5c9c7aeeff5a7f0c6fb2167035a6206f072a75ae564d3c5 0016_episodes.sql
3f20e815562448319f4e51fe30559c0f33b48e4830dc1caee65f8e4ea646d935 0017_event_order.sql
f97d10cb230a7256dc385b96009a1cd0af25b93bdec77084a041e01f1eb81f8a 0018_rule_look_ups.sql
c95e47c6ea773f002a143f3022b6e099172ab42ef1f04a76c58e14a7e08a7a51 0019_windows.sql
9e3bfc614d0cb612f6c9382bd39f3945b48e8a83ea241c41487292fe4b490b93 0020_applied.sql
c569c1049cf8e6dfe37e4b53fec89359d1e4c2718c030467e055d16838234a18 0021_people.sql
0c63b17748b7352aee6628ca4173bc7fa73bcdb588f9464e0b4498fbb926994c 0022_preferences.sql
13cfa9c77a16d96e770c45065645827da8996f3504b905ca9ca3972ae453bf56 0023_changed_announcements.sql
73ad6b7b56f5cf4f00c95c24148b26375c325384ecb5174b7c8c7f1ef7775a6e 0024_note_times.sql
47e25a043f581fb41120c4b920004f19fb3b06faa1df6a4c81205eda9758f2ae 0025_outside_channels.sql
04d6e1a6bb7b7fa95f8b89acebacb848903a151fafe1a394dbb428c543a4273d 0026_applied_owners.sql
bd55d160ba7e43851ce68af4a60e9e61e421593e59d7fe37a411b940de7ff426 0027_unsubscribe.sql
'
changed() {
    local sum file
    while read -r sum file; do
        [ -z "$sum" ] || echo "$sum  core/sql/migrations/$file" | sha256sum --check --status || echo "core/sql/migrations/$file is not what was released"
    done <<<"$released"
}
nothing "every released migration is as it was" changed
twice() { (cd "$srcdir/core/sql/migrations" && printf '%s\n' *.sql | cut -c 1-4 | sort | uniq -d); }
nothing "no number is taken twice" twice
done_testing
