// pgboss.mjs COUNT - drains so many jobs with pg-boss, four fetchers side by side, and prints how many a second. DSN: a connection string.
import PgBoss from "pg-boss";

const wanted = Number(process.argv[2]), batch = 500;
const boss = new PgBoss({ connectionString: process.env.DSN, max: 4, supervise: false, schedule: false, migrate: false });
boss.on("error", (problem) => console.error(problem.message));
await boss.start();
let done = 0;
const begin = process.hrtime.bigint();
await Promise.all([1, 2, 3, 4].map(async () => {
    for (;;) {
        const jobs = await boss.fetch("send", { batchSize: batch });
        if (jobs.length === 0) return;
        await boss.complete("send", jobs.map((job) => job.id));
        done += jobs.length;
    }
}));
if (done !== wanted) console.error(`${done} of ${wanted}`);
console.log((done * 1e9) / Number(process.hrtime.bigint() - begin));
await boss.stop({ graceful: false });
