// install.mjs - makes what graphile-worker and pg-boss keep in a database, and a queue of the latter. DSN: a connection string.
import { runMigrations } from "graphile-worker";
import PgBoss from "pg-boss";

await runMigrations({ connectionString: process.env.DSN });
const boss = new PgBoss({ connectionString: process.env.DSN, supervise: false, schedule: false });
await boss.start();
await boss.createQueue("send", { name: "send", policy: "standard" });
await boss.stop({ graceful: false });
