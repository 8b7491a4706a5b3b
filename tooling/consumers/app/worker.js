import { roundTrip } from './round-trip.js';

globalThis.onmessage = ({ data: name }) =>
  roundTrip(name).then(
    (result) => postMessage({ result }),
    (error) => postMessage({ error: `${error.stack}` }),
  );
