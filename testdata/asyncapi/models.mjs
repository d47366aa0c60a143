// Writes what modelina makes of an AsyncAPI document, for each language into a
// folder of its own. A model without a name of its own is a mistake.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { GoGenerator, JavaGenerator, PythonGenerator, TypeScriptGenerator } from "@asyncapi/modelina";

const [, , document, out] = process.argv;
const languages = {
  go: { generator: new GoGenerator(), options: { packageName: "models" }, end: "go" },
  typescript: { generator: new TypeScriptGenerator(), options: { exportType: "named" }, end: "ts" },
  python: { generator: new PythonGenerator(), options: { packageName: "models" }, end: "py" },
  java: { generator: new JavaGenerator(), options: { packageName: "models" }, end: "java" },
};
for (const [language, { generator, options, end }] of Object.entries(languages)) {
  const models = await generator.generateCompleteModels(JSON.parse(await readFile(document, "utf8")), options);
  await mkdir(`${out}/${language}`, { recursive: true });
  for (const { modelName, result } of models) {
    if (/anonymous/i.test(modelName + result)) {
      console.error(`${language}: ${modelName} has a part without a name`);
      process.exitCode = 1;
    }
    await writeFile(`${out}/${language}/${modelName}.${end}`, result);
  }
  console.log(`${language}: ${models.length} models`);
}
