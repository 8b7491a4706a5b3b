import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { promisesOf, runReadmeSnippets, snippetsOf } from './readme-snippets.ts';

const packages = new URL('../packages/', import.meta.url);
const quantizers = readdirSync(new URL('quantizers/', packages)).map((name) => `quantizers/${name}`);

describe('READMEs', () => {
  for (const name of [
    ...'core images metrics models tokenizer codec backend-onnx weights/photo'.split(' '),
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
