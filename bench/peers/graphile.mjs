// graphile.mjs COUNT - drains so many jobs with graphile-worker and its local queue, and prints how many a second. DSN: a connection string.
// The settings are those of the project's own measurement of throughput.
import { Logger, run } from "graphile-worker";

const wanted = Number(process.argv[2]);
let done = 0, begin, finish;
const all = new Promise((resolve) => (finish = resolve));
const runner = await run({
    connectionString: process.env.DSN,
    noHandleSignals: true,
    logger: new Logger(() => (level, message) => { if (level === "error") console.error(message); }),
    taskList: {
        send: () => {
            begin ??= process.hrtime.bigint();
            if (++done === wanted) finish();
        },
    },
    preset: { worker: { concurrentJobs: 24, maxPoolSize: 25, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
});
await all;
await runner.stop(); // what is not recorded yet is recorded
console.log((wanted * 1e9) / Number(process.hrtime.bigint() - begin));
