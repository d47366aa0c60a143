// Opens the pages as their readers do, and says what is wrong with them.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import puppeteer from "puppeteer-core";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const shots = process.argv[2];
const faults = [];
const browser = await puppeteer.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });

// open opens a file; whatever goes wrong in it, at any time, is a fault.
async function open(name, { width = 1280, scheme = "light", motion = "reduce", scripts = true, at = "" } = {}) {
  const page = await browser.newPage();
  const fault = (what) => faults.push(`${name}${at}, ${width}, ${scheme}: ${what}`);
  page.on("console", (message) => fault(`console: ${message.text()}`));
  page.on("pageerror", (error) => fault(error.message));
  page.on("dialog", (dialog) => (fault(`a dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("request", (request) => request.url().endsWith(`/${name}.html${at}`) || request.url() === "data:," || fault(`it loads ${request.url()}`));
  await page.setViewport({ width, height: 800 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: motion }]);
  await page.setJavaScriptEnabled(scripts);
  await page.goto(`file://${process.cwd()}/${name}.html${at}`);
  return { page, fault };
}

// readable: nothing is wider than the screen, and nobody is kept from reading it.
async function readable(name, width, scheme) {
  const { page, fault } = await open(name, { width, scheme });
  if (shots) await page.screenshot({ path: `${shots}/${name}-${width}-${scheme}.png` });
  const colours = await page.evaluate(() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]);
  if ((scheme === "dark") !== /^rgb\(\d\d, /.test(colours[0])) fault(`the background is ${colours[0]}`);
  // Open are what is so at first, and an event of each kind; axe takes too long for all.
  await page.evaluate(() => {
    for (const kind of ["started", "completed", "failed", "changed", "recorded"]) document.querySelector(`.event:has(summary .${kind})`).open = true;
  });
  if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) fault("it is wider than the screen");
  if (name === "run") {
    await page.evaluate(`${axe}; 0`);
    const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
    for (const { id, impact, nodes } of violations) fault(`axe: ${impact}: ${id}: ${nodes.length} times, as in ${nodes[0].html.slice(0, 200)}`);
  }
  await page.close();
}

// linked: every id is there once, and every link leads to one that can then be seen.
async function linked(name) {
  const { page, fault } = await open(name);
  const { ids, targets } = await page.evaluate(() => ({
    ids: [...document.querySelectorAll("[id]")].map((e) => e.id),
    targets: [...document.querySelectorAll("a[href], use")].map((e) => e.getAttribute("href")),
  }));
  const known = new Set(ids);
  if (known.size !== ids.length) fault("an id is there twice");
  for (const to of new Set(targets)) if (to.startsWith("#") ? !known.has(to.slice(1)) : !/^https?:/.test(to)) fault(`${to} leads nowhere`);
  const events = [...new Set(targets)].filter((to) => to.startsWith("#event-"));
  if (events.length < 10) fault(`links lead to ${events.length} events`);
  await page.type("#search", "nothing of this");
  for (const to of events.slice(0, 5)) {
    // Also an event that the search has hidden.
    await page.evaluate((to) => document.querySelector(`#picture a[href="${to}"]`).dispatchEvent(new MouseEvent("click", { bubbles: true })), to);
    await page.waitForFunction((id) => document.getElementById(id).open && document.activeElement.parentElement.id === id, { timeout: 5000 }, to.slice(1)).catch(() => fault(`${to} is not opened`));
    const top = await page.evaluate((id) => document.getElementById(id).getBoundingClientRect().top, to.slice(1));
    if (top < 40 || top > 780) fault(`${to} is not on the screen, but at ${top}`);
  }
  await page.close();
  const direct = await open(name, { at: events[3] });
  if (!(await direct.page.evaluate((id) => document.getElementById(id).open, events[3].slice(1)))) direct.fault("it does not open the event that it was opened at");
  await direct.page.close();
}

// searched: the words are looked for everywhere in an event and its node.
async function searched(name, words) {
  const { page, fault } = await open(name);
  for (const [query, want] of Object.entries(words)) {
    await page.evaluate(() => (document.querySelector("#search").value = ""));
    await page.type("#search", query);
    const seen = await page.evaluate(() => ({
      events: [...document.querySelectorAll(".event > summary .find")].filter((e) => e.checkVisibility()).map((e) => e.textContent),
      nodes: [...document.querySelectorAll(".node h3")].filter((e) => e.checkVisibility()).length,
      services: [...document.querySelectorAll(".service h2")].filter((e) => e.checkVisibility()).length,
      links: [...document.querySelectorAll("nav li li")].filter((e) => e.checkVisibility()).length,
      count: document.querySelector("#count").textContent,
    }));
    const got = `${seen.events.length} events, ${seen.nodes} nodes, ${seen.services} services, as ${seen.events[0]}`;
    if (got !== want) fault(`${query} finds ${got}; want ${want}`);
    if (seen.links !== seen.nodes) fault(`${query}: ${seen.links} links to ${seen.nodes} nodes`);
    if (!seen.count.startsWith(`${seen.events.length} of `)) fault(`${query} says ${seen.count}`);
    if (shots && query === Object.keys(words)[0]) await page.screenshot({ path: `${shots}/${name}-search.png` });
  }
  await page.evaluate(() => (document.querySelector("#search").value = ""));
  await page.type("#search", "started");
  await page.keyboard.press("Enter");
  if (!(await page.evaluate(() => document.activeElement.matches(".event > summary")))) fault("Enter does not lead from the search to an event");
  await page.keyboard.press("Enter");
  if (!(await page.evaluate(() => document.activeElement.parentElement.open))) fault("Enter does not open an event");
  await page.close();
}

// exemplary: each example is valid against the schema of its topic.
async function exemplary(name, schemas) {
  const { page, fault } = await open(name);
  const events = await page.evaluate(() => [...document.querySelectorAll(".event")].map((event) => ({
    topics: [...event.querySelectorAll("dl .find")].map((e) => e.textContent).filter((text) => /\.v\d+$/.test(text)),
    examples: [...event.querySelectorAll("figure pre")].map((e) => e.textContent),
  })));
  const ajv = addFormats(new Ajv({ strict: true, strictTypes: false }));
  ajv.addKeyword("x-generated-by");
  const valid = new Map();
  for (const { topics, examples } of events) {
    if (topics.length !== 2 || examples.length !== 2) fault(`${topics[0]} has ${topics.length} topics and ${examples.length} examples`);
    for (const [i, topic] of topics.entries()) {
      const message = topic.replace(/^(\{namespace\}|onex\.evt)\./, "").replace(/\.v1$/, "");
      if (!valid.has(message)) valid.set(message, ajv.compile(JSON.parse(await readFile(`${schemas}/${message}.schema.json`, "utf8"))));
      if (!valid.get(message)(JSON.parse(examples[i]))) fault(`${topic}: the example is not valid: ${JSON.stringify(valid.get(message).errors)}`);
    }
  }
  if (valid.size < 20) fault(`${valid.size} topics`);
  await page.close();
}

// everywhere: on paper, without scripts, with the keyboard alone, at rest.
async function everywhere(name) {
  const paper = await open(name);
  await paper.page.emulateMediaType("print");
  const printed = await paper.page.evaluate(() => [document.querySelector(".event pre"), document.querySelector("#search"), document.querySelector("nav")].map((e) => e.getBoundingClientRect().height > 0));
  if (`${printed}` !== "true,false,false") paper.fault(`an example, the search and the index are printed: ${printed}`);
  await paper.page.close();

  const plain = await open(name, { scripts: false });
  const shown = await plain.page.evaluate(() => [document.querySelector("#search"), document.querySelector(".event summary"), document.querySelector("nav a"), document.querySelector(".picture")].map((e) => e.checkVisibility()));
  if (`${shown}` !== "false,true,true,true") plain.fault(`without scripts there are a search, events, an index and a picture: ${shown}`);
  await plain.page.close();

  for (const [motion, want] of [["reduce", "auto"], ["no-preference", "smooth"]]) {
    const { page, fault } = await open(name, { motion });
    const got = await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior);
    if (got !== want) fault(`with motion ${motion} it scrolls ${got}`);
    await page.close();
  }

  const mouse = await open(name);
  await (await mouse.page.$(".box:has([href='#node-Digester'])")).hover();
  const lit = await mouse.page.evaluate(() => [...document.querySelectorAll(".arrow.lit")].map((e) => e.textContent));
  if (`${lit}` !== "stamp of Stamper has caused digest of Digester twice") mouse.fault(`at Digester these arrows stand out: ${lit}`);
  await mouse.page.close();

  const keys = await open(name);
  const reached = [];
  for (let i = 0; i < 4; i++) {
    await keys.page.keyboard.press("Tab");
    reached.push(await keys.page.evaluate(() => document.activeElement.id || document.activeElement.textContent));
  }
  if (reached[0] !== "Skip to the events" || reached[1] !== "search") keys.fault(`Tab leads to ${reached.join(", ")}`);
  await keys.page.close();
}

for (const name of ["run", "many"]) {
  for (const scheme of ["light", "dark"]) for (const width of [1280, 360]) await readable(name, width, scheme);
  await linked(name);
}
await readable("example", 360, "light");
await everywhere("run");
await exemplary("example", "example");
await exemplary("many", "many");
await searched("run", {
  "stamp.failed": "1 events, 1 nodes, 1 services, as effect.stamp.failed",
  "onex.evt.tally": "4 events, 1 nodes, 1 services, as reducer.aggregation.started",
  "ORCHESTRATOR  changed": "1 events, 1 nodes, 1 services, as orchestrator.state.changed",
  "input_summary.text": "1 events, 1 nodes, 1 services, as effect.stamp.started",
  "document tamp.sta": "1 events, 1 nodes, 1 services, as effect.stamp.started",
  "publishdigest": "3 events, 1 nodes, 1 services, as compute.digest.started",
  "nosuchthing": "0 events, 0 nodes, 0 services, as undefined",
});
await searched("many", { "take_7 completed": "1 events, 1 nodes, 1 services, as effect.take_7.completed" });

const { page, fault } = await open("many");
if ((await page.$$("img, b, main script")).length > 0) fault("text from source is markup");
if (!(await page.evaluate(() => document.querySelector(".doc").textContent)).includes("<img src=x onerror=alert(1)> “and“ </script><script>alert(1)</script>")) fault("a comment cannot be read");
await browser.close();

faults.forEach((fault) => console.error(fault));
console.log(`page: ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
