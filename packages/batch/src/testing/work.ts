/** Work for tests: inputs are texts that say what is to happen to them. */
import { setTimeout } from 'node:timers/promises';
import { defineWork } from '../pool/work.ts';

export default defineWork<{ readonly slowMs?: number; readonly isBroken?: boolean }>(
  async ({ slowMs = 0, isBroken = false }) => {
    if (isBroken) throw Object.assign(new Error('no weights'), { code: 'WEIGHTS_UNUSABLE', fix: 'Install them' });
    return {
      run: async (bytes, item) => {
        const text = new TextDecoder().decode(bytes).trim();
        if (text === 'bad')
          throw Object.assign(new Error('no picture. Try another'), { code: 'BAD', fix: 'Try another' });
        if (text === 'poison') process.kill(process.pid, 'SIGKILL');
        if (text === 'endless') await setTimeout(2 ** 30);
        // Later inputs are done before earlier ones.
        await setTimeout(slowMs * (1 + (item.key.length % 3)));
        const upper = text.toUpperCase();
        const codes = Uint16Array.from(upper, (letter) => letter.charCodeAt(0));
        return { files: { txt: new TextEncoder().encode(upper) }, facts: { length: text.length }, lists: { codes } };
      },
    };
  },
);
