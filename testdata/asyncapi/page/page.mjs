// Writes an AsyncAPI document as one HTML file, with the events listed by node
// and their examples open.

import { basename, dirname } from "node:path";
import Generator from "@asyncapi/generator";

const [document, page] = process.argv.slice(2);
const config = {
  expand: { messageExamples: true },
  sidebar: { showOperations: "byOperationsTags" },
};
const generator = new Generator("@asyncapi/html-template", dirname(page), {
  forceWrite: true,
  templateParams: { singleFile: "true", outFilename: basename(page), config: JSON.stringify(config) },
});
await generator.generateFromFile(document);
