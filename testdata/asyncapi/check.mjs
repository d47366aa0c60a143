// Checks an AsyncAPI document as its readers would: the parser has neither an
// error nor a warning, and the examples are valid against the schemas of their
// messages, which notice it when an example is damaged.

import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { damages } from "./damages.mjs";

const text = await readFile(process.argv[2], "utf8");
const faults = await parse(text);
if (faults.length === 0) {
  faults.push(...validate(JSON.parse(text)));
}
faults.forEach((fault) => console.error(fault));
process.exitCode = faults.length > 0 ? 1 : 0;

async function parse(text) {
  const { diagnostics } = await new Parser().parse(text);
  const warning = 1; // an error is 0
  return diagnostics
    .filter(({ severity }) => severity <= warning)
    .map(({ code, path, message }) => `${path.join("/")}: ${message} (${code})`);
}

function validate(doc) {
  const faults = [];
  for (const [name, channel] of Object.entries(doc.channels)) {
    for (const { $ref } of Object.values(channel.messages)) {
      const message = doc.components.messages[$ref.split("/").pop()];
      const valid = validator(doc, message.payload);
      const [example] = message.examples ?? [];
      if (!example) {
        faults.push(`${name}: no example`);
      } else if (!valid(example.payload)) {
        faults.push(`${name}: the example is not valid: ${JSON.stringify(valid.errors)}`);
      } else {
        const unnoticed = damages(example.payload).filter(({ damaged }) => valid(damaged));
        faults.push(...unnoticed.map(({ what }) => `${name}: the schema does not notice that ${what}`));
      }
    }
  }
  return faults;
}

function validator(doc, schema) {
  const ajv = new Ajv({ strict: true, strictTypes: false });
  addFormats(ajv);
  ajv.addVocabulary(["components"]);
  return ajv.compile({ ...schema, components: doc.components });
}
