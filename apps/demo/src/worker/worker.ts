/** The worker in which everything is computed. */
import { expose } from 'comlink';
import { createEngine } from './engine.ts';
import { installTransferHandlers } from './transfer.ts';

installTransferHandlers();
expose(createEngine());
