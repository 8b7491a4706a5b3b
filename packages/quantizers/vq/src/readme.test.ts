import { expect, it } from 'vitest';
import { runReadmeSnippets } from '../../../../tooling/readme-snippets.ts';

it('has a README whose snippets run', async () => {
  expect(await runReadmeSnippets(new URL('../README.md', import.meta.url))).toBeGreaterThan(0);
});
