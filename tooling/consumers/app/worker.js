import { serveCodec } from '@vqkit/codec/worker';
import { openCodec } from './round-trip.js';

// the page says first on which backend
const name = new Promise((told) => addEventListener('message', ({ data }) => typeof data === 'string' && told(data)));
serveCodec(async () => openCodec(await name));
