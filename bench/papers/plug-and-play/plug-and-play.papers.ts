/**
 * `npm run papers -- plug-and-play`: which quantizer suits the codec. The photo tokenizer, small, with every quantizer at equal bits a position,
 * trained alike and measured by the files that it makes. Runs lie in `out/papers/plug-and-play`, and the same command goes on with
 * them, also after a kill; rows that are finished are written to `bench/papers/plug-and-play/results`.
 */
import { tokenizerCommand } from '../shared/tokenizer-command.ts';
import { plugPage } from './pages.ts';
import { plugRows } from './rows.ts';
import { plugRecipes } from './run.ts';

await tokenizerCommand(
  {
    paper: 'plug-and-play',
    rows: plugRows,
    groups: '11, 22 (bits a position)',
    steps: 3000,
    page: plugPage,
    recipes: plugRecipes,
  },
  process.argv.slice(2),
);
