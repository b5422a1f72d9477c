// template.cjs TEMPLATE CONTEXT - the same as template.c by mustache.js, which parses the template once too. Run in a folder
// where the package is. Prints "render_js b".
const { readFileSync } = require("node:fs");
const Mustache = require(require.resolve("mustache", { paths: [process.cwd()] }));
const template = readFileSync(process.argv[2], "utf8");
const context = JSON.parse(readFileSync(process.argv[3], "utf8"));

function rate(milliseconds) {
  const begin = performance.now();
  let count = 0, now;
  do {
    for (let i = 0; i < 200; i++) Mustache.render(template, context);
    count += 200;
    now = performance.now();
  } while (now - begin < milliseconds);
  return (count * 1e3) / (now - begin);
}
rate(300); // until it is compiled
console.log("render_js b", rate(300).toFixed(4));
