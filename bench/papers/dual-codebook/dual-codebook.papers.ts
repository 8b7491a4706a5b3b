/** `npm run papers -- dual-codebook`: dual against single tables, and against two plain halves. */
import { paperCommand } from '../shared/run-paper.ts';
import { dualRows } from './rows.ts';

await paperCommand(
  { name: 'dual-codebook', title: 'Dual codebook', rows: dualRows, datasets: ['fashion-mnist', 'mnist'] },
  process.argv.slice(2),
);
