// Prints a Go file that says which type go-jsonschema makes of the schema of each
// message, and which keys that requires.
import { readFileSync, readdirSync } from 'node:fs';

const [, , folder] = process.argv;
const suffix = '.schema.json';
const messages = readdirSync(folder).filter((file) => file.endsWith(suffix)).map((file) => ({
	name: file.slice(0, -suffix.length),
	schema: JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')),
}));
const lines = (text) => messages.map(text).join('');
console.log(`package main

var types = map[string]func() any{
${lines(({ name, schema }) => `\t"${name}": func() any { return new(${schema.title}) },\n`)}}

var required = map[string][]string{
${lines(({ name, schema }) => `\t"${name}": {${schema.required.map((key) => `"${key}"`).join(', ')}},\n`)}}`);
