/** The programs in the pages of the site run and print what they say, or say why not, and then compile. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from '../scripts/lib/run.mjs';
import { compileSnippets, promisesOf, runReadmeSnippets, snippetsOf } from './readme-snippets.ts';
import { lacksRedis, startRedis } from './redis.ts';
import { listPages } from './site/pages.ts';

/** Run by tests of their own, where their engines are. */
const elsewhere = ['packages/backend-tfjs/README.md', 'packages/backend-webgpu/README.md', 'docs/webgpu-kernels.md'];

const pages = listPages(root)
  .map(({ source }) => ({ source, snippets: snippetsOf(readFileSync(join(root, source), 'utf8')) }))
  .filter(({ snippets }) => snippets.length > 0);

describe('the programs in', async () => {
  const redis = lacksRedis() ? undefined : await startRedis();
  afterAll(() => redis?.stop());
  const run = pages.filter(
    ({ source, snippets }) => !elsewhere.includes(source) && snippets.some(({ isRun }) => isRun),
  );
  it.each(run)('$source run and print what they say', async ({ source }) => {
    const env: Record<string, string> = redis ? { REDIS_URL: redis.url } : {};
    expect(await runReadmeSnippets(pathToFileURL(join(root, source)), env)).toBeGreaterThan(0);
  });

  it('all pages are run, or say why not, and then compile', () => {
    const others = pages.flatMap(({ source, snippets }) =>
      snippets.filter(({ isRun, language }) => !isRun || language !== 'ts').map((snippet) => ({ source, ...snippet })),
    );
    expect(others.filter(({ language, reason }) => language !== 'ts' || reason === undefined)).toEqual([]);
    expect(others.length).toBeGreaterThan(0);
    expect(compileSnippets(others)).toBe('');
  });
});

it('finds programs in Markdown, why some are not run, and what they say that they print', () => {
  const code = "console.log(1); // → 1\nconsole.log('a'); // → a\n";
  const markdown = `text\n\n\`\`\`ts\n${code}\`\`\`\n\n\`\`\`sh\nnpm test\n\`\`\`\n\`\`\`ts no-run: needs CUDA\n1\n\`\`\`\n\`\`\`js no-run\n2\n\`\`\`\n`;
  expect(snippetsOf(markdown)).toEqual([
    { language: 'ts', code, reason: undefined, isRun: true },
    { language: 'ts', code: '1\n', reason: 'needs CUDA', isRun: false },
    { language: 'js', code: '2\n', reason: undefined, isRun: false },
  ]);
  expect(promisesOf(code)).toEqual(['1', 'a']);
});
