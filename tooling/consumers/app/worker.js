import { roundTrip } from './round-trip.js';

onmessage = ({ data: name }) =>
  roundTrip(name).then(
    (result) => postMessage({ result }),
    (error) => postMessage({ error: `${error.stack}` }),
  );
