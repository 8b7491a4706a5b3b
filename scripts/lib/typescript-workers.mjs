/** Preloaded under vitest, which handles the main thread itself: worker threads that tests start may be TypeScript. */
import { isMainThread } from 'node:worker_threads';

if (!isMainThread) await import('./typescript.mjs');
