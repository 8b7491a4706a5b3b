/**
 * Preloaded with `--import`: lets Node run TypeScript sources through tsx, in worker threads too. tsx itself leaves
 * out workers on Node 20, where they do not share the loader of their parent.
 */
import { register } from 'tsx/esm/api';

register();
