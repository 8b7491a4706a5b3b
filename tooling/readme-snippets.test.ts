import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { promisesOf, runReadmeSnippets, snippetsOf } from './readme-snippets.ts';

const packages = new URL('../packages/', import.meta.url);
const quantizers = readdirSync(new URL('quantizers/', packages)).map((name) => `quantizers/${name}`);

describe('documents', () => {
  const guides = readdirSync(new URL('../docs/guide/', import.meta.url)).map((file) => `guide/${file}`);
  for (const page of [...guides, 'tokens.md']) {
    it(`${page}: snippets run and print what they say`, async () => {
      expect(await runReadmeSnippets(new URL(`../docs/${page}`, import.meta.url))).toBeGreaterThan(0);
    });
  }
});

describe('READMEs', () => {
  for (const name of [
    ...'backend-onnx batch codec core images metrics models sr tokenizer training weights/photo'.split(' '),
    ...quantizers,
  ]) {
    const readme = new URL(`${name}/README.md`, packages);
    if (!existsSync(readme)) continue;
    it(`${name}: snippets run and print what they say`, async () => {
      expect(await runReadmeSnippets(readme)).toBeGreaterThan(0);
    });
  }
});

it('finds programs in Markdown, and what they say that they print', () => {
  const code = "console.log(1); // → 1\nconsole.log('a'); // → a\n";
  const markdown = `text\n\n\`\`\`ts\n${code}\`\`\`\n\n\`\`\`sh\nnpm test\n\`\`\`\n`;
  expect(snippetsOf(markdown)).toEqual([code]);
  expect(promisesOf(code)).toEqual(['1', 'a']);
});
