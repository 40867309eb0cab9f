// Imports all of Kaa's generated validators and prints how many milliseconds that took.
const [, , ...urls] = process.argv;
const start = performance.now();
const modules = await Promise.all(urls.map((url) => import(url)));
console.log(performance.now() - start);
if (modules.flatMap((module) => Object.values(module)).length < 15) throw new Error("validators are missing");
