/** `npm run papers -- looc`: the tables of LooC and CVQ-VAE on MNIST, Fashion-MNIST and CIFAR-10, all rows under one protocol. */
import { paperCommand } from '../shared/run-paper.ts';
import { loocRows } from './rows.ts';
import { loocSharing, loocTables } from './tables.ts';

await paperCommand(
  {
    name: 'looc',
    title: 'LooC',
    rows: loocRows,
    tables: loocTables,
    sharing: loocSharing,
    datasets: ['fashion-mnist', 'mnist', 'cifar-10'],
  },
  process.argv.slice(2),
);
