/** `npm run papers -- looc`: the tables of LooC and CVQ-VAE on MNIST and Fashion-MNIST, all rows under one protocol. */
import { paperCommand } from '../shared/run-paper.ts';
import { loocRows } from './rows.ts';

await paperCommand(
  { name: 'looc', title: 'LooC', rows: loocRows, datasets: ['fashion-mnist', 'mnist'] },
  process.argv.slice(2),
);
