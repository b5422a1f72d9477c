/*
 * groups.h - the command groups, one file each.
 */
#ifndef CLI_GROUPS_H
#define CLI_GROUPS_H

struct command_group;

extern const struct command_group announce_group;      /* produce.c */
extern const struct command_group broadcast_group;     /* broadcast.c */
extern const struct command_group channels_group;      /* channels.c */
extern const struct command_group completion_group;    /* completion.c */
extern const struct command_group db_group;            /* db.c */
extern const struct command_group deliveries_group;    /* deliveries.c */
extern const struct command_group demo_group;          /* demo.c */
extern const struct command_group events_group;        /* events.c */
extern const struct command_group export_group;        /* export.c */
extern const struct command_group gateway_group;       /* gateway.c */
extern const struct command_group hub_group;           /* hub.c */
extern const struct command_group inbox_group;         /* inbox.c */
extern const struct command_group key_group;           /* key.c */
extern const struct command_group local_group;         /* local.c */
extern const struct command_group notify_group;        /* produce.c */
extern const struct command_group publish_group;       /* publish.c */
extern const struct command_group raise_group;         /* produce.c */
extern const struct command_group event_types_group;   /* event_types.c */
extern const struct command_group heartbeat_group;     /* heartbeat.c */
extern const struct command_group heartbeats_group;    /* heartbeats.c */
extern const struct command_group windows_group;       /* windows.c */
extern const struct command_group settle_group;        /* settle.c */
extern const struct command_group templates_group;     /* templates.c */
extern const struct command_group token_group;         /* token.c */
extern const struct command_group types_group;         /* types.c */
extern const struct command_group whoami_group;        /* whoami.c */
extern const struct command_group prefs_group;         /* prefs.c */
extern const struct command_group why_group;           /* why.c */
extern const struct command_group watch_group;         /* watch.c */
extern const struct command_group receipts_group;      /* receipts.c */
extern const struct command_group rules_group;         /* rules.c */
extern const struct command_group users_group;         /* users.c */
extern const struct command_group groups_group;        /* users.c */
extern const struct command_group devices_group;       /* users.c */
extern const struct command_group endpoints_group;     /* endpoints.c */
extern const struct command_group addresses_group;     /* users.c */
extern const struct command_group stats_group;         /* stats.c */
extern const struct command_group worker_group;        /* worker.c */
extern const struct command_group apply_group;         /* apply.c */
extern const struct command_group export_config_group; /* apply.c */

#endif
