/**
 * `npm run papers -- photo-ideas`: what each idea for a better photo tokenizer gains, at equal steps, on photos held out. Runs lie in
 * `out/papers/photo-ideas`, and the same command goes on with them, also after a kill; rows that are finished are written to
 * `bench/papers/photo-ideas/results`.
 */
import { tokenizerCommand } from '../shared/tokenizer-command.ts';
import { ideasPage } from './pages.ts';
import { ideaRows } from './rows.ts';
import { ideaRecipes } from './run.ts';

await tokenizerCommand(
  {
    paper: 'photo-ideas',
    rows: ideaRows,
    groups: 'stage-1, decoder',
    steps: 2000,
    batches: ', a multiple of 3',
    page: ideasPage,
    recipes: ideaRecipes,
  },
  process.argv.slice(2),
);
